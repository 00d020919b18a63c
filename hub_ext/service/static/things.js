// Servers and clusters as columns of a table: the same words, icons and order wherever they are listed.

import { decimal, sum } from "./decimal.js";
import { amount, between, count, duration, exact, shape, size, short, unit } from "./format.js";
import { code, h, state } from "./dom.js";

const stopping = new Set();

/** Remember that a lease was told to stop: its row says so until the service does. */
export function told(lease) {
  stopping.add(lease);
}

/** The state that people see: what the service says, and what was just told. */
export function stateOf(thing) {
  return stopping.has(thing.lease) && thing.state !== "stopped" ? "stopping" : thing.state;
}

/** Whether it is still there. */
export function alive(thing) {
  return thing.state !== "stopped";
}

/** How many workers it still waits for. */
export function waiting(cluster) {
  return stateOf(cluster) === "running" ? Math.max(0, (cluster.wanted ?? 0) - (cluster.granted ?? 0)) : 0;
}

const STATES = {
  starting: ["info", "wait", "Starting"],
  running: ["ok", "run", "Running"],
  stopping: ["idle", "down", "Stopping"],
  stopped: ["idle", "minus", "Ended"],
};

/** Why something stops soon, or was stopped, or shows no panel: said in full to its owner. */
const SAID = new Set(["idle", "lifetime", "scheduler_ended", "server_ended", "start_failed", "blocked", "no_panel"]);

/** Icon and word, with the reason where it waits or ended. */
export function stateCell(thing) {
  const missing = waiting(thing);
  const [tone, name, word] = missing ? ["warn", "wait", `Waiting for ${count(missing)}`] : STATES[stateOf(thing)];
  const why = thing.message ? h("span", { title: thing.message }, state(tone, name, word)) : state(tone, name, word);
  return thing.reason ? [why, h("div", {}, code(thing.reason))] : why;
}

/** What it is called: the person's word for it, or its id. */
export function nameOf(thing) {
  return thing.name || ("workers_max" in thing ? thing.id || "(unnamed)" : "default");
}

function held(thing) {
  return thing.held ?? thing.shape;
}

/** The columns, as the pages choose them. now answers the instant of the figures, currency their currency. */
export function columns(now, currency) {
  const since = (thing) => thing.started_at ?? thing.requested_at;
  const age = (thing) => between(since(thing), thing.ended_at ?? now());
  return {
    name: (title) => ({ name: title, value: nameOf, cell: (thing) => h("span.gh-name", {}, nameOf(thing)) }),
    user: { name: "Person", value: (thing) => thing.user, cell: (thing) => thing.user },
    group: { name: "Group", value: (thing) => thing.group_title, cell: (thing) => thing.group_title },
    profile: { name: "Profile", value: (thing) => thing.title, cell: (thing) => thing.title, minor: true },
    kind: {
      name: "Profile",
      value: (thing) => thing.profile,
      cell: (thing) => h("span", { title: thing.title }, thing.profile),
      minor: true,
    },
    told: {
      name: "State",
      value: (thing) => stateOf(thing) + (waiting(thing) ? " waiting" : ""),
      cell: (thing) => [stateCell(thing), SAID.has(thing.reason) ? h("div.gh-muted.gh-small", {}, thing.message) : ""],
    },
    state: { name: "State", value: (thing) => stateOf(thing) + (waiting(thing) ? " waiting" : ""), cell: stateCell },
    workers: {
      name: "Workers / wanted",
      number: true,
      value: (cluster) => cluster.running,
      cell: workersCell,
      foot: (all) => count(all.reduce((total, cluster) => total + cluster.running, 0)),
    },
    cores: {
      name: "Cores",
      number: true,
      value: (thing) => held(thing).cores,
      cell: (thing) => h("span", { title: shape(held(thing)) }, short(held(thing).cores), gpus(thing)),
      foot: (all) => short(all.reduce((total, thing) => total + held(thing).cores, 0)),
    },
    memory: {
      name: "Memory",
      number: true,
      minor: true,
      value: (thing) => held(thing).memory,
      cell: (thing) => size(held(thing).memory),
      foot: (all) => size(all.reduce((total, thing) => total + held(thing).memory, 0)),
    },
    age: {
      name: "Age",
      number: true,
      value: age,
      cell: (thing) => h("time", { datetime: since(thing), title: exact(since(thing)) }, duration(age(thing))),
    },
    rate: {
      name: `${unit(currency())}/h`,
      number: true,
      value: (thing) => decimal(thing.price_per_hour),
      cell: (thing) => amount(thing.price_per_hour),
      foot: (all) => amount(sum(all.map((thing) => thing.price_per_hour))),
    },
    cost: {
      name: `So far ${unit(currency())}`,
      number: true,
      value: (thing) => decimal(thing.cost),
      cell: (thing) => amount(thing.cost),
      foot: (all) => amount(sum(all.map((thing) => thing.cost))),
    },
    idle: {
      name: `Idle ${unit(currency())}`,
      number: true,
      value: (cluster) => decimal(cluster.idle_cost ?? "0"),
      cell: idleCell,
      foot: (all) => amount(sum(all.map((cluster) => cluster.idle_cost ?? "0"))),
    },
    stop: {
      name: "",
      number: true,
      cell: (thing) => (stateOf(thing) === "running" || stateOf(thing) === "starting" ? stopButton(thing) : ""),
    },
  };
}

function gpus(thing) {
  const models = Object.entries(held(thing).gpus ?? {}).filter((entry) => entry[1] > 0);
  return models.map(([model, n]) => h("span.gh-muted", {}, ` + ${n} ${model.toUpperCase()}`));
}

function workersCell(cluster) {
  const words = `${count(cluster.running)} run, ${count(cluster.granted)} granted, ${count(cluster.wanted)} wanted`;
  return h("span", { title: words }, count(cluster.running), " ", h("span.gh-muted", {}, `/ ${count(cluster.wanted)}`));
}

/** What was paid for workers that were idle or starting, with their share of the time; a hyphen where nothing is known. */
function idleCell(cluster) {
  const { busy_share: busy, idle_share: idle, starting_share: starting } = cluster;
  if (busy === null || busy === undefined) {
    return h("span.gh-muted", { title: "Nothing is known of its workers yet" }, "-");
  }
  const [b, i, s] = [busy, idle, starting].map((share) => `${Math.round(share * 100)} %`);
  const words = `Workers: ${b} busy, ${i} idle, ${s} starting. ${cluster.hint}`.trim();
  return h("span", { title: words }, amount(cluster.idle_cost));
}

function stopButton(thing) {
  const words = `Stop ${nameOf(thing)} of ${thing.user}`;
  return h(
    "button.gh-btn.gh-btn-row",
    { type: "button", "data-stop": thing.lease, "aria-label": `${words}...` },
    "Stop...",
  );
}
