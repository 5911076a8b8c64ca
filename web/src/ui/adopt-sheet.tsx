import { useState } from 'preact/hooks';
import { api } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { useResource } from '../resource';
import type { UnknownDevice } from '../shapes';
import { equipmentList, metrics, sites } from '../sources';
import { Sheet, SheetActions } from './sheet';

interface AdoptSheetProps {
  readonly device: UnknownDevice;
  readonly close: () => void;
  /** Called with the number of messages that are stored after all. */
  readonly done: (replayed: number) => void;
}

/** Say what an unknown device is: what it belongs to, its code and name, and which of its values are what. */
export function AdoptSheet({ device, close, done }: AdoptSheetProps) {
  const { text, locale, say } = useLanguage();
  const places = useResource(sites);
  const equipment = useResource(equipmentList);
  const known = useResource(metrics);
  const [belongsTo, setBelongsTo] = useState('');
  const [code, setCode] = useState(codeOf(device.device));
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>(Object.fromEntries(device.keys.map((key) => [key.key, key.metric ?? ''])));
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const site = places.data?.find((each) => each.code === device.site);
  const offered = (equipment.data ?? []).filter((each) => site === undefined || each.site_id === site.id);
  const owner = offered.find((each) => String(each.id) === belongsTo);
  const points = Object.entries(chosen).flatMap(([key, metric]) => (metric === '' ? [] : [{ key, metric }]));
  const told = code.trim() !== '' && name.trim() !== '' && points.length > 0;

  async function send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (owner === undefined || !told || sending) return;
    setSending(true);
    setFailure(null);
    try {
      const adopted = await api.adopt(device.id, {
        site_id: owner.site_id, equipment_id: owner.id, code: code.trim(), name: { [locale]: name.trim() }, points,
      });
      done(adopted.replayed);
    } catch (error) {
      setFailure(failureOf(error));
      setSending(false);
    }
  }

  return (
    <Sheet title={`${text.ingest.adopt}${text.colon}${device.device}`} close={close}>
      <form onSubmit={(event) => void send(event)} noValidate>
        <label class="field">
          <span>{text.ingest.equipment}</span>
          <select value={belongsTo} onChange={(event) => setBelongsTo(event.currentTarget.value)}>
            <option value="">{text.ingest.choose}</option>
            {offered.map((each) => (
              <option key={each.id} value={String(each.id)}>
                {say(each.name)} · {say(each.place)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{text.ingest.name}</span>
          <input name="name" value={name} maxLength={200} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>
            {text.ingest.code} <span class="minor">{text.ingest.codeHint}</span>
          </span>
          <input name="code" value={code} maxLength={64} autocapitalize="none" onInput={(event) => setCode(event.currentTarget.value)} />
        </label>
        <fieldset class="plain-fieldset">
          <legend>{text.ingest.values}</legend>
          {device.keys.map(({ key, value, unit }) => (
            <label key={key} class="field">
              <span>
                {key}{' '}
                <span class="minor">
                  {value.toLocaleString(locale)} {unit}
                </span>
              </span>
              <select value={chosen[key]} onChange={(event) => setChosen({ ...chosen, [key]: event.currentTarget.value })}>
                <option value="">{text.ingest.leaveOut}</option>
                {(known.data ?? []).map((metric) => (
                  <option key={metric.code} value={metric.code}>
                    {say(metric.name)}
                  </option>
                ))}
              </select>
            </label>
          ))}
        </fieldset>
        {tried && (owner === undefined || !told) && (
          <p class="fault" role="alert">
            {text.ingest.needed}
          </p>
        )}
        {failure !== null && (
          <p class="fault" role="alert">
            {explain(failure, text)}
          </p>
        )}
        <SheetActions action={sending ? text.ingest.adopting : text.ingest.adopt} close={close} disabled={sending} />
      </form>
    </Sheet>
  );
}

/** A code that may be one of ours, made of the name under which the device was heard. */
export function codeOf(heard: string): string {
  return heard
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}
