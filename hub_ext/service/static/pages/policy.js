// Policy: which file is in force, since when, and what is wrong with a newer one. The page reads the file's effect; it never
// writes it.

import { get } from "../api.js";
import { code, draw, fill, h, icon, section } from "../dom.js";
import { between, duration, exact, moment, percent, plural, short, version, whole } from "../format.js";

const MISTAKE = /^(.+?) \(line (\d+)\): (.*)$/s;

/** Draw the page and keep it current. */
export function start(page) {
  const places = { mistakes: h("div"), running: h("div"), groups: h("div") };
  fill(page.content, places.mistakes, places.running, places.groups);
  page.live(
    async (signal) => ({ health: await get("health", {}, signal) }),
    ({ health }, overview) => {
      const data = { ...overview, health };
      draw(places.mistakes, data.policy_mistakes.length ? mistakes(data) : null);
      draw(places.running, inForce(data));
      draw(places.groups, effect(data));
    },
  );
}

function mistakes({ policy_mistakes: found, policy_version: name }) {
  const heads = [
    h("th.gh-n", { scope: "col" }, "Line"),
    h("th", { scope: "col" }, "Where"),
    h("th", { scope: "col" }, "Mistake"),
  ];
  const fact = `A newer file was not loaded: ${plural(found.length, "mistake")}. Nothing changed; ${version(name)} stays in force.`;
  const next = [
    "Correct it in git; the file is read again by itself. Try it before: ",
    h("code", {}, "gatehouse policy check FILE"),
    " ",
    code("reload_failed"),
  ];
  return h(
    "div.gh-notice.gh-notice-bad",
    { role: "alert" },
    icon("bad"),
    h(
      "div",
      {},
      h("p.gh-strong", {}, fact),
      h(
        "table.gh-table.gh-mistakes",
        { "aria-label": "Mistakes" },
        h("thead", {}, h("tr", {}, heads)),
        h("tbody", {}, found.map(mistake)),
      ),
      h("p.gh-muted", {}, next),
    ),
  );
}

function mistake(text) {
  const match = MISTAKE.exec(text);
  const [where, line, what] = match ? [match[1], match[2], match[3]] : ["", "", text];
  return h("tr", {}, h("td.gh-n", {}, line || "-"), h("td", {}, where ? h("code", {}, where) : "-"), h("td", {}, what));
}

function inForce(data) {
  const { policy_loaded_at: loaded, as_of: now, health, currency } = data;
  const same = health.policy_version === data.policy_version;
  const since = [
    " since ",
    h("time", { datetime: loaded, title: exact(loaded) }, `${moment(loaded, now)} UTC`),
    ` (${duration(between(loaded, now))})`,
  ];
  const facts = [
    ["In force", [h("code.gh-strong", { title: data.policy_version }, version(data.policy_version)), since]],
    ["Covers", `${plural(data.groups.length, "group")}; money in ${currency}`],
    ["Decides by it", `service ${health.version}${same ? "" : `, which answers with ${health.policy_version}`}`],
  ];
  return section(
    "Running version",
    "",
    h(
      "dl.gh-facts",
      {},
      facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    ),
  );
}

function effect({ groups, currency }) {
  const heads = [["Group"], ["Cores", true], ["Budget a month", true], ["Warns at"]];
  const head = heads.map(([words, number]) => h(number ? "th.gh-n" : "th", { scope: "col" }, words));
  const body = groups.map(({ group, title, cores, balance }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, title, " ", h("code.gh-muted", {}, group)),
      h("td.gh-n", {}, cores.quota === null ? "no quota" : short(cores.quota)),
      h("td.gh-n", {}, balance.budget === null ? "no budget" : whole(balance.budget, currency)),
      h("td", {}, balance.warn_at.map((level) => percent(level)).join(", ") || "-"),
    ),
  );
  const table = h(
    "table.gh-table",
    { "aria-label": "What it sets" },
    h("thead", {}, h("tr", {}, head)),
    h("tbody", {}, body),
  );
  const note = "Groups in their order: the first that fits is charged";
  return h("div.gh-narrow", {}, section("What it sets", note, h("div.gh-scroll", {}, table)));
}
