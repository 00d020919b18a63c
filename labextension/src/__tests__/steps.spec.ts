/** Numbers over time. */

import history from '../../../tests/support/cluster_page/history.json';
import type { ClusterHistory } from '../contract';
import { bars, meanBusy, moments, path, roundSteps, rows, series, valueAt, within } from '../model/steps';

const point = (at: number, value: number): { at: number; value: number } => ({ at, value });
const sample = history as unknown as ClusterHistory;

describe('steps', () => {
  it('begins a span with what held before it', () => {
    const points = [point(1, 5), point(3, 7), point(8, 2), point(12, 9)];
    expect(within(points, { from: 4, to: 10 })).toEqual([point(4, 7), point(8, 2)]);
    expect(within(points, { from: 0, to: 2 })).toEqual([point(1, 5)]);
    expect([0, 1, 9, 99].map(at => valueAt(points, at))).toEqual([0, 5, 2, 9]);
  });

  it('draws a line that goes along and then up', () => {
    const same = (value: number): number => value;
    expect(path([point(1, 5), point(3, 7)], 9, same, same)).toBe('M1.0 5.0H3.0V7.0H9.0');
    expect(path([], 9, same, same)).toBe('');
  });

  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [12, [0, 5, 10, 15]],
    [40, [0, 10, 20, 30, 40]],
    [41, [0, 20, 40, 60]],
    [1000, [0, 500, 1000]]
  ])('finds round numbers up to %d', (most, expected) => {
    expect(roundSteps(most)).toEqual(expected);
  });

  it('tells the same as a table', () => {
    const found = rows(series(sample), {
      from: Date.parse('2026-11-21T14:30:00Z'),
      to: Date.parse('2026-11-21T14:45:00Z')
    });
    expect(found.map(({ wanted, granted, running }) => [wanted, granted, running])).toEqual([
      [20, 20, 20],
      [40, 24, 20],
      [40, 24, 22],
      [40, 24, 24],
      [40, 12, 24],
      [40, 12, 20]
    ]);
  });

  it('weighs minutes by their length, and knows nothing of none', () => {
    const minute = (since: string, until: string, busy: number): ClusterHistory['busy'][number] => ({
      since: `2026-11-21T14:${since}Z`,
      until: `2026-11-21T14:${until}Z`,
      busy,
      idle: 1 - busy,
      starting: 0
    });
    expect(meanBusy([minute('00:00', '01:00', 1), minute('01:00', '04:00', 0)])).toBeCloseTo(0.25);
    expect(meanBusy([])).toBeNull();
    const span = { from: Date.parse('2026-11-21T14:01:30Z'), to: Date.parse('2026-11-21T14:02:00Z') };
    expect(bars([minute('00:00', '01:00', 1), minute('01:00', '04:00', 0)], span)).toHaveLength(1);
    expect(moments({ from: 0, to: 8 })).toEqual([0, 2, 4, 6, 8]);
  });
});
