// Groups you lead: what their people use and spend this month, and more money for one of them.

import { get } from "../api.js";
import { decimal, sum } from "../decimal.js";
import { draw as redraw, fill, h, icon, section } from "../dom.js";
import { amount, count, money, moment, month, plural, short, today, unit, whole } from "../format.js";
import { budgetCell, coresCell, figure, METHOD, moneyCell } from "../grouprows.js";
import { Table } from "../table.js";
import { topUpDialog } from "../topup.js";

/** Draw the page and keep it current. */
export function start(page) {
  const said = h("div", { role: "status" });
  const me = document.querySelector(".gh-who").textContent;
  const blocks = new Map();
  let data = null;
  const refresh = page.live(
    (signal) => get("led", {}, signal),
    (fresh) => {
      data = fresh;
      page.say(`${plural(data.groups.length, "group")}. ${today(data.as_of)}. Updates every 5 s.`);
      const shown = data.groups.map((group) => {
        const block = blocks.get(group.group) ?? make(group, data, me);
        blocks.set(group.group, block);
        block.show(group, data);
        return block.element;
      });
      fill(page.content, said, shown.length ? shown : h("p.gh-muted", {}, "You lead no group any more."));
    },
  );
  page.content.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-topup]");
    const sentence = button ? await topUpDialog(asked(data, button.dataset), data.currency) : null;
    if (sentence !== null) {
      redraw(said, h("div.gh-notice.gh-notice-ok", {}, icon("ok"), h("div", {}, sentence)));
      await refresh();
    }
  });
}

function asked({ groups }, { topup: name, group: of }) {
  const group = groups.find((one) => one.group === of);
  const { spent, budget } = group.members.find((one) => one.user === name);
  return { path: "led/topup", group: of, title: group.title, user: name, balance: { spent, budget } };
}

function make(group, { currency, as_of: now }, me) {
  const figures = h("dl.gh-figures.gh-figures-4");
  const topups = h("div");
  const table = new Table({
    label: `People of ${group.title}`,
    key: (row) => row.user,
    empty: "Nobody has used the group this month.",
    total: "Everybody",
    columns: columns(group.group, currency, now, me),
  });
  return {
    element: section(group.title, "", figures, table.element, topups),
    show: (fresh, data) => {
      redraw(figures, figuresOf(fresh, data));
      table.show(fresh.members);
      redraw(topups, topupList(fresh, data));
    },
  };
}

function figuresOf({ cores, balance, members }, { currency, as_of: now }) {
  const left = balance.budget === null ? "no budget" : `of ${whole(balance.budget, currency)}`;
  const expected = balance.forecast ?? "0";
  return [
    figure(month(now), money(balance.spent, currency), "", left),
    figure("Expected", money(expected, currency), "", h("span", { title: METHOD }, "at the month's end")),
    figure("Burn rate", money(balance.burn_rate, currency), "/h", "of what runs now"),
    figure("Cores", coresCell(cores), "", `held by ${people(members.filter((one) => one.cores > 0).length)}`),
  ];
}

function people(number) {
  return number === 1 ? "1 person" : `${count(number)} people`;
}

function columns(group, currency, now, me) {
  const total = (of) => (rows) => rows.reduce((result, row) => result + of(row), 0);
  const number = (name, of, write) => ({
    name,
    number: true,
    value: of,
    cell: (row) => write(of(row)),
    foot: (rows) => write(total(of)(rows)),
  });
  return [
    { name: "Person", value: (row) => row.user, cell: (row) => (row.user === me ? [row.user, " (you)"] : row.user) },
    number("Servers", (row) => row.servers, count),
    number("Clusters", (row) => row.clusters, count),
    number("Cores", (row) => row.cores, short),
    {
      name: month(now),
      number: true,
      value: (row) => decimal(row.spent),
      cell: (row) => moneyCell(row.spent, row.budget, currency),
      foot: (rows) => money(sum(rows.map((row) => row.spent)), currency),
    },
    { name: "of their budget", cell: (row) => budgetCell(row.spent, row.budget, currency), wide: "money" },
    {
      name: `${unit(currency)}/h`,
      number: true,
      value: (row) => decimal(row.burn_rate),
      cell: (row) => amount(row.burn_rate),
      foot: (rows) => amount(sum(rows.map((row) => row.burn_rate))),
    },
    { name: "", cell: (row) => topUpCell(row, group, me) },
  ];
}

function topUpCell({ user, budget }, group, me) {
  if (budget === null) {
    return "";
  }
  if (user === me) {
    return h("span.gh-muted.gh-small", { title: "Nobody tops up their own budget" }, "by another lead");
  }
  const given = { type: "button", "data-topup": user, "data-group": group, "aria-label": `Top up ${user}...` };
  return h("button.gh-btn.gh-btn-small", given, "Top up...");
}

function topupList({ topups }, { currency, as_of: now }) {
  if (topups.length === 0) {
    return null;
  }
  const line = (one) =>
    h(
      "li",
      {},
      h("span.gh-strong", {}, money(one.amount, currency)),
      ` for ${one.user || "the group"} by ${one.author}, ${moment(one.at, now)} UTC. `,
      h("span.gh-muted", {}, one.reason),
    );
  return [h("h3.gh-label.gh-topups-head", {}, "Top-ups this month"), h("ul.gh-topups", {}, topups.map(line))];
}
