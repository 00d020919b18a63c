/** A month's parts, scale and file. */

import { ceiling, csv, dayTotals, LARGEST, OTHERS, series } from '../model/costs';
import { first, monthCosts } from './fakes';

describe('parts of a month', () => {
  it.each(['cluster', 'group', 'kind'] as const)('have the same total by %s', by => {
    const costs = monthCosts();
    const parts = series(costs, by);
    expect(parts.reduce((sum, part) => sum + part.cost, 0)).toBeCloseTo(6);
    expect(dayTotals(parts, 2)).toEqual([expect.closeTo(3.05), expect.closeTo(2.95)]);
    expect(parts.reduce((sum, part) => sum + part.count, 0)).toBe(6);
  });

  it('are at most seven by cluster, and those that are summed up come last', () => {
    const line = first(monthCosts().lines);
    const many = Array.from({ length: 9 }, (_, n) => ({ ...line, lease: `c-${n}`, cost: `${9 - n}` }));
    const parts = series(monthCosts({ lines: many }), 'cluster');
    expect(parts).toHaveLength(LARGEST + 1);
    expect(parts[LARGEST]).toMatchObject({ key: OTHERS, count: 3, cost: 6 });
  });
});

describe('the scale', () => {
  it.each([
    [0, 0.02],
    [0.021, 0.04],
    [3.05, 4],
    [5, 6],
    [812, 1000]
  ])('ends at a round amount: %d', (highest, end) => {
    expect(ceiling(highest)).toBeCloseTo(end);
  });
});

describe('the file', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['a,"b"', '"a,""b"""'],
    ['@x', "'@x"]
  ])('keeps a name from being a formula or a column: %s', (name, cell) => {
    const line = first(monthCosts().lines);
    const [, row] = csv(monthCosts({ lines: [{ ...line, name }] })).split('\r\n');
    expect(row).toBe(`2026-11-01,cluster,research,${cell},Standard workers,sales-join,1,USD,1.00`);
  });
});
