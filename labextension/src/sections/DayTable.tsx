/** The chart's figures as a table: one row for each day on which something cost something. */

import type { ReactElement } from 'react';

import { useTrans } from '../components/translation';
import { dayName, money } from '../format';
import type { ISeries } from '../model/costs';

interface IDayTableProps {
  parts: readonly ISeries[];
  /** Of each day. */
  totals: readonly number[];
  nameOf: (part: ISeries) => string;
  month: string;
  currency: string;
}

/** Closed until somebody wants it. */
export function DayTable({ parts, totals, nameOf, month, currency }: IDayTableProps): ReactElement {
  const trans = useTrans();
  return (
    <details className="gh-days-table">
      <summary>{trans.__('The same figures as a table')}</summary>
      <table className="gh-table" aria-label={trans.__('Cost per day')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Day (UTC)')}</th>
            {parts.map(part => (
              <th key={part.key} scope="col">
                {nameOf(part)}
              </th>
            ))}
            <th scope="col">{trans.__('Total')}</th>
          </tr>
        </thead>
        <tbody>
          {totals.map((total, day) =>
            total > 0 ? (
              <tr key={dayName(month, day + 1, trans)}>
                <th scope="row">{dayName(month, day + 1, trans)}</th>
                {parts.map(part => (
                  <td key={part.key}>{money(part.daily[day] ?? 0, currency)}</td>
                ))}
                <td>{money(total, currency)}</td>
              </tr>
            ) : null
          )}
        </tbody>
      </table>
    </details>
  );
}
