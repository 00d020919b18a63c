// Meters: a picture of a number that stands beside it. Scale and fill language are those of the design: the nominal quota
// stands at 68 % of every bar, so ticks align down a column; what is borrowed is striped, what is lent is hatched; money turns amber and red.

import { h, svg } from "./dom.js";

const NOMINAL = 68;
export const WARN_AT = 0.8;
export const BAD_AT = 0.95;

/** used against quota, with what of it others use, all in words by `words`. */
export function quota(used, limit, lent, words) {
  const width = (value) => `${((value / limit) * NOMINAL).toFixed(2)}%`;
  const borrowed = Math.min(Math.max(0, used - limit), limit * (100 / NOMINAL - 1));
  const away = Math.min(lent, Math.max(0, limit - used));
  const from = `${(((limit - away) / limit) * NOMINAL).toFixed(2)}%`;
  return meter(
    { min: 0, max: limit, now: used, words },
    svg("title", {}, words),
    svg("rect.gh-m-track", { width: `${NOMINAL}%`, height: 12, rx: 2 }),
    svg("rect.gh-m-used", { width: width(Math.min(used, limit)), height: 12, rx: 2 }),
    away > 0 && svg("rect", { x: from, width: width(away), height: 12, fill: "url(#p-lent)" }),
    borrowed > 0 && svg("rect", { x: `${NOMINAL}%`, width: width(borrowed), height: 12, fill: "url(#p-borrowed)" }),
    svg("line.gh-m-tick", { x1: `${NOMINAL}%`, x2: `${NOMINAL}%`, y1: -3, y2: 15 }),
  );
}

/** spent against budget; part is their ratio, words say both. */
export function budget(part, words) {
  const tone = part >= BAD_AT ? "bad" : part >= WARN_AT ? "warn" : "used";
  return meter(
    { min: 0, max: 100, now: Math.round(part * 1000) / 10, words },
    svg("title", {}, words),
    svg("rect.gh-m-track", { width: "100%", height: 12, rx: 2 }),
    svg(`rect.gh-m-${tone}`, { width: `${(Math.min(1, Math.max(0, part)) * 100).toFixed(1)}%`, height: 12, rx: 2 }),
    svg("line.gh-m-mark", { x1: `${WARN_AT * 100}%`, x2: `${WARN_AT * 100}%`, y1: -2, y2: 14 }),
  );
}

function meter({ min, max, now, words }, ...children) {
  return svg(
    "svg.gh-meter",
    {
      role: "meter",
      "aria-label": words,
      "aria-valuemin": min,
      "aria-valuemax": max,
      "aria-valuenow": Math.min(now, max),
      "aria-valuetext": words,
    },
    ...children,
  );
}

/** What the fills of the quota meter mean. */
export function legend() {
  const box = { width: 18, height: 10, rx: 2 };
  const entry = (shape, words) => h("span", {}, svg("svg", { "aria-hidden": "true" }, shape), words);
  return h(
    "div.gh-legend",
    {},
    entry(svg("rect.gh-m-used", box), "used within quota"),
    entry(svg("rect", { ...box, fill: "url(#p-borrowed)" }), "borrowed"),
    entry(svg("rect", { ...box, fill: "url(#p-lent)" }), "lent to others"),
    entry(svg("rect.gh-m-track", box), "free"),
    entry(svg("line.gh-m-tick", { x1: 9, x2: 9, y1: -1, y2: 11 }), "quota"),
  );
}
