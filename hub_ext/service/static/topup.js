// Top up a budget of this month, a group's or one person's: an amount, until when, and why.

import { ApiError, post } from "./api.js";
import { ask, SHORTEST_REASON, why } from "./dialog.js";
import { code, draw, h } from "./dom.js";
import { money, whole } from "./format.js";

/**
 * Ask, and top up.
 * @param {object} what
 * @param {string} what.path of the API: admin/topup for administrators, led/topup for leads
 * @param {string} what.group
 * @param {string} what.title of the group
 * @param {string} [what.user] whose own budget; without it the group's, or a person's by choice
 * @param {boolean} [what.personal] whether people in the group have budgets of their own
 * @param {{spent: string, budget: string, forecast?: string}} what.balance
 * @param {string} currency
 * @returns {Promise<string|null>} what was done; null: nothing
 */
export function topUpDialog(what, currency) {
  const { reason, wrong } = why();
  const amount = h("input.gh-area.gh-line", { id: "gh-amount", inputmode: "decimal", autocomplete: "off" });
  const until = h("input.gh-area.gh-line", { id: "gh-until", type: "date" });
  const leave = h("button.gh-btn", { type: "button" }, "Leave it");
  const submit = h("button.gh-btn", { type: "submit" }, "Top up");
  const whose = what.personal && !what.user ? chooser(what) : null;
  const title = what.user ? `Top up ${what.user} in ${what.title}?` : `Top up ${what.title}?`;
  const form = h(
    "form",
    { novalidate: true },
    h("h1", { id: "gh-dialog-title" }, title),
    h("p", { id: "gh-dialog-facts" }, facts(what.balance, currency)),
    whose?.element,
    h("div", {}, h("label.gh-label", { for: "gh-amount" }, `Amount in ${currency}`), amount),
    h("div", {}, h("label.gh-label", { for: "gh-until" }, "Ends on (00:00 UTC); empty: with the month"), until),
    h("div", {}, h("label.gh-label", { for: "gh-why" }, "Reason"), reason, note(), wrong),
    h("div.gh-dialog-end", {}, leave, submit),
  );
  const fields = { ...(whose && { person: whose.person }), amount, until, reason };
  const user = () => (whose ? whose.user() : (what.user ?? ""));
  const asked = { id: newId(), what, user, currency, fields, wrong, submit };
  return ask({ form, cancel: leave, first: whose?.first ?? amount, send: () => send(asked) });
}

/** Whose budget: the group's, or that of one person, who is named. */
function chooser({ title }) {
  const person = h("input.gh-area.gh-line", {
    id: "gh-person",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-label": "Person",
    placeholder: "Name at the hub",
    hidden: true,
  });
  const choice = (value, words, checked) =>
    h("label.gh-choice", {}, h("input", { type: "radio", name: "whose", value, checked }), words);
  const group = choice("group", `${title}'s budget`, true);
  const own = choice("person", "A person's own budget in it", false);
  const element = h("fieldset.gh-choices", {}, h("legend.gh-label", {}, "Whose budget"), group, own, person);
  const personal = () => own.firstChild.checked;
  element.addEventListener("change", () => {
    person.hidden = !personal();
    if (personal()) {
      person.focus();
    }
  });
  return { element, person, first: group.firstChild, user: () => (personal() ? person.value.trim() : "") };
}

/** One id for the whole dialog: an answer that was lost does not make the same money be added twice. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function facts(balance, currency) {
  const spent = `${money(balance.spent, currency)} of ${whole(balance.budget, currency)} are spent this month.`;
  return balance.forecast ? `${spent} The month is expected to cost ${money(balance.forecast, currency)}.` : spent;
}

function note() {
  const words = `At least ${SHORTEST_REASON} characters. It is recorded with your name.`;
  return h("p.gh-muted.gh-small.gh-note", { id: "gh-why-note" }, words);
}

/** What is wrong with the fields: the field and the words; null: nothing. */
function mistake({ person, amount, reason }) {
  if (person && !person.hidden && !person.value.trim()) {
    return [person, "Write whose budget: the person's name at the hub."];
  }
  if (!/^\d+(\.\d+)?$/.test(amount.value.trim()) || Number(amount.value) <= 0) {
    return [amount, "Write an amount above zero, such as 250."];
  }
  const short = reason.value.trim().length < SHORTEST_REASON;
  return short ? [reason, `Write a reason of at least ${SHORTEST_REASON} characters.`] : null;
}

async function send({ id, what, user, currency, fields, wrong, submit }) {
  const found = mistake(fields);
  Object.values(fields).forEach((field) => field.setAttribute("aria-invalid", String(found?.[0] === field)));
  draw(wrong, found?.[1]);
  if (found) {
    found[0].focus();
    return null;
  }
  const given = fields.amount.value.trim();
  const whose = user();
  submit.disabled = true;
  try {
    await post(what.path, {
      id,
      group: what.group,
      user: whose,
      amount: given,
      reason: fields.reason.value.trim(),
      expires_at: fields.until.value ? `${fields.until.value}T00:00:00Z` : null,
    });
    const who = whose ? `${whose} in ${what.title}` : what.title;
    return `${who} has ${money(given, currency)} more this month.`;
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
