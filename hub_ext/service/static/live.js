// Figures stay current: asked for every few seconds, not at all while the page is hidden. When the service is away the
// last figures stay, and the strip says since when.

import { ApiError } from "./api.js";
import { clock, exact } from "./format.js";
import { code, draw, h, icon } from "./dom.js";

const PERIOD_MS = 5_000;

/**
 * Keep a page current.
 * @param {(signal: AbortSignal) => Promise<object>} load answers the page's data; data.as_of says of when
 * @param {(data: object) => void} show draws it
 * @param {{period?: number}} options
 * @returns {() => void} ask again at once
 */
export function live(load, show, { period = PERIOD_MS } = {}) {
  const strip = document.getElementById("gh-strip");
  let turn = 0;
  let timer = 0;
  let asked = null;
  let seen = null;

  async function ask() {
    turn += 1;
    const mine = turn;
    window.clearTimeout(timer);
    asked?.abort();
    asked = new AbortController();
    try {
      const data = await load(asked.signal);
      if (mine !== turn) {
        return;
      }
      seen = data.as_of;
      draw(strip);
      show(data);
    } catch (error) {
      if (mine !== turn) {
        return;
      }
      if (!(error instanceof ApiError)) {
        throw error;
      }
      complain(strip, error, seen);
    } finally {
      if (mine === turn && !document.hidden) {
        timer = window.setTimeout(ask, period);
      }
    }
  }

  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(timer);
    if (!document.hidden) {
      ask();
    }
  });
  ask();
  return ask;
}

function complain(strip, error, seen) {
  const stands = seen ? ["What you see is of ", time(seen), ". "] : [];
  const words = {
    away: () => [
      strong(seen ? ["Gatehouse has not answered since ", time(seen), "."] : ["Gatehouse does not answer."]),
      seen ? " These are its last figures; what runs goes on. " : " What runs goes on. ",
      "It is asked again every few seconds. ",
    ],
    login: () => [strong(error.message), " ", ...stands, "Nothing was stopped. ", again(), " "],
    refused: () => [strong(error.message), " ", ...stands],
  };
  const tone = error.kind === "away" ? "warn" : "bad";
  draw(
    strip,
    h(`div.gh-notice.gh-notice-${tone}`, {}, icon(tone), h("div", {}, words[error.kind](), code(error.reason))),
  );
}

function strong(words) {
  return h("span.gh-strong", {}, words);
}

function time(instant) {
  return h("time", { datetime: instant, title: exact(instant) }, `${clock(instant)} UTC`);
}

function again() {
  return h("a", { href: window.location.href }, "Log in again");
}
