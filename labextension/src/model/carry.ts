/** Cost between two messages: what was told, carried on at the told price. Pure. */

import type { Balance } from '../contract';
import type { IAccountState } from '../tokens';

const HOUR = 3_600_000;

/** Return `amount + perHour x hours`. */
export function carried(amount: string, perHour: string, hours: number): number {
  return Number(amount) + Number(perHour) * hours;
}

/**
 * Return for how many hours the account is carried on at `now`: since it was received while the service is live,
 * otherwise until it was last heard. What nobody confirms does not grow.
 */
export function carriedHours(state: IAccountState, now: number): number {
  const until = state.phase === 'live' ? now : state.heardAt;
  return Math.max(0, until - state.receivedAt) / HOUR;
}

/** A group's burst credits, in core-minutes. */
export interface ICredits {
  /** Below zero they are overdrawn. */
  readonly left: number;
  readonly cap: number;
  /** What comes in a minute; below zero it drains. */
  readonly rate: number;
  readonly overdraft: boolean;
  /** Until they are full or empty; null: neither is ahead. */
  readonly minutes: number | null;
}

/** Return a group's burst credits, carried on for some hours; null: it has none. */
export function credits(balance: Balance, hours: number): ICredits | null {
  const told = balance.credits ?? null;
  if (told === null) {
    return null;
  }
  const cap = balance.credits_cap ?? 0;
  const rate = balance.credits_rate ?? 0;
  const overdraft = balance.credits_mode === 'overdraft';
  const least = overdraft ? -Infinity : Math.min(told, 0);
  const left = Math.min(cap, Math.max(least, told + rate * hours * 60));
  const ahead = rate < 0 ? left : cap - left;
  return { left, cap, rate, overdraft, minutes: rate === 0 || ahead <= 0 ? null : ahead / Math.abs(rate) };
}

/** What a person wants to know of one group's money. */
export interface IFigures {
  readonly mine: number;
  readonly spent: number;
  readonly today: number;
  /** What the person, and their group, will have spent at the month's end; never less than now. null: not told. */
  readonly forecast: number | null;
  readonly groupForecast: number | null;
  /** What the meter measures: the person's own budget, else the group's; null: there is none. */
  readonly meter: { readonly of: 'me' | 'group'; readonly spent: number; readonly budget: number } | null;
}

/** Return the figures of a group, carried on for some hours. */
export function figures(balance: Balance, hours: number): IFigures {
  const mine = carried(balance.mine, balance.my_burn_rate, hours);
  const spent = carried(balance.spent, balance.burn_rate, hours);
  const today = carried(balance.daily[balance.daily.length - 1] ?? '0', balance.my_burn_rate, hours);
  return {
    mine,
    spent,
    today,
    forecast: ahead(balance.my_forecast, mine),
    groupForecast: ahead(balance.forecast, spent),
    meter: meter(balance, mine, spent)
  };
}

function ahead(told: string | null | undefined, spent: number): number | null {
  return told === null || told === undefined ? null : Math.max(Number(told), spent);
}

function meter(balance: Balance, mine: number, spent: number): IFigures['meter'] {
  if (balance.my_budget !== null) {
    return { of: 'me', spent: mine, budget: Number(balance.my_budget) };
  }
  return balance.budget === null ? null : { of: 'group', spent, budget: Number(balance.budget) };
}
