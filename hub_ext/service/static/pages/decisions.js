// Decisions: every yes, part and no, newest first, with the sentence that the person read and its reason code.

import { get } from "../api.js";
import { csv } from "../csv.js";
import { code, draw as redraw, fill, h, icon, section, state } from "../dom.js";
import { Filters, groups } from "../filters.js";
import { clock, count, exact, moment, percent, plural } from "../format.js";
import { figure } from "../grouprows.js";
import { MEANINGS } from "../reasons.js";
import { Table } from "../table.js";
import { bare } from "../warnings.js";

const ANSWERS = [
  ["", "Answer: all"],
  ["no", "Refused"],
  ["part", "Granted in part"],
  ["yes", "Granted in full"],
];

/** Draw the page and keep it current. */
export function start(page) {
  const places = { figures: h("dl.gh-figures.gh-figures-4"), reasons: h("div") };
  let data = null;
  let table = null;
  let titles = {};
  const title = (group) => titles[group] ?? group;
  const filters = new Filters({
    search: "Person, profile, name or code",
    choices: [
      { name: "group", label: "Group", options: [["", "Group: all"]] },
      { name: "answer", label: "Answer", options: ANSWERS },
    ],
    changed: () => draw(),
  });
  page.end(h("button.gh-btn", { type: "button", on: { click: () => data && save(data) } }, icon("get"), "CSV"));

  function draw() {
    const shown = data.decisions.filter(passes);
    table.show(shown, data.decisions);
    filters.say(`${count(shown.length)} of ${plural(data.decisions.length, "decision")}`);
    redraw(places.figures, figures(data));
    redraw(places.reasons, byReason(data, title));
  }

  function passes(row) {
    const { group, answer } = filters.values;
    const found = filters.finds(row.user, row.profile, row.name, row.message, row.reason ?? "", row.group, row.id);
    return found && (!group || row.group === group) && (!answer || answerOf(row) === answer);
  }

  page.live(
    (signal) => get("admin/decisions", {}, signal),
    (fresh, overview) => {
      data = fresh;
      titles = Object.fromEntries(overview.groups.map((row) => [row.group, row.title]));
      if (table === null) {
        table = rows(() => data.as_of, title);
        page.turns((step) => table.turn(step));
        fill(page.content, filters.element, places.figures, places.reasons, section("Latest", "", table.element));
      }
      filters.offer(
        "group",
        groups(data.decisions.filter((row) => row.group).map((row) => ({ ...row, group_title: title(row.group) }))),
      );
      draw();
    },
  );
}

function answerOf(row) {
  return row.allowed ? (row.reason ? "part" : "yes") : "no";
}

const STATES = {
  yes: () => state("ok", "ok", "Granted"),
  part: () => state("warn", "warn", "In part"),
  no: () => state("bad", "bad", "Refused"),
};

function figures({ decisions, as_of: now }) {
  const of = (answer) => decisions.filter((row) => answerOf(row) === answer).length;
  const part = (n) => (decisions.length ? percent(n / decisions.length, 1) : "-");
  const people = new Set(decisions.map((row) => row.user)).size;
  const since = decisions.length ? `since ${moment(decisions[decisions.length - 1].at, now)} UTC` : "none yet";
  return [
    figure(
      "Decisions",
      count(decisions.length),
      "",
      `${since}, ${people === 1 ? "1 person" : `${count(people)} people`}`,
    ),
    figure("Granted in full", count(of("yes")), "", part(of("yes"))),
    figure("Granted in part", count(of("part")), "", part(of("part"))),
    figure("Refused", count(of("no")), "", part(of("no"))),
  ];
}

function byReason({ decisions }, title) {
  const parts = new Map();
  decisions
    .filter((row) => row.reason)
    .forEach((row) => parts.set(row.reason, [...(parts.get(row.reason) ?? []), row]));
  if (parts.size === 0) {
    return null;
  }
  const lines = [...parts].sort((a, b) => b[1].length - a[1].length);
  const heads = ["Code", "Meaning", "Effect", "Count", "People", "Most in"];
  const head = heads.map((words) => h(["Count", "People"].includes(words) ? "th.gh-n" : "th", { scope: "col" }, words));
  const total = lines.reduce((result, line) => result + line[1].length, 0);
  const body = lines.map(([reason, rows_]) => reasonLine(reason, rows_, title));
  const table = h(
    "table.gh-table",
    { "aria-label": "By reason" },
    h("thead", {}, h("tr", {}, head)),
    h("tbody", {}, body),
  );
  return section("By reason", plural(total, "answer"), h("div.gh-scroll", {}, table));
}

function reasonLine(reason, rows_, title) {
  const groups_ = new Map();
  rows_.forEach((row) => groups_.set(row.group, (groups_.get(row.group) ?? 0) + 1));
  const [most, number] = [...groups_].sort((a, b) => b[1] - a[1])[0];
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("span.gh-mono", {}, reason)),
    h("td", {}, MEANINGS[reason] ?? "-"),
    h("td", {}, STATES[answerOf(rows_[0])]()),
    h("td.gh-n", {}, count(rows_.length)),
    h("td.gh-n", {}, count(new Set(rows_.map((row) => row.user)).size)),
    h("td", {}, most ? `${title(most)} ${number}` : "-"),
  );
}

function rows(now, title) {
  const at = (row) =>
    h("time", { datetime: row.at, title: `${exact(row.at)}, decision ${row.id}` }, stamp(row.at, now()));
  const asked = (row) => [row.profile, row.name && h("span.gh-muted", {}, ` ${row.name}`)];
  return new Table({
    label: "Latest decisions",
    key: (row) => row.id,
    sort: ["UTC", true],
    empty: "Nobody has asked for anything yet.",
    top: true,
    columns: [
      { name: "UTC", number: true, value: (row) => Date.parse(row.at), cell: at },
      { name: "Person", value: (row) => row.user, cell: (row) => row.user },
      { name: "Group", value: (row) => title(row.group), cell: (row) => title(row.group) || "-", minor: true },
      { name: "Asked for", value: (row) => row.profile, cell: asked },
      { name: "Answer", value: answerOf, cell: (row) => STATES[answerOf(row)]() },
      { name: "What the person read", cell: (row) => [bare(row.message, row.reason), " ", code(row.reason)] },
    ],
  });
}

function stamp(at, now) {
  const day = moment(at, now).slice(0, -5);
  return day + clock(at);
}

function save(data) {
  const names = ["id", "at", "user", "group", "kind", "profile", "name", "allowed", "reason", "message"];
  csv("gatehouse-decisions.csv", [names, ...data.decisions.map((row) => names.map((name) => row[name]))]);
}
