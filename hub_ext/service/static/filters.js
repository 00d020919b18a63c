// What narrows a list: a box for words, and choices. They stand in the address, so that a link can lead to a part of a list.

import { draw, h, icon } from "./dom.js";

/**
 * @typedef {object} Choice
 * @property {string} name its key in the address
 * @property {string} label such as "Group"
 * @property {Array<[string, string]>} options value and words; the first one is the start
 */
export class Filters {
  /**
   * @param {{search: string|null, choices: Choice[], changed: (values: object) => void}} options
   *        search is what the box finds; null: no box
   */
  constructor({ search, choices, changed }) {
    const given = new URLSearchParams(window.location.search);
    this.values = { q: given.get("q") ?? "" };
    this.changed = changed;
    this.selects = new Map();
    this.note = h("span.gh-tools-note.gh-muted", { role: "status" });
    this.element = h("div.gh-tools", { role: "search", "aria-label": "Filter" }, search && this.#box(search));
    for (const choice of choices) {
      this.values[choice.name] = given.get(choice.name) ?? choice.options[0][0];
      const select = h("select.gh-field", { "aria-label": choice.label, "data-name": choice.name });
      select.addEventListener("change", () => this.#set(choice.name, select.value));
      this.selects.set(choice.name, select);
      this.offer(choice.name, choice.options);
      this.element.append(select);
    }
    this.element.append(this.note);
  }

  /** Change what a choice offers; the value that holds stays on offer. */
  offer(name, options) {
    const value = this.values[name];
    const known = options.some((entry) => entry[0] === value);
    const all = known ? options : [...options, [value, value]];
    const select = this.selects.get(name);
    const current = [...select.options].map((option) => [option.value, option.text]);
    if (JSON.stringify(current) !== JSON.stringify(all)) {
      draw(
        select,
        all.map(([key, words]) => h("option", { value: key }, words)),
      );
    }
    select.value = value;
  }

  /** Say beside the filters how much they leave. */
  say(words) {
    draw(this.note, words);
  }

  /** Whether all of the words stand somewhere in the texts. */
  finds(...texts) {
    const place = texts.join(" ").toLowerCase();
    return this.values.q
      .toLowerCase()
      .split(/\s+/)
      .every((word) => place.includes(word));
  }

  #box(words) {
    const box = h("input", { type: "search", placeholder: words, "aria-label": words, "data-filter": true });
    box.value = this.values.q;
    box.addEventListener("input", () => this.#set("q", box.value));
    return h("label.gh-field.gh-field-wide", { title: "Press / to come here" }, icon("search"), box);
  }

  #set(name, value) {
    this.values[name] = value;
    const address = new URL(window.location.href);
    const start = this.selects.get(name)?.options[0].value ?? "";
    if (value === start) {
      address.searchParams.delete(name);
    } else {
      address.searchParams.set(name, value);
    }
    window.history.replaceState(null, "", address);
    this.changed(this.values);
  }
}

/** The choices of a group, from rows that carry group and group_title. */
export function groups(rows, start = "Group: all") {
  const titles = new Map(rows.map((row) => [row.group, row.group_title ?? row.title]));
  const sorted = [...titles].sort((a, b) => String(a[1]).localeCompare(String(b[1]), "en"));
  return [["", start], ...sorted];
}
