// Dialogs with a reason: stop somebody's server or cluster, in numbers, with words that the person will read.
// Focus starts in the first field, Esc changes nothing, and focus returns to where it was.

import { ApiError, post } from "./api.js";
import { code, draw, h } from "./dom.js";

export const SHORTEST_REASON = 8;

/**
 * Ask, and stop.
 * @param {{lease: string, name: string, user: string, kind: "server"|"cluster", facts: string}} what
 * @returns {Promise<string|null>} the service's sentence; null: it was kept running
 */
export function stopDialog(what) {
  const { reason, wrong } = why();
  const keep = h("button.gh-btn", { type: "button" }, "Keep it running");
  const stop = h("button.gh-btn.gh-btn-danger-fill", { type: "submit" }, `Stop ${what.kind}`);
  const form = h(
    "form",
    { novalidate: true },
    h("h1", { id: "gh-dialog-title" }, `Stop ${what.name}?`),
    h("p", { id: "gh-dialog-facts" }, what.facts),
    h("div", {}, h("label.gh-label", { for: "gh-why" }, "Reason"), reason, note(what), wrong),
    h("div.gh-dialog-end", {}, keep, stop),
  );
  return ask({ form, cancel: keep, first: reason, send: () => send({ what, reason, wrong, stop }) });
}

/** The field for a reason, and the place where it is said what is wrong. */
export function why() {
  const described = "gh-why-note gh-why-bad";
  const reason = h("textarea.gh-area", { id: "gh-why", rows: 3, maxlength: 500, "aria-describedby": described });
  return { reason, wrong: h("p.gh-bad", { id: "gh-why-bad", role: "alert" }) };
}

/**
 * Show a form until it is sent or left.
 * @param {object} what
 * @param {HTMLFormElement} what.form with the ids gh-dialog-title and gh-dialog-facts
 * @param {HTMLElement} what.cancel
 * @param {HTMLElement} what.first takes the focus
 * @param {() => Promise<string|null>} what.send null: something is wrong, the form stays
 * @returns {Promise<string|null>} what send answered; null: it was left
 */
export function ask({ form, cancel, first, send: submit }) {
  const opener = document.activeElement;
  const named = { "aria-labelledby": "gh-dialog-title", "aria-describedby": "gh-dialog-facts" };
  const dialog = h("dialog.gh-dialog", named, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let sentence = null;
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      refocus(opener);
      resolve(sentence);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      sentence = await submit();
      if (sentence !== null) {
        dialog.close();
      }
    });
    dialog.showModal();
    first.focus();
  });
}

function note(what) {
  const words = `At least ${SHORTEST_REASON} characters. ${what.user} sees this text; it is recorded with your name.`;
  return h("p.gh-muted.gh-small.gh-note", { id: "gh-why-note" }, words);
}

async function send({ what, reason, wrong, stop }) {
  const text = reason.value.trim();
  reason.setAttribute("aria-invalid", String(text.length < SHORTEST_REASON));
  if (text.length < SHORTEST_REASON) {
    draw(wrong, `Write a reason of at least ${SHORTEST_REASON} characters.`);
    reason.focus();
    return null;
  }
  stop.disabled = true;
  draw(wrong);
  draw(stop, "Stopping…");
  try {
    const answer = await post("admin/stop", { lease: what.lease, note: text });
    return answer.message || `${what.name} stops.`;
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    draw(wrong, "Not stopped: ", error.message, " ", code(error.reason));
    return null;
  } finally {
    stop.disabled = false;
    draw(stop, `Stop ${what.kind}`);
  }
}

function refocus(opener) {
  const place = opener?.isConnected ? opener : document.querySelector("main");
  place?.focus();
}
