import { useState } from 'preact/hooks';
import { BASE } from '../api';
import { useLanguage } from '../language';
import { currenciesOf, money, moneyWords } from '../part';
import { useResource } from '../resource';
import type { Budget, BudgetItem, BudgetQuarter } from '../shapes';
import * as sources from '../sources';
import { dayWord } from '../time';
import { BudgetChart } from '../ui/budget-chart';
import { Link } from '../ui/link';
import { Pane, Section } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { Empty, Listing, SkeletonPage } from '../ui/states';

const POSTPONED = [0, 3, 6, 12, 24] as const;

/** What parts will cost by quarter, three years ahead, and what if they were postponed or at other prices. */
export function BudgetScreen() {
  const { text } = useLanguage();
  const stands = useResource(sources.budget);
  const [months, setMonths] = useState(0);
  const [written, setWritten] = useState('');
  const percent = Math.round(Number(written.replace('−', '-').replace(',', '.')) * 100) / 100; // an empty field is 0
  const wrong = !(percent >= -100 && percent <= 1000);
  const asks = !wrong && (months !== 0 || percent !== 0);
  const changed = useResource(asks ? sources.whatIf(months, percent) : null);
  return (
    <Pane name="budget" title={text.budget.title} under={<span class="minor">{text.budget.what}</span>} backTo="/me" broad>
      <Listing
        of={stands}
        loading={text.budget.loading}
        skeleton={<SkeletonPage />}
        isEmpty={(data) => data.unknown.length === 0 && data.quarters.every((each) => each.items.length === 0)}
        empty={<Empty>{text.budget.empty}</Empty>}
      >
        {(data) => (
          <div class="budget">
            <Figures stands={data} shown={asks ? (changed.data ?? data) : data} asks={asks && changed.data !== undefined} />
            <Section title={text.budget.ask}>
              <div class="budget-ask">
                <label class="field">
                  <span>{text.budget.postpone}</span>
                  <select value={months} onChange={(event) => setMonths(Number(event.currentTarget.value))}>
                    {POSTPONED.map((each) => (
                      <option key={each} value={each}>
                        {text.budget.months(each)}
                      </option>
                    ))}
                  </select>
                </label>
                <label class="field">
                  <span>{text.budget.price}</span>
                  <input inputMode="decimal" value={written} placeholder="0" aria-invalid={wrong} onInput={(event) => setWritten(event.currentTarget.value)} />
                </label>
              </div>
              {wrong && (
                <p class="fault" role="alert">
                  {text.budget.priceWrong}
                </p>
              )}
              <p class="minor">{text.budget.notStored}</p>
              {asks && (
                <button
                  type="button"
                  class="button quiet"
                  onClick={() => {
                    setMonths(0);
                    setWritten('');
                  }}
                >
                  {text.budget.reset}
                </button>
              )}
            </Section>
            {data.unknown.length > 0 && <p class="note">{text.budget.unknown(data.unknown.length)}</p>}
            <Files months={wrong ? 0 : months} percent={wrong ? 0 : percent} />
          </div>
        )}
      </Listing>
    </Pane>
  );
}

function Figures({ stands, shown, asks }: { readonly stands: Budget; readonly shown: Budget; readonly asks: boolean }) {
  const { text, locale } = useLanguage();
  const currencies = currenciesOf(stands);
  const [named, setNamed] = useState<string | null>(null);
  const currency = currencies.find((each) => each === named) ?? currencies[0] ?? 'CNY';
  const first = shown.quarters.findIndex((each) => each.items.length > 0);
  const [chosen, setChosen] = useState<number | null>(null);
  const at = chosen ?? Math.max(first, 0);
  const quarter = shown.quarters[at];
  const difference = (shown.total[currency] ?? 0) - (stands.total[currency] ?? 0);
  return (
    <>
      <dl class="totals budget-totals">
        <div>
          <dt>{asks ? text.budget.asked : text.budget.total}</dt>
          <dd>{moneyWords(shown.total, locale, '0')}</dd>
          {asks && <dd class="minor budget-difference">{text.budget.difference(`${difference > 0 ? '+' : ''}${money(difference, currency, locale)}`)}</dd>}
        </div>
      </dl>
      {currencies.length > 1 && (
        <Segmented label={text.budget.currency} name="currency" value={currency} options={currencies.map((value) => ({ value, label: value }))} choose={setNamed} />
      )}
      <BudgetChart stands={stands} shown={shown} currency={currency} chosen={at} choose={setChosen} />
      <dl class="budget-years">
        {shown.years.map((each) => (
          <div key={each.year}>
            <dt>{text.budget.year(each.year)}</dt>
            <dd>{moneyWords(each.total, locale, '—')}</dd>
          </div>
        ))}
      </dl>
      {quarter !== undefined && <Items quarter={quarter} />}
    </>
  );
}

function Items({ quarter }: { readonly quarter: BudgetQuarter }) {
  const { text, locale } = useLanguage();
  return (
    <Section title={text.budget.quarter(quarter.year, quarter.quarter)} aside={moneyWords(quarter.total, locale, text.budget.replacements(0))}>
      {quarter.items.length === 0 ? (
        <p class="minor">{text.budget.nothing}</p>
      ) : (
        <ul class="rows">
          {quarter.items.map((item) => (
            <ItemRow key={`${item.part_id}/${item.nth}`} item={item} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function ItemRow({ item }: { readonly item: BudgetItem }) {
  const { text, locale, say } = useLanguage();
  return (
    <li class="part-row is-link">
      <div class="part-head">
        <Link href={`/equipment/${item.elevator.id}`} class="row-link">
          <strong>{say(item.kind_name)}</strong> · {say(item.elevator.name)}
        </Link>
        <strong class="budget-cost">{money(item.cost, item.currency, locale)}</strong>
      </div>
      <p>
        {item.overdue && <span class="part-mark is-over">{text.budget.overdue}</span>}
        {item.risky && <span class="part-mark is-over">{text.budget.risky}</span>}
        {text.budget.due(dayWord(item.due_on, locale))} · {text.budget.orderBy(dayWord(item.order_by, locale))}
      </p>
      <p class="minor">
        {text.budget.pieces(item.quantity, money(item.unit_price, item.currency, locale))}
        {item.nth > 1 && ` · ${text.budget.again(item.nth)}`} · {say(item.by.name)}
        {text.colon}
        {text.source(item.by.standard)} {text.source(item.by.clause)} ({text.grade[item.by.grade]})
      </p>
    </li>
  );
}

/** What is asked stands in the files, too. */
function Files({ months, percent }: { readonly months: number; readonly percent: number }) {
  const { text, locale } = useLanguage();
  const query = `?${new URLSearchParams({ locale, postpone_months: String(months), price_percent: String(percent) }).toString()}`;
  return (
    <div class="actions after">
      <a class="button" href={`${BASE}/elevator-budget.xlsx${query}`}>
        {text.budget.workbook}
      </a>
      <a class="button" href={`${BASE}/elevator-budget.pdf${query}`} target="_blank" rel="noopener">
        {text.budget.paper}
      </a>
    </div>
  );
}
