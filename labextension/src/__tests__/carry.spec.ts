/** Between two messages the cost grows by price times time, and only while somebody confirms it. */

import type { Balance } from '../contract';
import { carried, carriedHours, figures } from '../model/carry';
import type { IAccountState } from '../tokens';
import { accounts } from './fakes';

const HOUR = 3_600_000;
const STATE: IAccountState = {
  phase: 'live',
  account: accounts.normal,
  receivedAt: 10 * HOUR,
  heardAt: 10.25 * HOUR,
  error: null,
  retryAt: null,
  stopping: new Set()
};
const [RESEARCH] = accounts.normal.balances as [Balance];

describe('carriedHours', () => {
  it.each([
    ['live: until now', 'live', 10.5, 0.5],
    ['away: until the service was last heard', 'away', 20, 0.25],
    ['a clock that was set back: not below zero', 'live', 9, 0]
  ] as const)('%s', (_, phase, now, hours) => {
    expect(carriedHours({ ...STATE, phase }, now * HOUR)).toBe(hours);
  });
});

describe('figures', () => {
  it('adds price times hours to every amount', () => {
    expect(carried('1.87', '0.65', 2)).toBeCloseTo(3.17, 10);
    expect(figures(RESEARCH, 0.5)).toMatchObject({ mine: 41.6, spent: 1891.2, today: 6.42 });
  });

  it("measures the person's own budget where there is one", () => {
    expect(figures(RESEARCH, 0).meter).toEqual({ of: 'me', spent: 41.2, budget: 500 });
  });

  it("measures the group's budget where the person has none, and nothing where neither has", () => {
    expect(figures({ ...RESEARCH, my_budget: null }, 0).meter).toEqual({
      of: 'group',
      spent: 1888,
      budget: 5000
    });
    expect(figures({ ...RESEARCH, my_budget: null, budget: null }, 0).meter).toBeNull();
  });
});
