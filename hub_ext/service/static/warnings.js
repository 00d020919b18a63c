// What needs an eye, derived from the figures: budgets above 80 and 95 %, clusters that wait, a policy file with mistakes.

import { decimal, float, share } from "./decimal.js";
import { code, h, icon } from "./dom.js";
import { count, money, moment, percent, plural, rate, version, whole } from "./format.js";
import { BAD_AT, WARN_AT } from "./meters.js";
import { nameOf, waiting } from "./things.js";

/**
 * @typedef {object} Warning
 * @property {"bad"|"warn"} tone
 * @property {string} fact first, in bold
 * @property {string} more cause and next step
 * @property {string} reason its code
 * @property {[string, string]} link place and words
 */

/** All of them, the worst first. */
export function warnings(overview, clusters) {
  const found = [
    ...overview.groups.map((row) => ofBudget(row, overview)),
    ...ofPolicy(overview),
    ...(overview.servers_without_lease ?? []).map(ofStranger),
    ...clusters.filter((cluster) => waiting(cluster) > 0).map(ofCluster),
  ].filter(Boolean);
  return found.sort((a, b) => Number(b.tone === "bad") - Number(a.tone === "bad"));
}

function ofBudget({ group, title, balance }, { currency, as_of: now }) {
  const part = balance.budget === null ? null : share(decimal(balance.spent), decimal(balance.budget));
  if (part === null || part < WARN_AT) {
    return null;
  }
  const left = decimal(balance.budget) - decimal(balance.spent);
  const budget = whole(balance.budget, currency);
  const link = [`groups?q=${encodeURIComponent(group)}`, "Open group"];
  if (left <= 0n) {
    const fact = `${title} has used up its ${budget} of this month: ${money(balance.spent, currency)}.`;
    return {
      tone: "bad",
      fact,
      more: `It runs at ${rate(balance.burn_rate, currency)}.`,
      reason: "budget_exhausted",
      link,
    };
  }
  const fact = `${title} has ${money(left, currency)} left of ${budget} (${percent(part)} used).`;
  const more = lasts(left, decimal(balance.burn_rate), now, rate(balance.burn_rate, currency));
  return { tone: part >= BAD_AT ? "bad" : "warn", fact, more, reason: "budget_warning", link };
}

function lasts(left, burn, now, words) {
  if (burn <= 0n) {
    return "Nothing of it runs now.";
  }
  const end = new Date(Date.parse(now) + (float(left) / float(burn)) * 3_600_000);
  const next = new Date(now);
  if (end >= Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 1)) {
    return `At ${words} it lasts beyond the month.`;
  }
  return `At ${words} it is used up at ${moment(end.toISOString(), now)} UTC.`;
}

function ofPolicy(overview) {
  const n = overview.policy_mistakes.length;
  if (n === 0) {
    return [];
  }
  const fact = `A newer policy file was not loaded: ${plural(n, "mistake")}.`;
  const more = `${version(overview.policy_version)} of ${moment(overview.policy_loaded_at, overview.as_of)} stays in force.`;
  return [{ tone: "warn", fact, more, reason: "reload_failed", link: ["policy", "See mistakes"] }];
}

function ofStranger(server) {
  const fact = `The server ${server} runs without a lease.`;
  const more = "It counts against no quota and is not charged; it is from before Gatehouse, or about to be ended. If it stays, stop it at the hub.";
  return { tone: "warn", fact, more, reason: "not_found", link: ["servers", "See servers"] };
}

function ofCluster(cluster) {
  const fact = `${cluster.user}'s ${nameOf(cluster)} waits for ${count(waiting(cluster))} of ${plural(cluster.wanted, "worker")}.`;
  const link = [`clusters?q=${encodeURIComponent(nameOf(cluster))}`, "Open cluster"];
  return { tone: "warn", fact, more: cluster.message, reason: cluster.reason, link };
}

/** One warning as an entry of a list. */
export function entry({ tone, fact, more, reason, link }, prefix) {
  return h(
    "li",
    {},
    icon(tone, `gh-${tone}`),
    h("div", {}, h("span.gh-strong", {}, fact), " ", h("span.gh-muted", {}, bare(more, reason)), " ", code(reason)),
    h("a.gh-nowrap", { href: prefix + link[0] }, link[1]),
  );
}

/** A sentence without the code that stands beside it anyway. */
export function bare(text, reason) {
  const tail = `[${reason}]`;
  return text.endsWith(tail) ? text.slice(0, -tail.length).trimEnd() : text;
}
