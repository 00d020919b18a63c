/** The cost of the last days as bars, and today's as a figure. */

import type { ReactElement } from 'react';

import { dayName, money } from '../format';
import { useTrans } from './translation';

const SHOWN = 14;
const STEP = 12;
const HEIGHT = 29;

interface IDaysProps {
  /** From the first of the month to today. */
  daily: readonly number[];
  /** `2026-11`. */
  month: string;
  currency: string;
}

/** At most fourteen bars, today last. */
export function Days({ daily, month, currency }: IDaysProps): ReactElement {
  const trans = useTrans();
  const today = daily[daily.length - 1] ?? 0;
  const before = daily.slice(0, -1);
  const mean = daily.reduce((sum, cost) => sum + cost, 0) / Math.max(daily.length, 1);
  const isFirst = before.every(cost => cost === 0);
  return (
    <div className="gh-days">
      <Bars daily={daily} month={month} currency={currency} />
      <div className="gh-small gh-num">
        <div>{trans.__('today %1', money(today, currency))}</div>
        <div className="gh-dim">
          {isFirst ? trans.__('first this month') : trans.__('mean %1 a day', money(mean, currency))}
        </div>
      </div>
    </div>
  );
}

function Bars({ daily, month, currency }: IDaysProps): ReactElement {
  const trans = useTrans();
  const shown = daily.slice(-SHOWN);
  const first = daily.length - shown.length;
  const highest = Math.max(...shown, 0);
  const width = SHOWN * STEP - 2;
  const days = shown.map((cost, index) => ({ cost, name: dayName(month, first + index + 1, trans) }));
  const top = days.find(day => day.cost === highest);
  const label = trans.__(
    'Your cost per day, %1 to %2; the highest was %3 on %4',
    days[0]?.name ?? '',
    days[days.length - 1]?.name ?? '',
    money(highest, currency),
    top?.name ?? ''
  );
  return (
    <svg viewBox={`0 0 ${width} 30`} preserveAspectRatio="none" role="img" aria-label={label}>
      {days.map(({ cost, name }, index) => {
        const height = highest > 0 ? Math.max((cost / highest) * (HEIGHT - 2), cost > 0 ? 1 : 0) : 0;
        const x = (SHOWN - shown.length + index) * STEP;
        return (
          <rect
            key={name}
            className={index === days.length - 1 ? 'today' : ''}
            x={x}
            y={HEIGHT - height}
            width="10"
            height={height}
          >
            <title>{`${name}: ${money(cost, currency)}`}</title>
          </rect>
        );
      })}
      <path d={`M0 29.5h${width}`} fill="none" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
