import { useEffect, useState } from 'preact/hooks';
import { nearPlace } from '../alarm';
import { api, BASE } from '../api';
import { useLanguage } from '../language';
import { choose } from '../preferences';
import { explain } from '../problem';
import { useResource, type Source } from '../resource';
import { place } from '../route';
import type { Check, Inspection, MatrixCell, TechnicalFile } from '../shapes';
import { useStore } from '../store';
import { dayIn, fullTime } from '../time';
import { CheckEntry } from '../ui/check-entry';
import { Section } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { Sheet } from '../ui/sheet';
import { SkeletonPage } from '../ui/states';
import { TechnicalRow } from '../ui/technical-row';
import { PassedWord } from '../ui/verdicts';

const sheets = ['matrix', 'patrol', 'test', 'repair', 'upkeep'] as const;
/** The order in which a cell says what there is: what an inspector looks for comes first. */
const order = ['missed', 'failed', 'overdue', 'late', 'waived', 'impaired', 'due', 'done', 'planned'] as const;

interface Opened {
  readonly title: string;
  readonly checks: readonly number[];
}

/** What an inspector's link opens: whether everything was done first, then down to the entry and its photos. */
export function InspectionScreen({ token }: { readonly token: string }) {
  const { text, locale, say } = useLanguage();
  const source: Source<Inspection> = { name: `inspection/${token}`, load: (signal) => api.inspection(token, signal) };
  const { data, failure, reload } = useResource(source);
  const [opened, setOpened] = useState<Opened | null>(null);
  const base = `${BASE}/inspection/${encodeURIComponent(token)}`;
  const refused = failure?.kind === 'refused' && (failure.status === 401 || failure.status === 404 || failure.status === 422);
  useEffect(() => {
    document.title = `${text.inspection.title} · ${text.app.name}`;
  }, [text]);

  if (data === undefined) {
    return (
      <main id="main" class="alone inspection">
        {failure === undefined ? (
          <div role="status">
            <p class="loading-words">{text.inspection.loading}</p>
            <SkeletonPage />
          </div>
        ) : (
          <div class="blank" role="alert">
            <h1>{refused ? text.inspection.refused : text.states.failed}</h1>
            <p>{refused ? text.inspection.refusedMore : explain(failure, text)}</p>
            {!refused && (
              <button type="button" class="button" onClick={reload}>
                {text.states.retry}
              </button>
            )}
          </div>
        )}
      </main>
    );
  }
  return (
    <main id="main" class="inspection">
      <header class="inspection-head">
        <div>
          <h1>{say(data.name)}</h1>
          <p>
            {text.inspection.period(data.first, data.last)} <span class="minor">{text.inspection.readOnly}</span>
          </p>
        </div>
        <Segmented
          label={text.me.language}
          name="language"
          value={locale}
          options={[
            { value: 'zh-CN', label: '中文' },
            { value: 'en', label: 'EN' },
          ]}
          choose={(value) => choose({ locale: value })}
        />
      </header>
      <Printed token={token} zone={data.timezone} />
      <Total cell={data.total} />
      <Matrix data={data} open={setOpened} />
      <Waivers data={data} />
      <TechnicalFiles token={token} base={base} />
      <div class="inspection-foot">
        <Section title={text.inspection.sheets}>
          <ul class="sheet-list">
            {sheets.map((sheet) => (
              <li key={sheet}>
                <span>{text.inspection.sheet[sheet]}</span>
                <a class="button" href={`${base}/sheets/${sheet}.pdf?locale=${locale}`} target="_blank" rel="noopener">
                  PDF
                </a>
                <a class="button" href={`${base}/sheets/${sheet}.xlsx?locale=${locale}`}>
                  XLSX
                </a>
              </li>
            ))}
          </ul>
          <a class="button large" href={`${base}/bundle.zip`}>
            {text.inspection.bundle}
          </a>
          <p class="minor">{text.inspection.bundleMore}</p>
        </Section>
        <Section title={text.inspection.chain} aside={text.inspection.chainPosition(data.chain_position)}>
          <code class="hash">{data.chain_head}</code>
          <p class="minor">{text.inspection.key}</p>
          <code class="hash">{data.key}</code>
        </Section>
      </div>
      {opened !== null && (
        <Sheet title={opened.title} close={() => setOpened(null)}>
          <CheckList token={token} ids={opened.checks} base={base} zone={data.timezone} />
          <button type="button" class="button large" onClick={() => setOpened(null)}>
            {text.inspection.back}
          </button>
        </Sheet>
      )}
    </main>
  );
}

/** Where one came by the code on a printed page: whether what it names as the head of the chain stands in the ledger. */
function Printed({ token, zone }: { readonly token: string; readonly zone: string }) {
  const head = /^(\d{1,15})-([0-9a-f]{16})$/.exec(useStore(place).query.get('head') ?? '');
  return head === null ? null : <Compared token={token} zone={zone} position={Number(head[1])} printed={head[2]!} />;
}

function Compared({ token, zone, position, printed }: { readonly token: string; readonly zone: string; readonly position: number; readonly printed: string }) {
  const { text, locale } = useLanguage();
  const { data, failure } = useResource({ name: `inspection/${token}/entries/${position}`, load: (signal) => api.inspectedEntry(token, position, signal) });
  if (failure !== undefined && !(failure.kind === 'refused' && failure.status === 404)) return <p class="note">{explain(failure, text)}</p>;
  if (data === undefined && failure === undefined) return <p role="status">{text.states.loading}</p>;
  const holds = data?.hash.startsWith(printed) === true;
  return (
    <p class={holds ? 'note' : 'note fault strong'} role="status">
      {holds ? `✓ ${text.inspection.printedHolds(position, fullTime(Date.parse(data.at), locale, zone, 'short'))}` : `✕ ${text.inspection.printedFails(position)}`}
    </p>
  );
}

/** The papers of the site and its equipment, of whatever time: they are kept for ever. */
function TechnicalFiles({ token, base }: { readonly token: string; readonly base: string }) {
  const { text } = useLanguage();
  const { data } = useResource<readonly TechnicalFile[]>({ name: `inspection/${token}/technical-files`, load: (signal) => api.inspectedTechnicalFiles(token, signal) });
  if (data === undefined || data.length === 0) return null;
  return (
    <Section title={text.technical.title} aside={data.length}>
      <ul class="rows">
        {data.map((file) => (
          <TechnicalRow
            key={file.id}
            file={file}
            photo={photosBelow(`${base}/technical-files/${file.id}`)}
            at={(sha256) => `${base}/technical-files/${file.id}/files/${sha256}`}
          />
        ))}
      </ul>
    </Section>
  );
}

/** Where the photos of a record lie that an inspector's link shows. */
const photosBelow = (record: string) => (sha256: string) => ({ small: `${record}/photos/${sha256}/preview`, whole: `${record}/photos/${sha256}` });

function Total({ cell }: { readonly cell: MatrixCell }) {
  const { text } = useLanguage();
  return (
    <dl class="totals" aria-label={text.inspection.total}>
      {(['done', 'late', 'missed', 'overdue', 'failed', 'waived', 'impaired'] as const).map((state) => (
        <div key={state} class={isBad(state) && cell[state] > 0 ? 'is-bad' : ''}>
          <dt>{text.inspection.state[state]}</dt>
          <dd>{cell[state]}</dd>
        </div>
      ))}
    </dl>
  );
}

const isBad = (state: string): boolean => state === 'missed' || state === 'overdue' || state === 'failed';

function Matrix({ data, open }: { readonly data: Inspection; readonly open: (opened: Opened) => void }) {
  const { text, say } = useLanguage();
  const [onlyOpen, setOnlyOpen] = useState(false);
  const rows = data.rows.filter((row) => !onlyOpen || Object.values(row.cells).some((cell) => cell.missed + cell.overdue + cell.failed > 0));
  return (
    <Section title={text.inspection.matrix} aside={rows.length}>
      {data.rows.length === 0 ? (
        <p>{text.inspection.emptyMatrix}</p>
      ) : (
        <>
          <p class="minor">{text.inspection.matrixMore}</p>
          <label class="check">
            <input type="checkbox" checked={onlyOpen} onChange={(event) => setOnlyOpen(event.currentTarget.checked)} />
            <span>{text.inspection.onlyOpen}</span>
          </label>
          <div class="matrix" tabIndex={0} role="region" aria-label={text.inspection.matrix}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{text.inspection.equipment}</th>
                  {data.months.map((month) => (
                    <th key={month} scope="col">
                      {month}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.equipment.id}>
                    <th scope="row">
                      {say(row.equipment.name)}
                      <span class="minor">
                        {row.equipment.code} · {nearPlace(say(row.place))}
                      </span>
                    </th>
                    {data.months.map((month) => (
                      <td key={month}>
                        <Cell
                          cell={row.cells[month]}
                          open={(checks) => open({ title: `${say(row.equipment.name)} · ${month}`, checks })}
                        />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Section>
  );
}

/** Why what was not done need not be made up for, and who said so. */
function Waivers({ data }: { readonly data: Inspection }) {
  const { text, say, locale } = useLanguage();
  if (data.waivers.length === 0) return null;
  return (
    <Section title={text.inspection.waivers} aside={data.total.waived}>
      <ul class="rows">
        {data.waivers.map((each) => (
          <li key={`${each.at} ${each.last} ${say(each.duty)}`} class="waiver">
            <strong>{say(each.duty)}</strong> {each.equipment.join(', ')}
            <p>{each.reason}</p>
            <p class="minor">{text.inspection.waiver(each.last, each.by, fullTime(Date.parse(each.at), locale, data.timezone, 'short'))}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Cell({ cell, open }: { readonly cell: MatrixCell | undefined; readonly open: (checks: readonly number[]) => void }) {
  const { text } = useLanguage();
  if (cell === undefined) return null;
  const words = order.filter((state) => cell[state] > 0).map((state) => (
    <span key={state} class={isBad(state) ? 'is-bad' : state}>
      {isBad(state) ? '✕ ' : state === 'done' ? '✓ ' : state === 'late' ? '△ ' : ''}
      {text.inspection.state[state]} {cell[state]}
    </span>
  ));
  if (cell.checks.length === 0) return <div class="cell">{words}</div>;
  return (
    <button type="button" class="cell" onClick={() => open(cell.checks)}>
      {words}
    </button>
  );
}

function CheckList({ token, ids, base, zone }: { readonly token: string; readonly ids: readonly number[]; readonly base: string; readonly zone: string }) {
  const { text } = useLanguage();
  const source: Source<Check[]> = { name: `inspection/${token}/${ids.join(',')}`, load: (signal) => Promise.all(ids.map((id) => api.inspectedCheck(token, id, signal))) };
  const { data, failure } = useResource(source);
  const [chosen, setChosen] = useState<number | null>(ids.length === 1 ? (ids[0] ?? null) : null);
  if (failure !== undefined) return <p class="fault">{explain(failure, text)}</p>;
  if (data === undefined) return <p role="status">{text.states.loading}</p>;
  return (
    <ul class="rows">
      {data.map((check) => (
        <li key={check.id} class="inspected">
          <Head check={check} zone={zone} opened={check.id === chosen} toggle={() => setChosen(check.id === chosen ? null : check.id)} />
          {check.id === chosen && (
            <CheckEntry
              check={check}
              zone={zone}
              photo={photosBelow(`${base}/checks/${check.id}`)}
              file={(sha256) => `${base}/checks/${check.id}/files/${sha256}`}
              linked={false}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function Head({ check, zone, opened, toggle }: { readonly check: Check; readonly zone: string; readonly opened: boolean; readonly toggle: () => void }) {
  const { text, say } = useLanguage();
  return (
    <button type="button" class="inspected-head" aria-expanded={opened} onClick={toggle}>
      <strong>{say(check.form_name)}</strong>
      <PassedWord passed={check.passed} />
      <span class="minor">
        {text.check.entry(check.id)} · {dayIn(Date.parse(check.performed_at), zone)}
        {check.late_entry && ` · ${text.check.lateEntry}`}
        {check.photos.length > 0 && ` · ${text.check.photos} ${check.photos.length}`}
        {check.files.length > 0 && ` · ${text.files.title} ${check.files.length}`}
      </span>
    </button>
  );
}
