// Your account: what you run, what it costs, how your groups stand, and whom to ask. Nothing of anybody else.

import { get } from "../api.js";
import { daily, legend } from "../chart.js";
import { decimal, sum } from "../decimal.js";
import { code, draw as redraw, fill, h, icon, section } from "../dom.js";
import { amount, count, money, month, plural, today, unit } from "../format.js";
import { budgetCell, figure, groupState, METHOD, moneyCell } from "../grouprows.js";
import { keepColumn, keeps } from "../keep.js";
import { Table } from "../table.js";
import { alive, columns } from "../things.js";
import { noGroup } from "./nogroup.js";

const NARROWEST = 240;

/** Draw the page and keep it current. */
export function start(page) {
  const names = ["said", "warnings", "figures", "balances", "chart", "servers", "clusters", "ask"];
  const places = Object.fromEntries(names.map((name) => [name, h(name === "figures" ? "dl.gh-figures" : "div")]));
  places.said.setAttribute("role", "status");
  let data = null;
  let tables = null;
  let unknown = null;
  const draw = () => redraw(places.chart, chart(data, page.content.clientWidth));
  new ResizeObserver(() => data?.balances.length && draw()).observe(page.content);
  const refresh = page.live(
    (signal) => get("account", {}, signal),
    (fresh) => {
      data = fresh;
      page.say(`${data.identity.name}. ${today(data.as_of)}. Updates every 5 s.`);
      if (data.balances.length === 0) {
        tables = null;
        unknown = unknown?.key === keyOf(data) ? unknown : { key: keyOf(data), parts: noGroup(data) };
        fill(page.content, unknown.parts);
        return;
      }
      tables ??= make(() => data, places);
      redraw(places.figures, figures(data));
      redraw(places.warnings, data.warnings.map(warning));
      redraw(places.balances, balances(data));
      redraw(places.ask, ask(data));
      fill(
        page.content,
        names.map((name) => places[name]),
      );
      tables.servers.show(data.servers.filter(alive));
      tables.clusters.show(data.clusters.filter(alive));
      draw();
    },
  );
  keeps(page.content, places.said, () => refresh());
}

function figures({ currency, balances: all, ...data }) {
  const clusters = data.clusters.filter(alive);
  const running = clusters.reduce((total, cluster) => total + cluster.running, 0);
  const missing = clusters.reduce((total, cluster) => total + Math.max(0, cluster.wanted - cluster.running), 0);
  return [
    figure("Burn rate", money(data.burn_rate, currency), "/h", "of what you run now", true),
    figure(
      month(all[0].month),
      money(sum(all.map((one) => one.mine)), currency),
      "",
      `in ${plural(all.length, "group")}`,
      true,
    ),
    figure("Servers", count(data.servers.filter(alive).length), "", "that you run"),
    figure("Clusters", count(clusters.length), "", "that you run"),
    figure("Workers", count(running), "", missing ? `${count(missing)} more wanted` : "all that you wanted"),
  ];
}

function warning({ level, message }) {
  const [tone, reason] = level >= 1 ? ["bad", "budget_exhausted"] : ["warn", "budget_warning"];
  return h(`div.gh-notice.gh-notice-${tone}.gh-apart`, {}, icon(tone), h("div", {}, message, " ", code(reason)));
}

function balances({ balances: all, currency }) {
  const column = ([words, number, wide]) =>
    h(`th${number ? ".gh-n" : ""}${wide ? ".gh-col-budget" : ""}`, { scope: "col" }, words);
  const heads = [
    ["Group"],
    ["You", true],
    ["of your budget", false, true],
    ["The group", true],
    ["of its budget", false, true],
    ["Expected", true],
    [`Your ${unit(currency)}/h`, true],
    ["State"],
  ];
  const line = (one) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, one.title),
      h("td.gh-n", {}, moneyCell(one.mine, one.my_budget, currency)),
      h("td", {}, budgetCell(one.mine, one.my_budget, currency)),
      h("td.gh-n", {}, moneyCell(one.spent, one.budget, currency)),
      h("td", {}, budgetCell(one.spent, one.budget, currency)),
      h("td.gh-n", {}, one.forecast ? h("span", { title: METHOD }, amount(one.forecast)) : "-"),
      h("td.gh-n", {}, amount(one.my_burn_rate)),
      h("td", {}, standing(one)),
    );
  const table = h(
    "table.gh-table",
    { "aria-label": "Budgets" },
    h("thead", {}, h("tr", {}, heads.map(column))),
    h("tbody", {}, all.map(line)),
  );
  const note = all.length > 1 ? `New work is charged to ${all[0].title} unless you choose another group` : "";
  return section("This month", note, h("div.gh-scroll", {}, table));
}

function standing(balance) {
  const mine = balance.my_budget === null ? null : { ...balance, spent: balance.mine, budget: balance.my_budget };
  const part = (one) =>
    one && one.budget !== null && decimal(one.budget) > 0n ? Number(one.spent) / Number(one.budget) : 0;
  const worse = part(mine) > part(balance) ? mine : balance;
  return part(worse) < 0.8
    ? h("span.gh-state.gh-ok", {}, icon("ok"), "In budget")
    : groupState({ cores: { used: 0, quota: null }, balance: worse });
}

function chart({ balances: all, currency }, width) {
  const [year, number] = all[0].month.split("-").map(Number);
  const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const last = Math.max(...all.map((one) => one.daily.length));
  const any = all.some((one) => one.daily.some((value) => decimal(value) > 0n));
  if (!any || width < NARROWEST) {
    return null;
  }
  const total = money(sum(all.flatMap((one) => one.daily)), currency);
  const words = `Your cost per day from 1 to ${last} ${month(all[0].month)}, together ${total}`;
  return section("Your cost per day", legend(all), daily(all, { days, currency, width, words }));
}

function make(now, places) {
  const pick = (title, names) => {
    const given = columns(
      () => now().as_of,
      () => now().currency,
    );
    given.name = given.name(title);
    given.keep = keepColumn;
    return names.map((name) => given[name]);
  };
  const table = (label, title, names, empty) =>
    new Table({ label, columns: pick(title, names), key: (thing) => thing.lease, empty, sort: [title, false] });
  const made = {
    servers: table(
      "Your servers",
      "Server",
      ["name", "profile", "group", "told", "keep", "cores", "memory", "age", "rate", "cost"],
      "You run no server. Start one at Home.",
    ),
    clusters: table(
      "Your clusters",
      "Cluster",
      ["name", "profile", "group", "told", "keep", "workers", "cores", "age", "rate", "cost"],
      "You run no cluster. Gateway().new_cluster() works in any notebook.",
    ),
  };
  fill(places.servers, section("Your servers", "", made.servers.element));
  fill(places.clusters, section("Your clusters", "", made.clusters.element));
  return made;
}

function keyOf({ identity, contact, group_titles: titles, may }) {
  return JSON.stringify([identity, contact, titles, may]);
}

function ask({ contact, identity }) {
  const groups = identity.groups.map((name, index) => [index ? ", " : "", h("code", {}, name)]);
  const refused = ["Send them the code in brackets of what you were refused, such as ", code("quota_exceeded"), "."];
  const facts = [
    ["Whom to ask", [h("b", {}, contact), ". ", refused]],
    ["Your groups", groups.length ? groups : "none"],
  ];
  return section(
    "Questions",
    "",
    h(
      "dl.gh-facts",
      {},
      facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    ),
  );
}
