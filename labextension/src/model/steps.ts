/** Numbers over time for a picture: steps, bars, and round lines beside them. Pure; times are milliseconds. */

import type { BusyMinute, ClusterHistory, GrantStep, Step } from '../contract';

/** A number from a moment on. */
export interface IPoint {
  readonly at: number;
  readonly value: number;
}

/** From when to when a picture goes. */
export interface ISpan {
  readonly from: number;
  readonly to: number;
}

/** The workers of a cluster over time. */
export interface ISeries {
  readonly wanted: readonly IPoint[];
  readonly granted: readonly IPoint[];
  readonly running: readonly IPoint[];
}

/** One row of the picture as a table. */
export interface IRow {
  readonly at: number;
  readonly wanted: number;
  readonly granted: number;
  readonly running: number;
}

/** Return the three numbers of a cluster's workers, as far as they are kept. */
export function series({ running, grants }: Pick<ClusterHistory, 'running' | 'grants'>): ISeries {
  const of = (key: 'wanted' | 'granted'): IPoint[] =>
    grants.map((step: GrantStep) => ({ at: Date.parse(step.at), value: step[key] }));
  return {
    wanted: of('wanted'),
    granted: of('granted'),
    running: running.map((step: Step) => ({ at: Date.parse(step.at), value: step.workers }))
  };
}

/** Return the part within a span; its first point is what held at the beginning. */
export function within(points: readonly IPoint[], { from, to }: ISpan): readonly IPoint[] {
  const before = points.filter(point => point.at <= from);
  const inside = points.filter(point => point.at > from && point.at <= to);
  const last = before[before.length - 1];
  return last ? [{ at: from, value: last.value }, ...inside] : inside;
}

/** Return what held at a moment; nothing before the first point. */
export function valueAt(points: readonly IPoint[], at: number): number {
  return points.reduce((value, point) => (point.at <= at ? point.value : value), 0);
}

/** Return every moment of a span at which something changed, with the three numbers. */
export function rows({ wanted, granted, running }: ISeries, span: ISpan): readonly IRow[] {
  const moments = new Set(
    [wanted, granted, running].flatMap(points => within(points, span).map(point => point.at))
  );
  return [...moments]
    .sort((one, other) => one - other)
    .map(at => ({
      at,
      wanted: valueAt(wanted, at),
      granted: valueAt(granted, at),
      running: valueAt(running, at)
    }));
}

/** Return the line of a stepped number as an SVG path; empty where there is none. */
export function path(
  points: readonly IPoint[],
  end: number,
  x: (at: number) => number,
  y: (value: number) => number
): string {
  const [first, ...rest] = points;
  if (first === undefined) {
    return '';
  }
  const start = `M${x(first.at).toFixed(1)} ${y(first.value).toFixed(1)}`;
  const steps = rest.map(point => `H${x(point.at).toFixed(1)}V${y(point.value).toFixed(1)}`);
  return `${start}${steps.join('')}H${x(end).toFixed(1)}`;
}

/** Return round numbers from 0 to at least `most`, about four of them: where lines are drawn. */
export function roundSteps(most: number): readonly number[] {
  const rough = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map(n => n * power).find(n => n >= rough) ?? 10 * power);
  return Array.from({ length: Math.ceil(Math.max(most, 1) / step) + 1 }, (_, n) => n * step);
}

/** Return the moments of the time axis: five, evenly. */
export function moments({ from, to }: ISpan): readonly number[] {
  return [0, 1, 2, 3, 4].map(n => from + ((to - from) * n) / 4);
}

/** Return the minutes within a span. */
export function bars(busy: readonly BusyMinute[], { from, to }: ISpan): readonly BusyMinute[] {
  return busy.filter(minute => Date.parse(minute.until) > from && Date.parse(minute.since) < to);
}

/** Return the share of time that workers were busy within a span; null where nothing is known. */
export function meanBusy(busy: readonly BusyMinute[]): number | null {
  const total = busy.reduce((sum, minute) => sum + lengthOf(minute), 0);
  const spent = busy.reduce((sum, minute) => sum + lengthOf(minute) * minute.busy, 0);
  return total > 0 ? spent / total : null;
}

function lengthOf({ since, until }: BusyMinute): number {
  return Date.parse(until) - Date.parse(since);
}
