/** A person's month as a chart and a table show it, and as a file of it reads. Pure. */

import type { CostLine, MonthCosts } from '../contract';

/** What the parts of a day stand for. */
export type SplitBy = 'cluster' | 'group' | 'kind';

/** One part of every day. */
export interface ISeries {
  readonly key: string;
  /** What people call it; empty for a server without a name and for what is summed up. */
  readonly name: string;
  readonly title: string;
  readonly group: string;
  readonly kind: CostLine['kind'] | 'mixed';
  /** How many servers or clusters it stands for. */
  readonly count: number;
  readonly cost: number;
  readonly daily: readonly number[];
}

/** Servers and clusters with a colour of their own. */
export const LARGEST = 6;
/** The key of what has no colour of its own. */
export const OTHERS = 'others';

/** Return the parts of a month, the dearest first and what is summed up last. */
export function series(costs: MonthCosts, by: SplitBy): readonly ISeries[] {
  const found = new Map<string, ISeries>();
  const named = costs.lines.filter(line => line.lease !== '').slice(0, LARGEST);
  for (const line of costs.lines) {
    const part = partOf(line, by, named.includes(line));
    const known = found.get(part.key);
    found.set(part.key, known ? sum(known, part) : part);
  }
  return [...found.values()].sort(
    (one, other) => Number(one.key === OTHERS) - Number(other.key === OTHERS) || other.cost - one.cost
  );
}

function partOf(line: CostLine, by: SplitBy, named: boolean): ISeries {
  const { count, kind, name, title } = line;
  const daily = line.daily.map(Number);
  const part = { count, kind, cost: Number(line.cost), daily, name, title, group: line.group_title };
  switch (by) {
    case 'group':
      return { ...part, key: line.group, name: line.group_title, title: '', kind: 'mixed' };
    case 'kind':
      return { ...part, key: kind, name: '', title: '', group: '' };
    default:
      return named
        ? { ...part, key: line.lease }
        : { ...part, key: OTHERS, name: '', title: '', group: '', kind: 'mixed' };
  }
}

function sum(one: ISeries, other: ISeries): ISeries {
  return {
    ...one,
    count: one.count + other.count,
    cost: one.cost + other.cost,
    daily: one.daily.map((amount, day) => amount + (other.daily[day] ?? 0))
  };
}

/** Return what each day cost. */
export function dayTotals(parts: readonly ISeries[], days: number): readonly number[] {
  return Array.from({ length: days }, (_, day) =>
    parts.reduce((total, part) => total + (part.daily[day] ?? 0), 0)
  );
}

/** Return a round amount that is at least `highest`: where the scale of a chart ends. Half of it is whole cents. */
export function ceiling(highest: number): number {
  const least = Math.max(highest, 0.02);
  const size = 10 ** Math.floor(Math.log10(least));
  const found = [1, 2, 4, 6, 8, 10].map(step => step * size).find(step => step >= least * (1 - 1e-9));
  return found ?? 10 * size;
}

/** Write the month as a table of text: one row for each day of each line on which it cost something. */
export function csv(costs: MonthCosts): string {
  const head = ['day', 'kind', 'group', 'name', 'profile', 'lease', 'count', 'currency', 'cost'];
  const rows = costs.lines.flatMap(line =>
    line.daily.flatMap((cost, day) =>
      Number(cost) === 0
        ? []
        : [
            [
              `${costs.month}-${String(day + 1).padStart(2, '0')}`,
              line.kind,
              line.group,
              line.name,
              line.title,
              line.lease,
              String(line.count),
              costs.currency,
              cost
            ]
          ]
    )
  );
  return [head, ...rows].map(row => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A name that starts like a formula would run in a spreadsheet; an apostrophe makes it text. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}
