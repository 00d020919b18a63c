// Another idle time for what one runs: the longer times that its profile allows, each a button.

import { ApiError, post } from "./api.js";
import { code, draw, h, icon } from "./dom.js";
import { duration } from "./format.js";
import { nameOf, stateOf } from "./things.js";

const HOUR = 3600;

/** The longer idle times to choose from, in seconds: 1 h, 2 h and the longest that the profile allows. */
export function idleChoices({ idle_seconds: now, idle_max_seconds: longest, ...thing }) {
  if (now === 0 || stateOf(thing) !== "running") {
    return [];
  }
  const offered = [HOUR, 2 * HOUR, longest].filter((seconds) => seconds > now && seconds <= longest);
  return [...new Set(offered)].sort((one, other) => one - other);
}

/** When it stops without use, and what else may be chosen. */
export const keepColumn = {
  name: "Stops unused after",
  value: (thing) => thing.idle_seconds || Infinity,
  cell: (thing) => [thing.idle_seconds ? duration(thing.idle_seconds) : "never", buttons(thing)],
};

function buttons(thing) {
  const choices = idleChoices(thing);
  const name = nameOf(thing);
  return choices.length === 0
    ? null
    : h(
        "div.gh-keep",
        { role: "group", "aria-label": `Keep ${name} without use` },
        h("span.gh-muted.gh-small", {}, "Keep it for"),
        choices.map((seconds) => button(thing.lease, name, seconds)),
      );
}

function button(lease, name, seconds) {
  const words = `Keep ${name} for ${duration(seconds)} without use`;
  const given = { type: "button", "data-keep": lease, "data-seconds": seconds, "aria-label": words };
  return h("button.gh-btn.gh-btn-small", given, duration(seconds));
}

/** Send what is clicked below an element, say what came of it in another, and ask for the figures anew. */
export function keeps(element, said, refresh) {
  element.addEventListener("click", async (event) => {
    const clicked = event.target.closest("[data-keep]");
    if (clicked) {
      draw(said, await extend(clicked));
      await refresh();
    }
  });
}

async function extend(clicked) {
  const { keep: lease, seconds } = clicked.dataset;
  clicked.disabled = true;
  try {
    const { message } = await post("extend", { lease, idle_seconds: Number(seconds) });
    return notice("ok", message);
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    return notice("warn", error.message, " ", code(error.reason));
  } finally {
    clicked.disabled = false;
  }
}

function notice(tone, ...words) {
  return h(`div.gh-notice.gh-notice-${tone}.gh-apart`, {}, icon(tone), h("div", {}, words));
}
