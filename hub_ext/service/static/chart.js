// Cost per day as bars, stacked by group in policy order; drawn at the measured width so that text stays 11 px.

import { decimal, float } from "./decimal.js";
import { symbol } from "./format.js";
import { h, svg } from "./dom.js";

const HEIGHT = 168;
const LEFT = 52;
const TOP = 10;
const BOTTOM = 22;
const COLOURS = 7;

/**
 * @param {Array<{title: string, daily: string[]}>} series one for each group
 * @param {{days: number, currency: string, width: number, words: string}} frame
 */
export function daily(series, { days, currency, width, words }) {
  const sums = Array.from({ length: days }, (_, day) =>
    series.reduce((total, one) => total + float(decimal(one.daily[day] ?? "0")), 0),
  );
  const top = ceiling(Math.max(...sums, 0.01));
  const x = (day) => LEFT + (day * (width - LEFT)) / days;
  const y = (value) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  return svg(
    "svg.gh-chart",
    { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, role: "img", "aria-label": words },
    grid(top, currency, width, y),
    stacks(series, days, x, y),
    labels(days, x),
  );
}

function grid(top, currency, width, y) {
  return [0, 0.5, 1].flatMap((part) => [
    svg(part ? "line.gh-c-grid" : "line.gh-c-axis", { x1: LEFT, x2: width, y1: y(top * part), y2: y(top * part) }),
    svg("text", { x: LEFT - 8, y: y(top * part) + 4, "text-anchor": "end" }, `${symbol(currency)}${label(top * part)}`),
  ]);
}

function stacks(series, days, x, y) {
  const bars = [];
  for (let day = 0; day < days; day += 1) {
    let below = 0;
    series.forEach((one, index) => {
      const value = float(decimal(one.daily[day] ?? "0"));
      if (value > 0) {
        const edge = y(below + value);
        const size = { x: x(day) + 2, y: edge, width: x(day + 1) - x(day) - 4, height: y(below) - edge };
        bars.push(svg(`rect.gh-s${(index % COLOURS) + 1}.gh-c-sep`, size));
      }
      below += value;
    });
  }
  return bars;
}

function labels(days, x) {
  return Array.from({ length: days }, (_, day) =>
    svg("text", { x: (x(day) + x(day + 1)) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, `${day + 1}`),
  );
}

function ceiling(value) {
  const scale = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 5, 6, 8, 10].find((step) => step * scale >= value) * scale;
}

function label(value) {
  return value >= 1 || value === 0 ? String(Math.round(value * 100) / 100) : value.toFixed(value < 0.01 ? 3 : 2);
}

/** The colours of the groups, in words. */
export function legend(series) {
  const swatch = (index) => svg(`rect.gh-s${(index % COLOURS) + 1}`, { width: 18, height: 10, rx: 1 });
  const entry = (one, index) => h("span", {}, svg("svg", { "aria-hidden": "true" }, swatch(index)), one.title);
  return h("div.gh-legend", {}, series.map(entry));
}
