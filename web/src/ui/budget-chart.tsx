import { useLanguage } from '../language';
import { amountOf, money } from '../part';
import type { Budget } from '../shapes';

const HEIGHT = 160;
const LEFT = 4;
const TOP = 20;
const BOTTOM = 34;
const STEP = 60;

interface BudgetChartProps {
  readonly stands: Budget;
  /** As it would be; the same as `stands` where nothing is asked. */
  readonly shown: Budget;
  readonly currency: string;
  readonly chosen: number;
  readonly choose: (index: number) => void;
}

/** A bar for each quarter; what stands is drawn as an outline behind what would be. */
export function BudgetChart({ stands, shown, currency, chosen, choose }: BudgetChartProps) {
  const { text, locale } = useLanguage();
  const most = Math.max(1, ...[stands, shown].flatMap((budget) => budget.quarters.map((each) => amountOf(each, currency))));
  const inner = HEIGHT - TOP - BOTTOM;
  const bar = (amount: number): number => (amount / most) * inner;
  return (
    <div class="budget-chart" role="group" aria-label={text.budget.chart} tabIndex={0}>
      <svg width={LEFT * 2 + STEP * shown.quarters.length} height={HEIGHT}>
        {/* wide enough for an amount of each quarter in every language */}
        {shown.quarters.map((quarter, index) => {
          const amount = amountOf(quarter, currency);
          const before = amountOf(stands.quarters[index] ?? quarter, currency);
          const x = LEFT + index * STEP;
          return (
            <g
              key={`${quarter.year}/${quarter.quarter}`}
              class={`quarter${index === chosen ? ' is-chosen' : ''}`}
              role="button"
              tabindex={0}
              aria-pressed={index === chosen}
              aria-label={`${text.budget.quarter(quarter.year, quarter.quarter)}${text.colon}${money(amount, currency, locale)}`}
              onClick={() => choose(index)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && event.key !== ' ') return;
                event.preventDefault();
                choose(index);
              }}
            >
              <rect class="touch" x={x} y={0} width={STEP} height={HEIGHT} />
              <rect class="stands" x={x + 6} y={TOP + inner - bar(before)} width={STEP - 12} height={bar(before)} />
              <rect class="would" x={x + 9} y={TOP + inner - bar(amount)} width={STEP - 18} height={bar(amount)} />
              {amount > 0 && (
                <text class="amount" x={x + STEP / 2} y={TOP + inner - bar(Math.max(amount, before)) - 6}>
                  {money(amount, currency, locale, true)}
                </text>
              )}
              <text x={x + STEP / 2} y={HEIGHT - BOTTOM + 14}>
                Q{quarter.quarter}
              </text>
              {(index === 0 || quarter.quarter === 1) && (
                <text class="year" x={x + STEP / 2} y={HEIGHT - BOTTOM + 29}>
                  {quarter.year}
                </text>
              )}
            </g>
          );
        })}
        <line class="ground" x1={LEFT} x2={LEFT + STEP * shown.quarters.length} y1={TOP + inner} y2={TOP + inner} />
      </svg>
    </div>
  );
}
