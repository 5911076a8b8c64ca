import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { nearPlace } from '../alarm';
import { now } from '../clock';
import { decided, entered, faults, formOf, judge, measuredWith, type Values } from '../fire';
import { useLanguage } from '../language';
import { enqueue, findWaiting, type KeptFile, type KeptPhoto, type Waiting } from '../outbox';
import { useResource } from '../resource';
import { navigate, place } from '../route';
import { newId } from '../queue';
import { session } from '../session';
import type { Check, CheckForm, Instrument, RoundPiece, Signature } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { dayIn, momentOf, wallMinute } from '../time';
import { dictionaries } from '../text';
import { CheckFields } from '../ui/check-fields';
import { FileStrip } from '../ui/file-strip';
import { InstrumentFields, isWhole, noInstrument } from '../ui/instrument-fields';
import { Pane, Section } from '../ui/pane';
import { PhotoStrip } from '../ui/photo-strip';
import { lastSigner, rememberSigner, SignatureFields } from '../ui/signature-fields';
import { Empty, SkeletonPage } from '../ui/states';
import { PassedWord } from '../ui/verdicts';

const LATE_MS = 24 * 3_600_000;

/** Opens the form of a piece of equipment: from what is kept on this phone, so that it works without a network. */
export function CheckFormScreen({ id, code }: { readonly id: number; readonly code: string }) {
  const { text, say } = useLanguage();
  const { query } = useStore(place);
  const sites = useResource(sources.roundSites);
  const forms = useResource(sources.checkForms);
  const form = forms.data?.value.find((each) => each.code === code);
  const corrects = Number(query.get('corrects')) || null;
  const old = useResource(corrects === null ? null : sources.check(corrects));
  const draft = query.get('kept');
  const [unsent, setUnsent] = useState<Waiting | null | undefined>(draft === null ? null : undefined);
  useEffect(() => {
    if (draft !== null) void findWaiting(draft).then((found) => setUnsent(found ?? null));
  }, [draft]);
  const found = useKnownPiece(id, (sites.data?.value ?? []).map((each) => each.id));
  const ready = form !== undefined && found !== null && unsent !== undefined && (corrects === null || old.data !== undefined);
  const failed = forms.failure !== undefined || sites.failure !== undefined || (forms.data !== undefined && form === undefined) || found === undefined;

  return ready && found !== undefined ? (
    <Filling key={unsent?.body.client_id ?? code} form={formOf(form, found.piece.subtype)} piece={found.piece} siteId={found.siteId} old={old.data ?? null} unsent={unsent} />
  ) : (
    <Pane name={`check/${id}/${code}`} title={form === undefined ? text.check.title : say(form.name)} backTo="/round">
      {failed ? <Empty title={text.check.noForm} /> : <SkeletonPage />}
    </Pane>
  );
}

/** The piece among the rounds of all sites: null while they are read, undefined where none has it. */
function useKnownPiece(id: number, siteIds: readonly number[]): { readonly piece: RoundPiece; readonly siteId: number } | null | undefined {
  const [at, setAt] = useState(0);
  const siteId = siteIds[at];
  const round = useResource(siteId === undefined ? null : sources.round(siteId));
  const piece = round.data?.value.equipment.find((each) => each.id === id);
  const absent = siteId !== undefined && piece === undefined && (round.data !== undefined || round.failure !== undefined);
  useEffect(() => {
    if (absent && at + 1 < siteIds.length) setAt(at + 1);
  }, [absent, at, siteIds.length]);
  if (piece !== undefined && siteId !== undefined) return { piece, siteId };
  return absent && at + 1 >= siteIds.length ? undefined : null;
}

interface FillingProps {
  readonly form: CheckForm;
  readonly piece: RoundPiece;
  readonly siteId: number;
  /** What is corrected. */
  readonly old: Check | null;
  /** What was filled in before and the server did not take. */
  readonly unsent: Waiting | null;
}

function Filling({ form, piece, siteId, old, unsent }: FillingProps) {
  const { text, locale, say } = useLanguage();
  const state = useStore(session);
  const person = state.phase === 'in' ? state.person : null;
  const before = unsent?.body ?? old;
  const [values, setValues] = useState<Values>(before?.values ?? first(form, piece));
  const [signatures, setSignatures] = useState<readonly Signature[]>(
    () => before?.signatures ?? Array.from({ length: form.signatures }, (_, index) => (index === 0 ? lastSigner(person?.name ?? '') : { name: '', certificate_no: '' })),
  );
  const [instrument, setInstrument] = useState<Instrument>(before?.instrument ?? noInstrument);
  const [remarks, setRemarks] = useState(before?.remarks ?? '');
  const [photos, setPhotos] = useState<readonly KeptPhoto[]>(unsent?.photos ?? []);
  const [files, setFiles] = useState<readonly KeptFile[]>(unsent?.files ?? []);
  const zone = sources.zoneOf(siteId);
  const [earlier, setEarlier] = useState<string | null>(before === null ? null : wallMinute(Date.parse(before.performed_at), zone));
  const [reason, setReason] = useState(unsent?.body.reason ?? '');
  const [tried, setTried] = useState(false);
  const [saving, setSaving] = useState(false);
  const [noRoom, setNoRoom] = useState(false);
  const body = useRef<HTMLFormElement>(null);

  const [purpose = 'check', needed = 0] = Object.entries(form.photos)[0] ?? [];
  const judged = useMemo(() => judge(form, values), [form, values]);
  const expired = isWhole(instrument) && instrument.calibrated_until < dayIn(now(), zone);
  const passed = expired ? false : decided(judged);
  const at = earlier === null ? now() : momentOf(earlier, zone);
  const late = now() - at > LATE_MS;
  const needsReason = late || old !== null || (unsent?.body.corrects ?? null) !== null;

  const wrong = new Set<string>(faults(form, values).keys());
  const missingPhotos = Object.entries(form.photos).filter(([purpose, count]) => photos.filter((each) => each.purpose === purpose).length < count);
  if (missingPhotos.length > 0) wrong.add('photos');
  if (signatures.some((each) => each.name.trim() === '' || each.certificate_no.trim() === '')) wrong.add('signatures');
  const certificates = new Set(signatures.map((each) => each.certificate_no.normalize('NFKC').toLowerCase().replace(/\s/g, '')));
  const same = certificates.size < signatures.length;
  if (same) wrong.add('signatures');
  const needsInstrument = measuredWith(form, values);
  if (!isWhole(instrument) && (needsInstrument || Object.values(instrument).some((each) => each !== ''))) wrong.add('instrument');
  if (needsReason && reason.trim() === '') wrong.add('reason');
  if (!(at <= now() + 60_000)) wrong.add('when');

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (wrong.size > 0 || saving || person === null) {
      requestAnimationFrame(() => body.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    setSaving(true);
    rememberSigner(signatures[0]!);
    try {
      await enqueue({
        person_id: person.id,
        site_id: siteId,
        equipment_code: piece.code,
        form_name: form.name,
        body: {
          client_id: unsent?.body.client_id ?? newId(),
          equipment_id: piece.id,
          form: form.code,
          performed_at: old !== null && earlier === wallMinute(Date.parse(old.performed_at), zone) ? old.performed_at : new Date(at).toISOString(),
          values: entered(form, values),
          signatures: signatures.map((each) => ({ name: each.name.trim(), certificate_no: each.certificate_no.trim() })),
          instrument: isWhole(instrument) ? instrument : null,
          remarks: remarks.trim() || null,
          corrects: old?.id ?? unsent?.body.corrects ?? null,
          reason: needsReason ? reason.trim() : null,
        },
        photos,
        files,
        refused: null,
        late_reason: dictionaries[locale].check.waitedReason,
      });
      // To the round, where it stands as waiting and then as sent; not back to a form that would be filled in twice.
      navigate('/round', 'replace');
    } catch {
      setNoRoom(true); // the phone keeps nothing more
      setSaving(false);
    }
  }

  return (
    <Pane
      name={`check/${piece.id}/${form.code}`}
      title={say(form.name)}
      under={
        <span class="minor">
          {nearPlace(say(piece.place))} · {say(piece.name)} · {piece.code}
        </span>
      }
      backTo="/round"
      action={
        <>
          {tried && wrong.size > 0 && (
            <p class="fault" role="alert">
              {text.check.faultsAbove(wrong.size)}
            </p>
          )}
          {noRoom && (
            <p class="fault" role="alert">
              {text.check.notKept}
            </p>
          )}
          <button type="submit" form="check" class="button large primary" disabled={saving}>
            {saving ? text.check.saving : passed === false ? text.check.saveFailed : text.check.save}
          </button>
        </>
      }
    >
      <form id="check" class="check-form" ref={body} onSubmit={(event) => void save(event)} noValidate>
        {old !== null && <p class="note strong">{text.check.correcting(old.id)}</p>}
        <CheckFields form={form} values={values} judged={judged} tried={tried} set={(name, value) => setValues({ ...values, [name]: value })} />

        {form.sheet === 'test' && <InstrumentFields instrument={instrument} required={needsInstrument} expired={expired} wrong={tried && wrong.has('instrument')} set={setInstrument} />}

        <PhotoStrip purpose={purpose} needed={needed} photos={photos} wrong={tried && wrong.has('photos')} set={setPhotos} />

        <FileStrip files={files} set={setFiles} />

        <Section title={text.check.signatures}>
          <SignatureFields signatures={signatures} tried={tried} same={same} set={setSignatures} />
        </Section>

        <label class="field">
          <span>
            {text.check.remarks} <small>{text.check.optional}</small>
          </span>
          <textarea rows={2} maxLength={2000} value={remarks} onInput={(event) => setRemarks(event.currentTarget.value)} />
        </label>

        <Section title={text.check.when}>
          {earlier === null ? (
            <div class="when">
              <span>{text.check.whenNow}</span>
              <button type="button" class="button quiet" onClick={() => setEarlier(wallMinute(now(), zone))}>
                {text.check.whenEarlier}
              </button>
            </div>
          ) : (
            <label class="field">
              <span class="sr-only">{text.check.whenLabel}</span>
              <input type="datetime-local" value={earlier} max={wallMinute(now(), zone)} aria-invalid={tried && wrong.has('when')} onInput={(event) => setEarlier(event.currentTarget.value)} />
            </label>
          )}
          {wrong.has('when') && <p class="fault">{text.check.whenFuture}</p>}
          {needsReason && (
            <label class="field">
              <span>{text.check.reason}</span>
              <textarea rows={2} maxLength={2000} value={reason} aria-invalid={tried && wrong.has('reason')} onInput={(event) => setReason(event.currentTarget.value)} />
              <span class="minor">{late ? text.check.reasonLate : text.check.reasonCorrects}</span>
            </label>
          )}
        </Section>
        {passed !== null && (
          <p class="form-verdict">
            <PassedWord passed={passed} />
          </p>
        )}
      </form>
    </Pane>
  );
}

/** What an extinguisher is checked by: its gauge where it has one. */
function first(form: CheckForm, piece: RoundPiece): Values {
  const method = form.fields.find((field) => field.name === 'method' && field.options?.['weigh'] !== undefined);
  return method === undefined || piece.subtype === null ? {} : { method: method.options?.['gauge'] === undefined ? 'weigh' : 'gauge' };
}
