// Reports: what was spent in a month or a year, by group, person, profile, cluster or day; as a chart, a table and a file.

import { ApiError, file, get } from "../api.js";
import { daily, legend } from "../chart.js";
import { decimal, share } from "../decimal.js";
import { draw, fill, h, icon, section } from "../dom.js";
import { Filters } from "../filters.js";
import { amount, exact, money, month, percent, short, unit } from "../format.js";
import { figure } from "../grouprows.js";
import { Table } from "../table.js";

const MONTHS_BACK = 12;
const PERIOD_MS = 30_000;
const NARROWEST = 240;
const WORDS = {
  group: "Group",
  user: "Person",
  profile: "Profile",
  cluster: "Cluster or server",
  day: "Day",
};
const MONTHS_OF_A_YEAR = 12;

/** Draw the page and keep it current. */
export function start(page) {
  const now = new Date().toISOString();
  const places = {
    figures: h("dl.gh-figures.gh-figures-4"),
    chart: h("div"),
    table: h("div"),
    note: h("p.gh-muted.gh-small.gh-note"),
  };
  let shown = null;
  const filters = new Filters({
    search: null,
    choices: [
      { name: "span", label: "Month or year", options: spans(now) },
      { name: "group", label: "Group", options: [["", "Group: all"]] },
      {
        name: "by",
        label: "Sums by",
        options: Object.keys(WORDS).map((by) => [by, `By ${WORDS[by].toLowerCase()}`]),
      },
    ],
    changed: () => refresh(),
  });
  const asked = () => ({ ...bounds(filters.values.span), group: filters.values.group });
  const save = (format, by) => () => keep(filters, { ...asked(), by, format });
  const button = (words, onClick) => h("button.gh-btn", { type: "button", on: { click: onClick } }, icon("get"), words);
  page.end(
    button("CSV", () => save("csv", `day,group,user,profile,cluster`)()),
    button("FOCUS 1.2", save("focus", "")),
  );
  new ResizeObserver(() => shown && paint(places, shown, page)).observe(page.content);

  const refresh = page.live(
    async (signal) => {
      const by = filters.values.by;
      const [days, lines] = await Promise.all([
        get("admin/report", { ...asked(), by: "day,group" }, signal),
        get("admin/report", { ...asked(), by }, signal),
      ]);
      return { as_of: lines.as_of, days, lines, by };
    },
    (data, overview) => {
      const titles = Object.fromEntries(overview.groups.map((row) => [row.group, row.title]));
      shown = {
        ...data,
        span: filters.values.span,
        title: (name) => titles[name] ?? name,
        order: Object.keys(titles),
      };
      filters.offer("group", [["", "Group: all"], ...overview.groups.map((row) => [row.group, row.title])]);
      fill(page.content, filters.element, places.figures, places.chart, places.table);
      page.say(`${words(shown.span)}, as of ${exact(data.as_of)}. Updates every 30 s.`);
      paint(places, shown, page);
    },
    { period: PERIOD_MS },
  );
}

function paint(places, shown, page) {
  draw(places.figures, figures(shown));
  draw(places.chart, chart(shown, page.content.clientWidth));
  places.shown = shown;
  const kind = `${shown.by} ${shown.lines.totals.map((one) => one.currency).join(" ")}`;
  if (places.kind !== kind) {
    places.kind = kind;
    places.lines = table(shown, () => places.shown);
    page.turns((step) => places.lines.turn(step));
    fill(places.table, section(`By ${WORDS[shown.by].toLowerCase()}`, "", places.lines.element, places.note));
  }
  draw(places.note, note(shown.lines));
  places.lines.show(shown.lines.lines);
}

/** The months back to a year ago, and this year and the one before. */
function spans(now) {
  const first = new Date(now);
  const months = Array.from({ length: MONTHS_BACK }, (_, back) => {
    const at = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() - back, 1)).toISOString();
    return [at.slice(0, 7), words(at.slice(0, 7))];
  });
  const year = first.getUTCFullYear();
  return [...months, [String(year), String(year)], [String(year - 1), String(year - 1)]];
}

function words(span) {
  return span.length === 4 ? span : `${month(span)} ${span.slice(0, 4)}`;
}

/** The first day of a month or year, and of the next. */
function bounds(span) {
  const [year, number] = span.split("-").map(Number);
  const end = number ? new Date(Date.UTC(year, number, 1)) : new Date(Date.UTC(year + 1, 0, 1));
  return { from: number ? `${span}-01` : `${span}-01-01`, to: end.toISOString().slice(0, 10) };
}

function figures({ lines, days }) {
  const sums = (name) =>
    lines.totals.length ? lines.totals.map((one) => money(one[name], one.currency)).join(" + ") : "0.00";
  const hours = lines.totals.reduce((all, one) => all + Number(one.core_seconds) / 3600, 0);
  const used = new Set(days.lines.map((line) => line.day)).size;
  return [
    figure("Cost", sums("cost"), "", lines.totals.length > 1 ? "each currency by itself" : "of what the filter leaves"),
    figure("Core-hours", short(hours), "", "of units as they were reserved"),
    figure("Days", String(used), "", "on which something ran"),
    figure("Corrections", sums("corrections"), "", "of closed months, in the cost"),
  ];
}

/** Cost per day, or per month of a year, stacked by group. One chart has one currency: the one of its last day. */
function chart({ days, span, title, order }, width) {
  const currency = days.totals.at(-1)?.currency;
  if (!currency || width < NARROWEST) {
    return null;
  }
  const yearly = span.length === 4;
  const last = yearly ? MONTHS_OF_A_YEAR : new Date(Date.UTC(...span.split("-").map(Number), 0)).getUTCDate();
  const ours = days.lines.filter((line) => line.currency === currency);
  const names = [...new Set(ours.map((line) => line.group))].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const series = names.map((name) => ({ title: title(name), daily: stack(ours, name, last, yearly) }));
  const per = yearly ? "month" : "day";
  const total = money(days.totals.at(-1).cost, currency);
  const told = `Cost per ${per} in ${words(span)}, by group, together ${total}`;
  return section(`Cost per ${per}`, legend(series), daily(series, { days: last, currency, width, words: told }));
}

function stack(lines, group, last, yearly) {
  const sums = Array.from({ length: last }, () => 0n);
  for (const line of lines.filter((one) => one.group === group)) {
    sums[Number(yearly ? line.day.slice(5, 7) : line.day.slice(8)) - 1] += decimal(line.cost);
  }
  return sums.map((units) =>
    units < 0n ? "0" : `${units / 10n ** 18n}.${String(units % 10n ** 18n).padStart(18, "0")}`,
  );
}

/** The table of one grouping; current() answers the figures of now, because cells outlive those they were made with. */
function table({ by, lines }, current) {
  const name = (line) => (by === "group" ? current().title(line.group) : line[by]);
  const currencies = lines.totals.length > 1;
  const whole = (line) => current().lines.totals.find((one) => one.currency === line.currency);
  const part = (line) => share(decimal(line.cost), decimal(whole(line)?.cost ?? "0"));
  const seconds = (line, key) => Number(line[key]) / 3600;
  const sumOf = (key) => (all) => short(all.reduce((total, line) => total + seconds(line, key), 0));
  const money_ = (key) => (line) => h("span", { title: line[key] }, amount(line[key]));
  const added = (key) => (all) =>
    currencies ? "" : amount(all.reduce((total, line) => total + decimal(line[key]), 0n));
  const head = currencies ? "Cost" : `Cost ${unit(lines.totals[0]?.currency ?? "USD")}`;
  const columns = [
    { name: WORDS[by], value: name, cell: name },
    {
      name: "Hours",
      number: true,
      value: (line) => seconds(line, "seconds"),
      cell: (line) => short(seconds(line, "seconds")),
      foot: sumOf("seconds"),
    },
    {
      name: "Core-hours",
      number: true,
      value: (line) => seconds(line, "core_seconds"),
      cell: (line) => short(seconds(line, "core_seconds")),
      foot: sumOf("core_seconds"),
    },
    {
      name: "Share",
      number: true,
      value: (line) => part(line) ?? 0,
      cell: (line) => (part(line) === null ? "-" : percent(part(line), 1)),
      minor: true,
    },
    {
      name: "Corrections",
      number: true,
      value: (line) => decimal(line.corrections),
      cell: money_("corrections"),
      foot: added("corrections"),
      minor: true,
    },
    { name: head, number: true, value: (line) => decimal(line.cost), cell: money_("cost"), foot: added("cost") },
  ];
  if (currencies) {
    columns.push({ name: "Currency", value: (line) => line.currency, cell: (line) => line.currency });
  }
  return new Table({
    label: `By ${WORDS[by].toLowerCase()}`,
    key: (line) => `${line[by]} ${line.currency}`,
    sort: by === "day" ? [WORDS.day, false] : [head, true],
    empty: "Nothing ran in this time that the filter leaves.",
    columns,
  });
}

function note({ closed }) {
  const stays = closed.length
    ? `${closed.map(words).join(", ")} ${closed.length === 1 ? "is" : "are"} closed and ${closed.length === 1 ? "stays" : "stay"} so. `
    : "";
  return [stays, "Days and months are UTC. Lines add up to the total to the last digit; a hover shows all digits."];
}

async function keep(filters, query) {
  filters.say("");
  try {
    await file("admin/report", query);
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    filters.say(`Not saved: ${error.message} [${error.reason}]`);
  }
}
