/** A month as stacked bars, one for each day. Plain SVG; colours are the host's. */

import type { ReactElement } from 'react';

import { dayName, money, monthName } from '../format';
import { ceiling, dayTotals, ISeries } from '../model/costs';
import { useTrans } from './translation';

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 56;
const TOP = 8;
const BOTTOM = 20;

interface IStackedDaysProps {
  parts: readonly ISeries[];
  nameOf: (part: ISeries) => string;
  /** How many days of the month have begun. */
  days: number;
  /** How many it has. */
  length: number;
  month: string;
  currency: string;
}

/** The chart, with its sentence as name. The same figures are in the table below it. */
export function StackedDays(props: IStackedDaysProps): ReactElement {
  const { parts, days, length, month, currency } = props;
  const trans = useTrans();
  const totals = dayTotals(parts, days);
  const highest = Math.max(...totals, 0);
  const top = ceiling(highest);
  const name =
    highest > 0
      ? trans.__(
          'Your cost per day in %1: %2 in all; the highest was %3 on %4',
          monthName(month, trans),
          money(
            totals.reduce((sum, day) => sum + day, 0),
            currency
          ),
          money(highest, currency),
          dayName(month, totals.indexOf(highest) + 1, trans)
        )
      : trans.__('Your cost per day in %1: nothing', monthName(month, trans));
  return (
    <svg className="gh-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={name}>
      <Scale top={top} currency={currency} />
      <Bars {...props} top={top} />
      {Array.from({ length }, (_, day) => (
        <text key={day} x={x(day + 0.5, length)} y={HEIGHT - 5} textAnchor="middle">
          {day % 2 === 0 || length < 16 ? day + 1 : ''}
        </text>
      ))}
    </svg>
  );
}

function x(day: number, length: number): number {
  return LEFT + ((WIDTH - LEFT) * day) / length;
}

function y(amount: number, top: number): number {
  return TOP + (HEIGHT - TOP - BOTTOM) * (1 - amount / top);
}

function Scale({ top, currency }: { top: number; currency: string }): ReactElement {
  return (
    <>
      {[0, 0.5, 1].map(part => (
        <g key={part}>
          <path d={`M${LEFT} ${y(top * part, top)}H${WIDTH}`} className={part ? 'grid' : 'axis'} />
          <text x={LEFT - 6} y={y(top * part, top) + 4} textAnchor="end">
            {money(top * part, currency)}
          </text>
        </g>
      ))}
    </>
  );
}

function Bars({
  parts,
  nameOf,
  days,
  length,
  month,
  currency,
  top
}: IStackedDaysProps & { top: number }): ReactElement {
  const trans = useTrans();
  const below = Array.from({ length: days }, () => 0);
  return (
    <>
      {parts.map((part, index) =>
        part.daily.slice(0, days).map((amount, day) => {
          const low = below[day] ?? 0;
          below[day] = low + amount;
          return amount > 0 ? (
            <rect
              key={`${part.key} ${day}`}
              className={`gh-part${index}`}
              x={x(day, length) + 2}
              y={y(low + amount, top)}
              width={x(1, length) - LEFT - 4}
              height={Math.max(y(low, top) - y(low + amount, top), 0.75)}
            >
              <title>{`${dayName(month, day + 1, trans)}, ${nameOf(part)}: ${money(amount, currency)}`}</title>
            </rect>
          ) : null;
        })
      )}
    </>
  );
}
