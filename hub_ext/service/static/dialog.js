// Stop somebody's server or cluster: the question, what happens in numbers, and a reason that the person will read.
// Focus starts in the reason, Esc keeps it running, and focus returns to where it was.

import { ApiError, post } from "./api.js";
import { code, draw, h } from "./dom.js";

const SHORTEST_REASON = 8;

/**
 * Ask, and stop.
 * @param {{lease: string, name: string, user: string, kind: "server"|"cluster", facts: string}} what
 * @returns {Promise<string|null>} the service's sentence; null: it was kept running
 */
export function stopDialog(what) {
  const opener = document.activeElement;
  const reason = h("textarea.gh-area", {
    id: "gh-why",
    rows: 3,
    maxlength: 500,
    "aria-describedby": "gh-why-note gh-why-bad",
  });
  const wrong = h("p.gh-bad", { id: "gh-why-bad", role: "alert" });
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
  const dialog = h(
    "dialog.gh-dialog",
    { "aria-labelledby": "gh-dialog-title", "aria-describedby": "gh-dialog-facts" },
    form,
  );
  document.body.append(dialog);
  return new Promise((resolve) => {
    let sentence = null;
    keep.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      refocus(opener);
      resolve(sentence);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      sentence = await send({ what, reason, wrong, stop });
      if (sentence !== null) {
        dialog.close();
      }
    });
    dialog.showModal();
    reason.focus();
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
