// Sums of the ledger's intervals by group, person or profile.

import { share, sum } from "../decimal.js";
import { h, section } from "../dom.js";
import { amount, count, percent, short, unit } from "../format.js";

const WORDS = { group: "group", user: "person", profile: "profile" };
const MOST = 12;

/**
 * @param {object} data a LedgerPage
 * @param {"group"|"user"|"profile"} by
 * @param {(group: string) => string} title
 * @param {boolean} complete whether the rows are all that there are
 */
export function totals(data, by, title, complete) {
  const parts = new Map();
  data.rows.forEach((row) => parts.set(row[by], [...(parts.get(row[by]) ?? []), row]));
  const lines = [...parts].map(([name, rows]) => line(by === "group" ? title(name) : name, rows));
  lines.sort((a, b) => (a.cost < b.cost ? 1 : a.cost > b.cost ? -1 : 0));
  const whole = sum(data.rows.map((row) => row.cost));
  const note = complete ? "" : "Of the intervals listed below";
  return lines.length ? section(`By ${WORDS[by]}`, note, table(lines, whole, data, by)) : null;
}

function line(name, rows) {
  const cost = (source) => sum(rows.filter((row) => !source || row.source === source).map((row) => row.cost));
  const hours = rows.reduce((result, row) => result + (row.cores * row.seconds) / 3600, 0);
  const people = new Set(rows.map((row) => row.user)).size;
  return {
    name,
    people,
    rows: rows.length,
    hours,
    cost: cost(),
    exact: cost("exact"),
    reconciled: cost("reconciled"),
    estimated: cost("estimated"),
  };
}

function table(lines, whole, data, by) {
  const money = unit(data.currency);
  const heads = [`Cost ${money}`, "Share", "Intervals", "Core-hours", `Exact ${money}`, "Reconciled", "Estimated"];
  const people = by === "user" ? [] : ["People"];
  const head = [h("th", { scope: "col" }, WORDS[by][0].toUpperCase() + WORDS[by].slice(1))];
  head.push(...[...people, ...heads].map((words) => h("th.gh-n", { scope: "col" }, words)));
  const shown = lines.slice(0, MOST);
  const rest = lines.length - shown.length;
  return h(
    "div.gh-scroll",
    {},
    h(
      "table.gh-table",
      { "aria-label": `By ${WORDS[by]}` },
      h("thead", {}, h("tr", {}, head)),
      h(
        "tbody",
        {},
        shown.map((one) => row(one.name, one, whole, by)),
      ),
      h("tfoot", {}, row(rest ? `All ${lines.length}` : "Together", added(lines, data), whole, by)),
    ),
  );
}

function added(lines, data) {
  const total = (name) =>
    lines.reduce((result, one) => result + one[name], typeof lines[0][name] === "bigint" ? 0n : 0);
  const names = ["rows", "hours", "cost", "exact", "reconciled", "estimated"];
  const people = new Set(data.rows.map((row) => row.user)).size;
  return { people, ...Object.fromEntries(names.map((name) => [name, total(name)])) };
}

function row(name, one, whole, by) {
  const part = share(one.cost, whole);
  const cells = [amount(one.cost), part === null ? "-" : percent(part, 1), count(one.rows), short(one.hours)];
  cells.push(amount(one.exact), amount(one.reconciled), amount(one.estimated));
  const people = by === "user" ? [] : [count(one.people)];
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, name),
    [...people, ...cells].map((text) => h("td.gh-n", {}, text)),
  );
}
