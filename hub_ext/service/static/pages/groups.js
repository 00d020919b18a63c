// Groups: what each may use, uses and spends. Numbers lead to the rows behind them.

import { decimal, sum } from "../decimal.js";
import { draw as redraw, fill, h, icon } from "../dom.js";
import { Filters } from "../filters.js";
import { amount, count, money, month, plural, short, size, unit } from "../format.js";
import { budgetCell, coresCell, creditsLines, groupState, METHOD, moneyCell, partOf, quotaCell } from "../grouprows.js";
import { BAD_AT, legend, WARN_AT } from "../meters.js";
import { Table } from "../table.js";
import { topUpDialog } from "../topup.js";

const STATES = [
  ["", "State: all"],
  ["warn", "Budget above 80 %"],
  ["bad", "Budget above 95 %"],
  ["over", "Quota full or above"],
];

/** Draw the page and keep it current. */
export function start(page) {
  let data = null;
  let table = null;
  const said = h("div", { role: "status" });
  const filters = new Filters({
    search: "Group",
    choices: [{ name: "state", label: "State", options: STATES }],
    changed: () => draw(),
  });

  function draw() {
    const shown = data.groups.filter((row) => filters.finds(row.group, row.title) && fits(row, filters.values.state));
    table.show(shown, data.groups);
    filters.say(
      shown.length === data.groups.length
        ? plural(shown.length, "group")
        : `${shown.length} of ${plural(data.groups.length, "group")}`,
    );
  }

  async function topUp(group) {
    const row = data.groups.find((one) => one.group === group);
    const personal = row.balance.my_budget !== null;
    const sentence = await topUpDialog({ ...row, path: "admin/topup", personal }, data.currency);
    if (sentence !== null) {
      redraw(said, h("div.gh-notice.gh-notice-ok", {}, icon("ok"), h("div", {}, sentence)));
      await refresh();
    }
  }

  const refresh = page.live(
    async () => null,
    (fresh) => {
      data = fresh;
      if (table === null) {
        table = make(page, data);
        table.element.addEventListener("click", (event) => {
          const button = event.target.closest("[data-topup]");
          if (button) {
            topUp(button.dataset.topup);
          }
        });
        fill(page.content, said, filters.element, h("div.gh-above", {}, legend()), table.element);
      }
      draw();
    },
  );
}

function fits({ cores, balance }, state) {
  const part = partOf(balance.spent, balance.budget) ?? 0;
  const full = cores.quota !== null && cores.used >= cores.quota && cores.used > 0;
  return { "": true, warn: part >= WARN_AT, bad: part >= BAD_AT, over: full }[state];
}

function make(page, { currency, as_of: now }) {
  const total = (of) => (rows) => rows.reduce((result, row) => result + of(row), 0);
  const to = (place, row, words) =>
    h("a", { href: `${page.prefix}${place}?group=${encodeURIComponent(row.group)}` }, words);
  return new Table({
    label: "Groups",
    key: (row) => row.group,
    empty: "The policy names no group.",
    total: "All groups",
    per: 200,
    columns: [
      {
        name: "Group",
        value: (row) => row.title,
        cell: (row) => [h("span", { title: row.group }, row.title), creditsLines(row.balance)],
      },
      {
        name: "Cores",
        number: true,
        value: (row) => row.cores.used,
        cell: (row) => coresCell(row.cores),
        foot: (rows) => short(total((row) => row.cores.used)(rows)),
      },
      { name: "of quota", cell: (row) => quotaCell(row.cores), wide: "quota" },
      {
        name: "Memory",
        number: true,
        minor: true,
        value: (row) => row.shape.memory,
        cell: (row) => size(row.shape.memory),
        foot: (rows) => size(total((row) => row.shape.memory)(rows)),
      },
      {
        name: "GPUs",
        number: true,
        minor: true,
        value: (row) => gpus(row).length,
        cell: (row) => gpus(row).join(", ") || "-",
      },
      {
        name: "Servers",
        number: true,
        value: (row) => row.servers,
        cell: (row) => to("servers", row, count(row.servers)),
        foot: (rows) => count(total((row) => row.servers)(rows)),
      },
      {
        name: "Clusters",
        number: true,
        value: (row) => row.clusters,
        cell: (row) => to("clusters", row, count(row.clusters)),
        foot: (rows) => count(total((row) => row.clusters)(rows)),
      },
      {
        name: month(now),
        number: true,
        value: (row) => decimal(row.balance.spent),
        cell: (row) => to("ledger", row, moneyCell(row.balance.spent, row.balance.budget, currency)),
        foot: (rows) => money(sum(rows.map((row) => row.balance.spent)), currency),
      },
      { name: "of budget", cell: (row) => budgetCell(row.balance.spent, row.balance.budget, currency), wide: "money" },
      {
        name: `${unit(currency)}/h`,
        number: true,
        value: (row) => decimal(row.balance.burn_rate),
        cell: (row) => amount(row.balance.burn_rate),
        foot: (rows) => amount(sum(rows.map((row) => row.balance.burn_rate))),
      },
      {
        name: "Expected",
        number: true,
        minor: true,
        value: (row) => decimal(row.balance.forecast ?? "0"),
        cell: (row) => (row.balance.forecast ? h("span", { title: METHOD }, amount(row.balance.forecast)) : "-"),
      },
      { name: "State", cell: (row) => [groupState(row), page.may.has("budget") && topUpButton(row)] },
    ],
  });
}

function topUpButton({ group, title, balance }) {
  if (balance.budget === null) {
    return null;
  }
  const words = `Top up ${title}...`;
  const given = { type: "button", "data-topup": group, "aria-label": words };
  return h("div", {}, h("button.gh-btn.gh-btn-small", given, "Top up..."));
}

function gpus(row) {
  const held = Object.entries(row.shape.gpus ?? {}).filter((entry) => entry[1] > 0);
  return held.map(([model, n]) => `${n} ${model.toUpperCase()}`);
}
