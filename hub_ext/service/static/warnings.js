// What needs an eye: levels of budgets that are passed, clusters that wait, a policy file with mistakes.

import { code, h, icon } from "./dom.js";
import { count, moment, plural, version } from "./format.js";
import { BAD_AT } from "./meters.js";
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
export function warnings(overview, { clusters, servers }) {
  const found = [
    ...overview.warnings.map(ofBudget),
    ...ofPolicy(overview),
    ...(overview.servers_without_lease ?? []).map(ofStranger),
    ...(overview.kubernetes ?? []).flatMap(ofNamespace),
    ...ofPanels(servers),
    ...clusters.filter((cluster) => waiting(cluster) > 0).map(ofCluster),
  ];
  return found.sort((a, b) => Number(b.tone === "bad") - Number(a.tone === "bad"));
}

// The service's own sentence, as its readers elsewhere have it; its first part is the fact.
function ofBudget({ level, group, message }) {
  return {
    ...parts(message),
    tone: level >= BAD_AT ? "bad" : "warn",
    reason: level >= 1 ? "budget_exhausted" : "budget_warning",
    link: [`groups?q=${encodeURIComponent(group)}`, "Open group"],
  };
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

// Each sentence names its namespace, what is missing there, and what to do.
function ofNamespace({ problem, notices }) {
  const link = ["ledger", "See ledger"];
  const told = (tone) => (text) => ({ ...parts(text), tone, reason: "service_unavailable", link });
  return [...(problem ? [problem].map(told("bad")) : []), ...notices.map(told("warn"))];
}

// One for each image, however many servers run it.
function ofPanels(servers) {
  const without = servers.filter((server) => server.reason === "no_panel");
  return [...new Set(without.map((server) => server.message))].map((message) => {
    const its = without.filter((server) => server.message === message);
    const { fact, more } = parts(message);
    const link = [`servers?q=${encodeURIComponent(its[0].title)}`, "See servers"];
    return { tone: "warn", fact, more: `${more} ${plural(its.length, "server")} of it now.`, reason: "no_panel", link };
  });
}

function parts(text) {
  const end = text.indexOf(". ") + 1;
  return end ? { fact: text.slice(0, end), more: text.slice(end + 1) } : { fact: text, more: "" };
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
