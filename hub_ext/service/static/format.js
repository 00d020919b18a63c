// Units for people, as hub_ext/contract/units.py writes them: $1,204.18, $0.24/h, 2 GiB, 4 cores, 1 h 30 min. Times are UTC.

import { cents, decimal } from "./decimal.js";

const SYMBOLS = { USD: "$", EUR: "€", GBP: "£" };
const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const SIZES = [
  ["TiB", 2 ** 40],
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
];

function units(amount) {
  return typeof amount === "bigint" ? amount : decimal(amount);
}

/** 1,204.18 without currency: for cells whose head names it. */
export function amount(value) {
  const [sign, whole, rest] = cents(units(value));
  return `${sign}${group(whole)}.${String(rest).padStart(2, "0")}`;
}

/** $1,204.18 or CHF 12.00. */
export function money(value, currency) {
  const text = amount(value);
  return text.startsWith("-") ? `-${symbol(currency)}${text.slice(1)}` : `${symbol(currency)}${text}`;
}

/** $5,000 where there are no cents: for budgets. */
export function whole(value, currency) {
  return money(value, currency).replace(/\.00$/, "");
}

/** $0.24/h. */
export function rate(value, currency) {
  return `${money(value, currency)}/h`;
}

/** $ or "CHF ", before an amount. */
export function symbol(currency) {
  return SYMBOLS[currency] ?? `${currency} `;
}

/** $ or CHF, in the head of a column. */
export function unit(currency) {
  return symbol(currency).trim();
}

/** 1,144. */
export function count(value) {
  return group(value);
}

function group(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** "1 worker", "40 workers". */
export function plural(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

/** "1 core", "0.5 cores", "64 cores". */
export function cores(value) {
  return `${short(value)} core${value === 1 ? "" : "s"}`;
}

/** A number with at most two decimals and grouped thousands. */
export function short(value) {
  const [head, tail] = String(Math.round(value * 100) / 100).split(".");
  return group(head) + (tail ? `.${tail}` : "");
}

/** "2 GiB", "1.5 GiB", "512 MiB". */
export function size(bytes) {
  const [name, scale] = SIZES.find((entry) => bytes >= entry[1]) ?? ["B", 1];
  return `${short(bytes / scale)} ${name}`;
}

/** "4 cores, 16 GiB, 1 × L4". */
export function shape(held) {
  const gpus = Object.entries(held.gpus ?? {}).filter((entry) => entry[1] > 0);
  return [cores(held.cores), size(held.memory), ...gpus.map(([model, n]) => `${n} × ${model.toUpperCase()}`)].join(
    ", ",
  );
}

/** "90 s", "20 min", "1 h 30 min", "2 d 4 h". */
export function duration(seconds) {
  const all = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(all / 60);
  const hours = Math.floor(all / 3600);
  if (all < 120) {
    return `${all} s`;
  }
  if (hours >= 48) {
    return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ""}`;
  }
  if (hours) {
    return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
  }
  return `${minutes} min`;
}

/** Seconds from one instant to another. */
export function between(start, end) {
  return (Date.parse(end) - Date.parse(start)) / 1000;
}

/** "81 %"; never rounds up to 100 %. */
export function percent(part, digits = 0) {
  const value = part * 100;
  const scale = 10 ** digits;
  const text =
    part < 1 ? Math.min(Math.round(value * scale), 100 * scale - 1) / scale : Math.floor(value * scale) / scale;
  return `${text.toFixed(digits)} %`;
}

function two(number) {
  return String(number).padStart(2, "0");
}

/** "14:12:05". */
export function clock(instant) {
  const at = new Date(instant);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
}

/** "2026-11-20 14:12:05 UTC": what a hover says. */
export function exact(instant) {
  return `${new Date(instant).toISOString().slice(0, 10)} ${clock(instant)} UTC`;
}

/** "14:12" on the day of now, else "18 Nov 14:12". */
export function moment(instant, now) {
  const at = new Date(instant);
  const text = clock(instant).slice(0, 5);
  const today = at.toISOString().slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  return today ? text : `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()].slice(0, 3)} ${text}`;
}

/** "Friday 20 November 2026, 14:12 UTC". */
export function today(instant) {
  const at = new Date(instant);
  const date = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  return `${DAYS[at.getUTCDay()]} ${date}, ${clock(instant).slice(0, 5)} UTC`;
}

/** A policy version as people quote it: its first twelve characters. */
export function version(text) {
  return text.slice(0, 12);
}

/** "November" of an instant or of "2026-11". */
export function month(instant) {
  return MONTHS[Number(String(instant).slice(5, 7)) - 1];
}
