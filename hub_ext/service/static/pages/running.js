// Servers and Clusters: one page in two kinds. Filter, sort, sums, and Stop with a reason.

import { stopDialog } from "../dialog.js";
import { draw as redraw, fill, h, icon } from "../dom.js";
import { Filters, groups } from "../filters.js";
import { money, plural, rate, shape } from "../format.js";
import { Table } from "../table.js";
import { alive, columns, nameOf, stateOf, told, waiting } from "../things.js";

const STATES = [
  ["", "State: all that run"],
  ["starting", "Starting"],
  ["running", "Running"],
  ["waiting", "Waiting for workers"],
  ["stopping", "Stopping"],
  ["stopped", "Ended in the last 10 min"],
];

/**
 * @param {object} page from main.js: content, may, prefix
 * @param {object} kind
 * @param {"server"|"cluster"} kind.word
 * @param {(signal: AbortSignal) => Promise<object>} kind.load
 * @param {(data: object) => object[]} kind.list
 * @param {string[]} kind.columns by their name in things.js
 * @param {(thing: object) => string} kind.lost what a stop loses
 * @param {string} kind.search what the box finds
 * @param {string} kind.empty what stands where none run
 */
export function running(page, kind) {
  let data = { as_of: new Date().toISOString(), currency: "USD" };
  let things = [];
  let table = null;
  const said = h("div", { role: "status" });
  const filters = new Filters({
    search: kind.search,
    choices: [
      { name: "group", label: "Group", options: [["", "Group: all"]] },
      {
        name: "state",
        label: "State",
        options: STATES.filter(([name]) => kind.word === "cluster" || name !== "waiting"),
      },
    ],
    changed: () => draw(),
  });

  function draw() {
    const there = things.filter(filters.values.state === "stopped" ? (thing) => !alive(thing) : alive);
    const shown = there.filter(passes);
    table.show(shown, there);
    filters.say(
      shown.length === there.length
        ? plural(there.length, kind.word)
        : `${shown.length} of ${plural(there.length, kind.word)}`,
    );
  }

  function passes(thing) {
    const { group, state } = filters.values;
    const fits = !state || stateOf(thing) === state || (state === "waiting" && waiting(thing) > 0);
    const found = filters.finds(
      nameOf(thing),
      thing.user,
      thing.group_title,
      thing.profile,
      thing.title,
      thing.id ?? "",
    );
    return found && fits && (!group || thing.group === group);
  }

  async function stop(lease) {
    const thing = things.find((one) => one.lease === lease);
    const facts = consequence(thing, kind, data.currency);
    const sentence = await stopDialog({ lease, name: called(thing), user: thing.user, kind: kind.word, facts });
    if (sentence !== null) {
      told(lease);
      redraw(said, h("div.gh-notice.gh-notice-ok", {}, icon("ok"), h("div", {}, sentence)));
      draw();
      await refresh();
    }
  }

  function start() {
    const given = columns(
      () => data.as_of,
      () => data.currency,
    );
    given.name = given.name(kind.word === "server" ? "Server" : "Cluster");
    const names = page.may.has("operate") ? [...kind.columns, "stop"] : kind.columns;
    table = new Table({
      label: kind.word === "server" ? "Servers" : "Clusters",
      columns: names.map((name) => given[name]),
      key: (thing) => thing.lease,
      sort: [given.rate.name, true],
      empty: kind.empty,
    });
    table.element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-stop]");
      if (button) {
        stop(button.dataset.stop);
      }
    });
    fill(page.content, said, filters.element, table.element);
    page.turns((step) => table.turn(step));
  }

  const refresh = page.live(kind.load, (fresh) => {
    data = fresh;
    things = kind.list(fresh);
    if (table === null) {
      start();
    }
    filters.offer("group", groups(things));
    draw();
  });
}

function called(thing) {
  return thing.id === undefined ? `${thing.user}'s server ${nameOf(thing)}` : nameOf(thing);
}

function consequence(thing, kind, currency) {
  const free = `${shape(thing.held ?? thing.shape).replace(/, ([^,]*)$/, " and $1")} come free to ${thing.group_title}`;
  const cost = `${rate(thing.price_per_hour, currency)} ends; so far it cost ${money(thing.cost, currency)}`;
  return `${kind.lost(thing)} ${free}. ${cost}.`;
}
