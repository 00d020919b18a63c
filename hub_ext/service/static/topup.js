// Top up a group's budget of this month: an amount, until when, and why.

import { ApiError, post } from "./api.js";
import { ask, SHORTEST_REASON, why } from "./dialog.js";
import { code, draw, h } from "./dom.js";
import { money, whole } from "./format.js";

/**
 * Ask, and top up.
 * @param {{group: string, title: string, balance: object}} row of the overview
 * @param {string} currency
 * @returns {Promise<string|null>} what was done; null: nothing
 */
export function topUpDialog(row, currency) {
  const { reason, wrong } = why();
  const amount = h("input.gh-area.gh-line", { id: "gh-amount", inputmode: "decimal", autocomplete: "off" });
  const until = h("input.gh-area.gh-line", { id: "gh-until", type: "date" });
  const leave = h("button.gh-btn", { type: "button" }, "Leave it");
  const submit = h("button.gh-btn", { type: "submit" }, "Top up");
  const form = h(
    "form",
    { novalidate: true },
    h("h1", { id: "gh-dialog-title" }, `Top up ${row.title}?`),
    h("p", { id: "gh-dialog-facts" }, facts(row, currency)),
    h("div", {}, h("label.gh-label", { for: "gh-amount" }, `Amount in ${currency}`), amount),
    h("div", {}, h("label.gh-label", { for: "gh-until" }, "Ends on (00:00 UTC); empty: with the month"), until),
    h("div", {}, h("label.gh-label", { for: "gh-why" }, "Reason"), reason, note(), wrong),
    h("div.gh-dialog-end", {}, leave, submit),
  );
  const fields = { amount, until, reason };
  const asked = { id: newId(), row, currency, fields, wrong, submit };
  return ask({ form, cancel: leave, first: amount, send: () => send(asked) });
}

/** One id for the whole dialog: an answer that was lost does not make the same money be added twice. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function facts({ balance }, currency) {
  const spent = `${money(balance.spent, currency)} of ${whole(balance.budget, currency)} are spent this month.`;
  return balance.forecast ? `${spent} The month is expected to cost ${money(balance.forecast, currency)}.` : spent;
}

function note() {
  const words = `At least ${SHORTEST_REASON} characters. It is recorded with your name.`;
  return h("p.gh-muted.gh-small.gh-note", { id: "gh-why-note" }, words);
}

/** What is wrong with the fields: the field and the words; null: nothing. */
function mistake({ amount, reason }) {
  if (!/^\d+(\.\d+)?$/.test(amount.value.trim()) || Number(amount.value) <= 0) {
    return [amount, "Write an amount above zero, such as 250."];
  }
  const short = reason.value.trim().length < SHORTEST_REASON;
  return short ? [reason, `Write a reason of at least ${SHORTEST_REASON} characters.`] : null;
}

async function send({ id, row, currency, fields, wrong, submit }) {
  const found = mistake(fields);
  Object.values(fields).forEach((field) => field.setAttribute("aria-invalid", String(found?.[0] === field)));
  draw(wrong, found?.[1]);
  if (found) {
    found[0].focus();
    return null;
  }
  const given = fields.amount.value.trim();
  const ends = fields.until.value ? `${fields.until.value}T00:00:00Z` : null;
  submit.disabled = true;
  try {
    await post("admin/topup", {
      id,
      group: row.group,
      amount: given,
      reason: fields.reason.value.trim(),
      expires_at: ends,
    });
    return `${row.title} has ${money(given, currency)} more this month.`;
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    draw(wrong, "Not topped up: ", error.message, " ", code(error.reason));
    return null;
  } finally {
    submit.disabled = false;
  }
}
