import { useState } from 'preact/hooks';
import { api, BASE } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { amend, useResource } from '../resource';
import type { Equipment, ReportPlace } from '../shapes';
import * as sources from '../sources';
import { Section } from './pane';

/** The QR codes by which residents report what is wrong at this equipment: made once, printed as often as needed. */
export function ResidentLabels({ equipment }: { readonly equipment: Equipment }) {
  const { text, say, locale } = useLanguage();
  const source = sources.reportPlaces(equipment.site_id);
  const labels = useResource(source);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const inUse = (labels.data ?? []).filter((each) => each.url !== null);
  const here = inUse.filter((each) => each.equipment_id === equipment.id);

  async function make(): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      const made = await api.makeReportPlace(equipment.id, equipment.name);
      amend<ReportPlace[]>(source.name, (data) => [...data, made]);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Section title={text.tickets.residentLabels} aside={here.length > 0 ? here.length : undefined}>
      <p class="minor">{text.tickets.residentLabelsNone}</p>
      {here.length > 0 && (
        <ul class="rows">
          {here.map((each) => (
            <li key={each.id} class="plain-row">
              <a href={each.url ?? ''} target="_blank" rel="noopener">
                {say(each.name)}
              </a>
            </li>
          ))}
        </ul>
      )}
      <div class="actions">
        {here.length === 0 && (
          <button type="button" class="button" disabled={busy || labels.data === undefined} onClick={() => void make()}>
            {text.tickets.makeLabel}
          </button>
        )}
        {inUse.length > 0 && (
          <a class="button" href={`${BASE}/report-places/labels.pdf?site=${equipment.site_id}&locale=${locale}`} target="_blank" rel="noopener">
            {text.tickets.printLabels}
          </a>
        )}
      </div>
      {failure !== null && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
    </Section>
  );
}
