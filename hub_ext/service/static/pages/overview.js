// Overview: the burn rate, the month, what runs, how each group stands, and what needs an eye.

import { get } from "../api.js";
import { decimal, sum } from "../decimal.js";
import { draw, fill, h, section } from "../dom.js";
import {
  amount,
  count,
  exact,
  money,
  moment,
  month,
  percent,
  plural,
  short,
  today,
  unit,
  version,
  whole,
} from "../format.js";
import { budgetCell, coresCell, figure, groupState, health, moneyCell, partOf, quotaCell } from "../grouprows.js";
import { legend } from "../meters.js";
import { Table } from "../table.js";
import { alive, nameOf, waiting } from "../things.js";
import { entry, warnings } from "../warnings.js";

const MOST = 5;

/** Draw the page and keep it current. */
export function start(page) {
  const places = { health: h("div"), figures: h("dl.gh-figures"), warnings: h("div"), most: h("div") };
  let groups = null;
  page.live(load, (fresh, overview) => {
    const data = { ...overview, ...fresh };
    groups ??= frame(page, places, data);
    page.say(`${today(data.as_of)}. Updates every 5 s.`);
    draw(places.health, healthStrip(data));
    draw(places.figures, figures(data));
    groups.show(data.groups);
    draw(places.warnings, warningList(page, data));
    draw(places.most, mostExpensive(page, data));
  });
}

async function load(signal) {
  const ask = (path) => get(path, {}, signal);
  const [servers, clusters, health_] = await Promise.all([ask("admin/servers"), ask("admin/clusters"), ask("health")]);
  return {
    list: { servers: servers.servers.filter(alive), clusters: clusters.clusters.filter(alive) },
    health: health_,
  };
}

function frame(page, places, data) {
  const table = groupTable(page, data);
  fill(
    page.content,
    places.health,
    places.figures,
    section("Groups", legend(), table.element),
    h("div.gh-cols", {}, places.warnings, places.most),
  );
  return table;
}

function healthStrip(data) {
  const { health: service, policy_mistakes: mistakes } = data;
  const loaded = h(
    "time",
    { datetime: data.policy_loaded_at, title: exact(data.policy_loaded_at) },
    moment(data.policy_loaded_at, data.as_of),
  );
  const policy = [h("code", {}, version(data.policy_version)), " of ", loaded];
  return h(
    "div.gh-health",
    { role: "group", "aria-label": "Health" },
    health("ok", "Service", `${service.status}, ${service.version}`),
    health("ok", "Ledger", service.database),
    ...pods(data),
    mistakes.length
      ? health("warn", "Policy", [policy, `, newer file has ${plural(mistakes.length, "mistake")}`])
      : health("ok", "Policy", policy),
  );
}

function pods({ kubernetes, as_of: now }) {
  if (kubernetes.length === 0) {
    return [];
  }
  const there = kubernetes.reduce((total, one) => total + one.pods, 0);
  const heard = kubernetes.map((one) => one.heard_at ?? "").sort()[0];
  const since = heard ? `, heard ${moment(heard, now)}` : ", nothing heard yet";
  return [health(kubernetes.some((one) => one.problem) ? "warn" : "ok", "Pods", `${count(there)}${since}`)];
}

function figures(data) {
  const { currency, list } = data;
  const part = partOf(data.spent, data.budget);
  const spent = part === null ? "no budget" : `of ${whole(data.budget, currency)}, ${percent(part)}`;
  const missing = Math.max(0, data.workers_wanted - data.workers);
  const waits = list.clusters.filter((cluster) => waiting(cluster) > 0).length;
  return [
    figure(
      "Burn rate",
      money(data.burn_rate, currency),
      "/h",
      `${money(decimal(data.burn_rate) * 24n, currency)} a day at this rate`,
      true,
    ),
    figure(month(data.as_of), money(data.spent, currency), "", spent, true),
    figure("Servers", count(data.servers), "", `of ${people(list.servers)}`),
    figure(
      "Clusters",
      count(data.clusters),
      "",
      waits ? `${waits} wait${waits === 1 ? "s" : ""} for workers` : "none waits",
    ),
    figure("Workers", count(data.workers), "", missing ? `${count(missing)} more wanted` : "all that were wanted"),
  ];
}

function people(servers) {
  const number = new Set(servers.map((server) => server.user)).size;
  return number === 1 ? "1 person" : `${count(number)} people`;
}

function workersOf(thing) {
  if (!("workers_max" in thing)) {
    return "-";
  }
  return thing.running === thing.wanted ? count(thing.running) : `${count(thing.running)} of ${count(thing.wanted)}`;
}

function groupTable(page, { currency, as_of: now }) {
  const title = (row) => h("a", { href: `${page.prefix}groups?q=${encodeURIComponent(row.group)}` }, row.title);
  const budgets = (rows) =>
    rows.every((row) => row.balance.budget === null) ? null : sum(rows.map((row) => row.balance.budget ?? "0"));
  return new Table({
    label: "Groups",
    key: (row) => row.group,
    empty: "The policy names no group.",
    total: "All groups",
    per: 200,
    columns: [
      { name: "Group", value: (row) => row.title, cell: title },
      {
        name: "Cores",
        number: true,
        value: (row) => row.cores.used,
        cell: (row) => coresCell(row.cores),
        foot: (rows) => short(rows.reduce((total, row) => total + row.cores.used, 0)),
      },
      { name: "of quota", cell: (row) => quotaCell(row.cores), wide: "quota" },
      {
        name: month(now),
        number: true,
        value: (row) => decimal(row.balance.spent),
        cell: (row) => moneyCell(row.balance.spent, row.balance.budget, currency),
        foot: (rows) => moneyCell(sum(rows.map((row) => row.balance.spent)), budgets(rows), currency),
      },
      { name: "of budget", cell: (row) => budgetCell(row.balance.spent, row.balance.budget, currency), wide: "money" },
      {
        name: `${unit(currency)}/h`,
        number: true,
        value: (row) => decimal(row.balance.burn_rate),
        cell: (row) => amount(row.balance.burn_rate),
        foot: (rows) => amount(sum(rows.map((row) => row.balance.burn_rate))),
      },
      { name: "State", cell: groupState },
    ],
  });
}

function warningList(page, data) {
  const found = warnings(data, data.list);
  const title = ["Warnings ", h("span.gh-muted", {}, String(found.length))];
  const list = found.length
    ? h(
        "ul.gh-list",
        {},
        found.map((one) => entry(one, page.prefix)),
      )
    : h("p.gh-muted", {}, "None: no budget has passed a warning level, no cluster waits, the policy file is the one in force.");
  return section(title, "", list);
}

function mostExpensive(page, data) {
  const things = [...data.list.clusters, ...data.list.servers];
  const rate = (thing) => decimal(thing.price_per_hour);
  const most = things.sort((a, b) => (rate(a) < rate(b) ? 1 : rate(a) > rate(b) ? -1 : 0)).slice(0, MOST);
  const place = (thing) =>
    "workers_max" in thing
      ? `clusters?q=${encodeURIComponent(nameOf(thing))}`
      : `servers?q=${encodeURIComponent(thing.user)}`;
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, "What"),
    h("th", { scope: "col" }, "Person"),
    h("th.gh-n", { scope: "col" }, "Workers"),
    h("th.gh-n", { scope: "col" }, `${unit(data.currency)}/h`),
  );
  const line = (thing) =>
    h(
      "tr",
      {},
      h(
        "th",
        { scope: "row" },
        h("a", { href: page.prefix + place(thing) }, "workers_max" in thing ? nameOf(thing) : thing.title),
      ),
      h("td", {}, thing.user),
      h("td.gh-n", {}, workersOf(thing)),
      h("td.gh-n", {}, amount(thing.price_per_hour)),
    );
  const table = h(
    "table.gh-table",
    { "aria-label": "Most expensive now" },
    h("thead", {}, head),
    h("tbody", {}, most.map(line)),
  );
  const all = h("a", { href: `${page.prefix}clusters` }, `All ${plural(data.clusters, "cluster")}`);
  return section("Most expensive now", all, most.length ? table : h("p.gh-muted", {}, "Nothing runs now."));
}
