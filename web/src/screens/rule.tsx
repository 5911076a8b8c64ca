import { useState } from 'preact/hooks';
import { api } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { basisMark, unitOf } from '../quantity';
import { touch, useResource } from '../resource';
import { displayOf, documentOf, draftOf, fieldsOf, isShipped, secondsOf, type Draft } from '../rule';
import { may, session } from '../session';
import type { Display, Preview, Rule } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { shortDuration } from '../time';
import { MomentButton } from '../ui/moment';
import { NoteSheet } from '../ui/note-sheet';
import { Pane, Section } from '../ui/pane';
import { PreviewView } from '../ui/rule-preview';
import { RuleWords } from '../ui/rule-words';
import { SeverityWord } from '../ui/severity';
import { Listing, SkeletonPage, SkeletonRows } from '../ui/states';

/** A rule: what it looks for, what is to be done, what a change would have changed, and who changed it when and why. */
export function RuleScreen({ id }: { readonly id: number }) {
  const { text, say } = useLanguage();
  const rule = useResource(sources.rule(id));
  const metrics = useResource(sources.metrics);
  const metric = metrics.data?.find((each) => each.code === rule.data?.scope.metric);
  return (
    <Pane
      name={`rule/${id}`}
      title={rule.data === undefined ? text.rules.title : say(rule.data.name)}
      under={rule.data !== undefined && <span class="minor">{`${rule.data.code} · ${text.rules.version(rule.data.version)}`}</span>}
      backTo="/rules"
    >
      <Listing of={rule} loading={text.states.loading} skeleton={<SkeletonPage />}>
        {(data) => (
          <div class="alarm-page">
            <Facts rule={data} />
            {metric !== undefined && <Change key={data.version} rule={data} display={displayOf(metric)} />}
            <History rule={data} />
          </div>
        )}
      </Listing>
    </Pane>
  );
}

function Facts({ rule }: { readonly rule: Rule }) {
  const { text, say } = useLanguage();
  const kinds = useResource(sources.kinds);
  const sites = useResource(sources.sites);
  const { equipment_kind: kind, site_id: site, point_id: point } = rule.scope;
  const where = [
    site === null ? text.rules.allSites : say(sites.data?.find((each) => each.id === site)?.name ?? ''),
    kind === null ? text.rules.anyKind : say(kinds.data?.find((each) => each.code === kind)?.name ?? kind),
    point === null ? '' : text.rules.onePoint,
  ];
  return (
    <>
      <div class={`alarm-what ${rule.enabled ? rule.severity : ''}`}>
        <p class="alarm-what-top">
          <SeverityWord severity={rule.severity} />
          {rule.life_safety && <span class="tag">{text.now.lifeSafety}</span>}
          {!rule.enabled && <span class="tag">{text.rules.off}</span>}
          {rule.enabled && rule.shadow && <span class="tag">{text.quiet.short.shadow}</span>}
        </p>
        <p class="alarm-sentence">
          <RuleWords rule={rule} />
        </p>
        <p class="minor">{where.filter((part) => part !== '').join(' · ')}</p>
        {rule.basis !== null && <p class="minor">{`${text.alarm.basis}${text.colon}${text.source(rule.basis.source)} (${basisMark(rule.basis, text)})`}</p>}
      </div>
      <Section title={text.alarm.respond}>
        <p class="alarm-response">{say(rule.response)}</p>
        {rule.respond_within_s !== null && <p class="minor">{text.rules.respondWithin(shortDuration(rule.respond_within_s * 1000, text))}</p>}
      </Section>
    </>
  );
}

/** Numbers are changed here; the change is tried on the last week before it is made. */
function Change({ rule, display }: { readonly rule: Rule; readonly display: Display }) {
  const { text } = useLanguage();
  const allowed = may(useStore(session), 'write:rules');
  const before = draftOf(rule, display.display_scale);
  const [draft, setDraft] = useState<Draft>(before);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [working, setWorking] = useState<'trying' | 'saving' | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [signing, setSigning] = useState(false);
  if (!allowed) return null;
  const document = documentOf(rule, draft, display.display_scale);
  const changed = JSON.stringify(draft) !== JSON.stringify(before);
  const put = (name: string, value: string): void => {
    setDraft({ ...draft, [name]: value });
    setPreview(null);
  };

  return (
    <Section title={text.rules.change}>
      <div class="rule-fields">
        {fieldsOf(rule).map((field) => (
          <label key={field.name} class="field">
            <span>
              {text.rules.field[field.name] ?? field.name} <span class="minor">{field.scaled === true ? unitOf(display, text) : field.name.endsWith('_s') ? secondsOf(draft[field.name], text) : ''}</span>
            </span>
            <input type="text" inputMode="decimal" value={draft[field.name]} aria-invalid={Number.isNaN(Number(draft[field.name]))} onInput={(event) => put(field.name, event.currentTarget.value)} />
          </label>
        ))}
      </div>
      <label class="check">
        <input type="checkbox" checked={draft.enabled === 'true'} onChange={(event) => put('enabled', String(event.currentTarget.checked))} />
        <span>{text.rules.enabled}</span>
      </label>
      <label class="check">
        <input type="checkbox" checked={draft.shadow === 'true'} onChange={(event) => put('shadow', String(event.currentTarget.checked))} />
        <span>{text.rules.shadow}</span>
      </label>
      {document === null && <p class="fault">{text.rules.noNumber}</p>}
      {failure !== null && !signing && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
      <div class="actions">
        <button type="button" class={`button large ${preview === null ? 'primary' : ''}`} disabled={document === null || working !== null} onClick={() => void attempt()}>
          {working === 'trying' ? text.rules.trying : text.rules.preview}
        </button>
        {changed && (
          <button type="button" class={`button large ${preview === null ? '' : 'primary'}`} disabled={document === null || working !== null} onClick={() => setSigning(true)}>
            {text.rules.save}
          </button>
        )}
      </div>
      {preview !== null && <PreviewView preview={preview} rule={rule} document={document} />}
      {signing && (
        <NoteSheet
          title={text.rules.saveTitle}
          label={text.rules.reason}
          hint={text.rules.reasonHint}
          action={text.rules.save}
          sending={working === 'saving'}
          failure={failure}
          close={() => {
            setSigning(false);
            setFailure(null);
          }}
          submit={(reason) => void save(reason)}
        />
      )}
    </Section>
  );

  async function attempt(): Promise<void> {
    setWorking('trying');
    setFailure(null);
    try {
      setPreview(await api.previewRule(rule.id, document));
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setWorking(null);
    }
  }

  async function save(reason: string): Promise<void> {
    setWorking('saving');
    setFailure(null);
    try {
      await api.changeRule(rule.id, rule.version, { ...document, reason });
      for (const name of [`rules/${rule.id}`, `rules/${rule.id}/versions`, 'rules']) touch(name);
      setSigning(false);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setWorking(null);
    }
  }
}

function History({ rule }: { readonly rule: Rule }) {
  const { text } = useLanguage();
  const versions = useResource(sources.ruleVersions(rule.id));
  return (
    <Section title={text.rules.history}>
      <Listing of={versions} loading={text.states.loading} skeleton={<SkeletonRows count={2} />}>
        {(data) => (
          <ol class="ledger">
            {data.map((each) => (
              <li key={each.version}>
                <MomentButton at={each.changed_at} siteId={null} />
                <div>
                  <span class="ledger-kind">{text.rules.version(each.version)}</span> {!isShipped(each) && <span class="minor">{each.changed_by}</span>}
                  <p class="ledger-remark">{isShipped(each) ? text.rules.shipped : each.reason}</p>
                </div>
              </li>
            ))}
          </ol>
        )}
      </Listing>
    </Section>
  );
}
