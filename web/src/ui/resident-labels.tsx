import { useState } from 'preact/hooks';
import { api, BASE } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { amend, useResource } from '../resource';
import type { Equipment, ReportPlace } from '../shapes';
import * as sources from '../sources';
import { Section } from './pane';
import { Sheet, SheetActions } from './sheet';

/** The QR codes by which residents report what is wrong at this equipment: made once, printed as often as needed. */
export function ResidentLabels({ equipment }: { readonly equipment: Equipment }) {
  const { text, say, locale } = useLanguage();
  const source = sources.reportPlaces(equipment.site_id);
  const labels = useResource(source);
  const [busy, setBusy] = useState(false);
  const [ending, setEnding] = useState<ReportPlace | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const inUse = (labels.data ?? []).filter((each) => each.url !== null);
  const here = inUse.filter((each) => each.equipment_id === equipment.id);

  async function act(step: () => Promise<void>): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      await step();
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(false);
    }
  }

  async function make(): Promise<void> {
    const made = await api.makeReportPlace(equipment.id, equipment.name);
    amend<ReportPlace[]>(source.name, (data) => [...data, made]);
  }

  async function revoke(place: ReportPlace): Promise<void> {
    const revoked = await api.revokeReportPlace(place.id);
    amend<ReportPlace[]>(source.name, (data) => data.map((each) => (each.id === revoked.id ? revoked : each)));
    setEnding(null);
  }

  return (
    <Section title={text.tickets.residentLabels} aside={here.length > 0 ? here.length : undefined}>
      <p class="minor">{text.tickets.residentLabelsNone}</p>
      {here.length > 0 && (
        <ul class="rows">
          {here.map((each) => (
            <li key={each.id} class="plain-row">
              <strong>{say(each.name)}</strong>
              <div class="actions">
                <a class="button" href={each.url ?? ''} target="_blank" rel="noopener">
                  {text.tickets.openLabel}
                </a>
                <button type="button" class="button" disabled={busy} onClick={() => setEnding(each)}>
                  {text.tickets.revokeLabel}
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <div class="actions">
        {here.length === 0 && (
          <button type="button" class="button" disabled={busy || labels.data === undefined} onClick={() => void act(make)}>
            {text.tickets.makeLabel}
          </button>
        )}
        {inUse.length > 0 && (
          <a class="button" href={`${BASE}/report-places/labels.pdf?site=${equipment.site_id}&locale=${locale}`} target="_blank" rel="noopener">
            {text.tickets.printLabels}
          </a>
        )}
      </div>
      {failure !== null && ending === null && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
      {ending !== null && (
        <Sheet title={text.tickets.revokeLabelTitle(say(ending.name))} close={() => setEnding(null)}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void act(() => revoke(ending));
            }}
          >
            <p>{text.tickets.revokeLabelMore}</p>
            {failure !== null && (
              <p class="fault" role="alert">
                {explain(failure, text)}
              </p>
            )}
            <SheetActions action={text.tickets.revokeLabel} close={() => setEnding(null)} disabled={busy} />
          </form>
        </Sheet>
      )}
    </Section>
  );
}
