// Ledger: the intervals of a month and their sum, as a table and as a file.

import { ApiError, get } from "../api.js";
import { csv } from "../csv.js";
import { decimal, share, sum } from "../decimal.js";
import { draw, fill, h, icon, section, state } from "../dom.js";
import { Filters } from "../filters.js";
import { amount, count, duration, exact, moment, money, month, percent, plural, short, size, unit } from "../format.js";
import { figure } from "../grouprows.js";
import { Table } from "../table.js";
import { totals } from "./totals.js";

const SHOWN = 1_000;
const EVERYTHING = 100_000;
const MONTHS_BACK = 12;
const PERIOD_MS = 30_000;
const HEAD = [
  "unit",
  "kind",
  "user",
  "group",
  "profile",
  "name",
  "cores",
  "memory_bytes",
  "gpus",
  "started_at",
  "ended_at",
  "seconds",
  "source",
  "cost",
  "currency",
  "pending_seconds",
  "pulling_seconds",
];

const SOURCES = {
  exact: ["ok", "ok", "Exact"],
  reconciled: ["info", "info", "Reconciled"],
  estimated: ["warn", "warn", "Estimated"],
};

/** Draw the page and keep it current. */
export function start(page) {
  const now = new Date().toISOString();
  const places = { figures: h("dl.gh-figures.gh-figures-4"), by: h("div"), note: h("p.gh-muted.gh-small.gh-note") };
  const file = h("button.gh-btn", { type: "button", on: { click: () => save(filters) } }, icon("get"), "CSV");
  let titles = {};
  let table = null;
  const filters = new Filters({
    search: null,
    choices: [
      { name: "month", label: "Month", options: months(now) },
      { name: "group", label: "Group", options: [["", "Group: all"]] },
      { name: "user", label: "Person", options: [["", "Person: all"]] },
      {
        name: "by",
        label: "Sums by",
        options: [
          ["group", "Sums by group"],
          ["user", "Sums by person"],
          ["profile", "Sums by profile"],
        ],
      },
    ],
    changed: () => refresh(),
  });
  page.end(file);

  const refresh = page.live(
    (signal) => {
      const { month: of, group, user } = filters.values;
      return get("admin/ledger", { month: of, group, user, limit: SHOWN }, signal);
    },
    (data, overview) => {
      titles = Object.fromEntries(overview.groups.map((row) => [row.group, row.title]));
      if (table === null) {
        table = rows(data, (name) => titles[name] ?? name);
        page.turns((step) => table.turn(step));
        const sums = section("Intervals", "Newest first", table.element, places.note);
        fill(page.content, filters.element, places.figures, places.by, sums);
      }
      page.say(`${month(data.month)} ${data.month.slice(0, 4)}, as of ${exact(data.as_of)}. Updates every 30 s.`);
      offer(filters, data, overview.groups);
      draw(places.figures, figures(data, filters.values.group || filters.values.user));
      draw(
        places.by,
        totals(data, filters.values.by, (name) => titles[name] ?? name, data.rows.length < SHOWN),
      );
      draw(places.note, note(data));
      table.show(data.rows);
    },
    { period: PERIOD_MS },
  );
}

function months(now) {
  const first = new Date(now);
  return Array.from({ length: MONTHS_BACK }, (_, back) => {
    const at = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() - back, 1)).toISOString();
    return [at.slice(0, 7), `${month(at)} ${at.slice(0, 4)}`];
  });
}

function offer(filters, data, groups) {
  filters.offer("group", [["", "Group: all"], ...groups.map((row) => [row.group, row.title])]);
  if (!filters.values.user) {
    const people = [...new Set(data.rows.map((row) => row.user))].sort((a, b) => a.localeCompare(b, "en"));
    filters.offer("user", [["", "Person: all"], ...people.map((name) => [name, name])]);
  }
}

function figures(data, filtered) {
  const { currency } = data;
  const total = decimal(data.total);
  const open = data.rows.filter((row) => row.ended_at === null);
  const people = new Set(data.rows.map((row) => row.user)).size;
  const exactly = share(
    sum(data.rows.filter((row) => row.source === "exact").map((row) => row.cost)),
    sum(data.rows.map((row) => row.cost)),
  );
  const hours = data.rows.reduce((result, row) => result + (row.cores * row.seconds) / 3600, 0);
  return [
    figure("Cost", money(total, currency), "", filtered ? "of what the filter leaves" : `all of ${month(data.month)}`),
    figure(
      "Intervals",
      count(data.rows.length),
      "",
      `${open.length} still run; ${count(people)} ${people === 1 ? "person" : "people"}`,
    ),
    figure("Core-hours", short(hours), "", "of these intervals"),
    figure("Exact", exactly === null ? "-" : percent(exactly, 2), "", "of their cost"),
  ];
}

function note(data) {
  const cut =
    data.rows.length < SHOWN
      ? ""
      : `The newest ${plural(data.rows.length, "interval")} of the month stand here; the cost above holds all of them, and so does the file. `;
  return [
    cut,
    h("b", {}, "Exact"),
    ": start and end were events. ",
    h("b", {}, "Reconciled"),
    ": one end was found by comparing with the backend after a restart. ",
    h("b", {}, "Estimated"),
    ": no end was found; counted to the last sign of life.",
  ];
}

// Of a pod: seconds until it had a machine, and from then until its image was there and it ran; neither is charged.
function waits(row) {
  return [row.pending_seconds ?? null, row.pulling_seconds ?? null];
}

function waited(row) {
  const [pending, pulling] = waits(row);
  if (pending === null) {
    return "-";
  }
  const title = `${pending} s for a machine, ${pulling ?? 0} s for its image; neither is charged`;
  return h("span", { title }, duration(pending + (pulling ?? 0)));
}

function rows({ currency, as_of: now }, title) {
  const at = (instant) => h("time", { datetime: instant, title: exact(instant) }, moment(instant, now));
  const end = (row) => (row.ended_at ? at(row.ended_at) : state("ok", "run", "Runs"));
  const source = (row) => state(...(SOURCES[row.source] ?? ["idle", "info", row.source]));
  return new Table({
    label: "Intervals",
    key: (row) => row.unit,
    sort: ["Start (UTC)", true],
    empty: "Nothing ran in this month that the filter leaves.",
    columns: [
      { name: "What", value: (row) => row.kind, cell: (row) => h("span", { title: row.unit }, row.kind) },
      { name: "Name", value: (row) => row.name, cell: (row) => row.name || "-" },
      { name: "Person", value: (row) => row.user, cell: (row) => row.user },
      { name: "Group", value: (row) => title(row.group), cell: (row) => title(row.group) },
      { name: "Profile", value: (row) => row.profile, cell: (row) => row.profile, minor: true },
      { name: "Cores", number: true, value: (row) => row.cores, cell: (row) => short(row.cores) },
      { name: "Memory", number: true, value: (row) => row.memory, cell: (row) => size(row.memory), minor: true },
      {
        name: "Start (UTC)",
        number: true,
        value: (row) => Date.parse(row.started_at),
        cell: (row) => at(row.started_at),
      },
      { name: "End", number: true, value: (row) => Date.parse(row.ended_at ?? now), cell: end },
      {
        name: "Time",
        number: true,
        value: (row) => row.seconds,
        cell: (row) => h("span", { title: `${row.seconds} s` }, duration(row.seconds)),
      },
      {
        name: "Waited",
        number: true,
        value: (row) => (row.pending_seconds ?? 0) + (row.pulling_seconds ?? 0),
        cell: waited,
        minor: true,
      },
      { name: "Source", value: (row) => row.source, cell: source, minor: true },
      {
        name: `Cost ${unit(currency)}`,
        number: true,
        value: (row) => decimal(row.cost),
        cell: (row) => h("span", { title: row.cost }, amount(row.cost)),
        foot: (all) => amount(sum(all.map((row) => row.cost))),
      },
    ],
  });
}

async function save(filters) {
  const { month: of, group, user } = filters.values;
  filters.say("");
  try {
    write(await get("admin/ledger", { month: of, group, user, limit: EVERYTHING }));
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    filters.say(`Not saved: ${error.message} [${error.reason}]`);
  }
}

function write(data) {
  const lines = data.rows.map((row) => {
    const gpus = Object.entries(row.gpus)
      .map(([model, n]) => `${model}:${n}`)
      .join(" ");
    const what = [row.unit, row.kind, row.user, row.group, row.profile, row.name, row.cores, row.memory, gpus];
    return [...what, row.started_at, row.ended_at, row.seconds, row.source, row.cost, data.currency, ...waits(row)];
  });
  csv(`gatehouse-ledger-${data.month}.csv`, [HEAD, ...lines]);
}
