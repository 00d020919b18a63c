// A group's standing in cells: cores against quota, money against budget, and the one state that matters most.

import { decimal, share } from "./decimal.js";
import { h, icon, state } from "./dom.js";
import { amount, count, money, percent, short, whole } from "./format.js";
import * as meters from "./meters.js";

/** How a month's expected cost comes to be. */
export const METHOD =
  "Spent, plus what runs now until its expected end, plus the mean day of the last 14 for each day that is left";

/** spent / budget as a ratio; null without a budget. */
export function partOf(spent, budget) {
  return budget === null || budget === undefined ? null : share(decimal(spent), decimal(budget));
}

/** "716 / 640"; without a quota the number alone. */
export function coresCell(holding) {
  return holding.quota === null ? short(holding.used) : `${short(holding.used)} / ${short(holding.quota)}`;
}

/** The quota meter; without a quota, the words. */
export function quotaCell(holding) {
  if (!holding.quota) {
    return h("span.gh-muted.gh-nowrap", {}, "no quota");
  }
  const over = holding.used > holding.quota && `${short(holding.used - holding.quota)} ${shares(holding) ? "borrowed" : "above"}`;
  const lent = holding.lent > 0 && `${short(holding.lent)} lent to others`;
  const words = [`${short(holding.used)} of ${short(holding.quota)} cores`, over, lent].filter(Boolean).join(", ");
  return meters.quota(holding.used, holding.quota, holding.lent ?? 0, words);
}

/** Whether the group shares its cores with a cohort. */
function shares(holding) {
  return (holding.borrowed ?? null) !== null;
}

/** "$8,131.42 / 10,000". */
export function moneyCell(spent, budget, currency) {
  const rest = budget === null ? "" : ` / ${amount(budget).replace(/\.00$/, "")}`;
  return [money(spent, currency), h("span.gh-muted", {}, rest)];
}

/** The money meter; without a budget, the words. */
export function budgetCell(spent, budget, currency) {
  const part = partOf(spent, budget);
  if (part === null) {
    return h("span.gh-muted.gh-nowrap", {}, "no budget");
  }
  return meters.budget(part, `${money(spent, currency)} of ${whole(budget, currency)}, ${percent(part)}`);
}

/** Two lines below the group: "3,120 credits", "empty in 41 min"; null for a group that needs none. */
export function creditsLines(balance) {
  const left = balance.credits ?? null;
  if (left === null) {
    return null;
  }
  const whole = `${count(Math.floor(left))} of ${count(balance.credits_cap)} core-minutes of burst credits: ${CREDITS}`;
  const tone = left > 0 ? ".gh-muted" : ".gh-warn";
  const line = (words) => h(`div.gh-small.gh-nowrap${tone}`, { title: whole }, words);
  return [line(`${count(Math.floor(left))} credits`), line(trend(balance))];
}

const CREDITS = "saved up while the group uses less than its quota, spent on what it borrows";

function trend({ credits: left, credits_cap: cap, credits_rate: rate, credits_mode: mode }) {
  if (left < 0) {
    return "overdrawn";
  }
  if (rate === 0) {
    return left >= cap ? "full" : left > 0 ? "steady" : "used up";
  }
  const minutes = Math.floor((rate < 0 ? left : cap - left) / Math.abs(rate));
  const time = minutes < 1 ? "in a moment" : `in ${minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`}`;
  return `${rate > 0 ? "full" : mode === "overdraft" ? "overdrawn" : "empty"} ${time}`;
}

/** The state of a group: the budget first, then the quota. */
export function groupState({ cores, balance }) {
  const part = partOf(balance.spent, balance.budget);
  if (part !== null && part >= 1) {
    return state("bad", "bad", "Budget used up");
  }
  if (part !== null && part >= meters.WARN_AT) {
    const tone = part >= meters.BAD_AT ? "bad" : "warn";
    return state(tone, tone, `${percent(part)} of budget`);
  }
  if (cores.quota !== null && cores.used > cores.quota) {
    return state("ok", "ok", shares(cores) ? "Borrowing" : "Above quota");
  }
  if (cores.quota !== null && cores.used >= cores.quota && cores.used > 0) {
    return state("warn", "warn", "Quota full");
  }
  if (cores.lent > 0) {
    return state("ok", "ok", "Lending");
  }
  return state("ok", "ok", cores.quota === null ? "No quota" : "In quota");
}

/** A figure of the row of figures. */
export function figure(title, value, unit, more, wide = false) {
  return h(
    `div.gh-figure${wide ? ".gh-figure-wide" : ""}`,
    {},
    h("dt", {}, title),
    h("dd.gh-value", {}, value, unit && h("span.gh-unit", {}, ` ${unit}`)),
    h("dd.gh-muted", {}, more),
  );
}

/** A line of the health strip. */
export function health(tone, title, more) {
  return h("span", {}, h(`span.gh-state.gh-${tone}`, {}, icon(tone), title), " ", h("span.gh-muted", {}, more));
}
