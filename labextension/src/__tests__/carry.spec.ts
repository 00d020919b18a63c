/** Between two messages the cost grows by price times time, and only while somebody confirms it. */

import type { Balance } from '../contract';
import { carried, carriedHours, credits, figures } from '../model/carry';
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

describe('credits', () => {
  const held = (left: number, rate: number, mode: 'standard' | 'overdraft' = 'standard'): Balance => ({
    ...RESEARCH,
    credits: left,
    credits_cap: 100,
    credits_rate: rate,
    credits_mode: mode
  });

  it.each([
    ['drain', held(60, -30), 30, 1],
    ['end at nothing', held(60, -90), 0, null],
    ['stay at a debt that the policy no longer allows', held(-5, -90), -5, null],
    ['are overdrawn', held(60, -90, 'overdraft'), -30, null],
    ['fill', held(10, 30), 40, 2],
    ['fill up to the cap', held(10, 300), 100, null],
    ['stand still', held(10, 0), 10, null]
  ] as const)('%s in a minute', (_, balance, left, minutes) => {
    expect(credits(balance, 1 / 60)).toMatchObject({ left, minutes });
  });

  it('are nothing where the group needs none', () => {
    expect(credits({ ...RESEARCH, credits: null }, 1)).toBeNull();
  });
});
