// One table for every list: sorted by a button in its head, paged, with sums at its foot. Rows are kept by key, and a cell
// is touched only where it changed, so focus and selection survive the next figures.

import { draw, h } from "./dom.js";

const SIZES = [12, 50, 200];

/**
 * @typedef {object} Column
 * @property {string} name its head
 * @property {(row: object) => (string|number|bigint)} [value] what it is sorted by; without it, it is not sortable
 * @property {(row: object) => (Node|string|Array)} cell
 * @property {boolean} [number] right-aligned; sorts the largest first
 * @property {"quota"|"money"} [wide] a column of meters
 * @property {boolean} [minor] left out where the window is narrow
 * @property {(rows: object[]) => (Node|string)} [foot] its sum
 */
export class Table {
  /**
   * @param {{label: string, columns: Column[], key: (row: object) => string, sort?: [string, boolean],
   *          empty: string, per?: number, top?: boolean, total?: string}} options
   *        sort is a column's name and whether largest first; without it rows stay in their order.
   *        top aligns cells with long text; total heads the sum of all rows
   */
  constructor({ label, columns, key, sort = [null, false], empty, per = 50, top = false, total = null }) {
    Object.assign(this, { label, columns, key, empty, per, total, page: 0, rows: [], all: [] });
    [this.by, this.descending] = sort;
    this.kept = new Map();
    this.head = h(
      "tr",
      {},
      columns.map((column) => this.#heading(column)),
    );
    this.body = h("tbody");
    this.foot = h("tfoot");
    const kind = top ? "table.gh-table.gh-top" : "table.gh-table";
    this.table = h(kind, { "aria-label": label }, h("thead", {}, this.head), this.body, this.foot);
    this.nothing = h("p.gh-muted.gh-empty", { hidden: true });
    this.pager = h("div.gh-pager", { hidden: true });
    this.element = h("div", {}, h("div.gh-scroll", {}, this.table), this.nothing, this.pager);
  }

  /**
   * Draw rows.
   * @param {object[]} rows what passes the filters
   * @param {object[]} all everything there is: the foot compares
   */
  show(rows, all = rows) {
    Object.assign(this, { rows, all });
    this.#show();
  }

  /** Turn to the page before (-1) or after (1). */
  turn(step) {
    this.page += step;
    this.#show();
  }

  #heading(column) {
    const kind = classes("th", column) + (column.wide ? `.gh-col-${column.wide}` : "");
    if (!column.value) {
      return h(kind, { scope: "col" }, column.name || h("span.gh-sr", {}, "Actions"));
    }
    const mark = h("span.gh-sort", { "aria-hidden": "true" });
    const button = h("button", { type: "button", on: { click: () => this.#sort(column) } }, column.name, mark);
    return h(kind, { scope: "col" }, button);
  }

  #sort(column) {
    this.descending = this.by === column.name ? !this.descending : Boolean(column.number);
    this.by = column.name;
    this.page = 0;
    this.#show();
  }

  #show() {
    const focused = this.table.contains(document.activeElement) ? document.activeElement : null;
    const shown = this.#page();
    this.columns.forEach((column, index) => this.#mark(this.head.cells[index], column));
    this.#rows(shown);
    this.#feet(shown);
    this.#pages(shown);
    this.table.hidden = this.rows.length === 0;
    this.nothing.hidden = this.rows.length > 0;
    draw(this.nothing, this.all.length ? "Nothing matches this filter." : this.empty);
    // A row that moved to its new place has lost the focus on the way.
    if (focused?.isConnected && focused !== document.activeElement) {
      focused.focus({ preventScroll: true });
    }
  }

  #page() {
    const value = this.columns.find((entry) => entry.name === this.by)?.value ?? (() => 0);
    const way = this.descending ? -1 : 1;
    const sorted = [...this.rows].sort((a, b) => way * compare(value(a), value(b)));
    this.page = Math.max(0, Math.min(this.page, Math.ceil(sorted.length / this.per) - 1));
    return sorted.slice(this.page * this.per, (this.page + 1) * this.per);
  }

  #mark(heading, column) {
    const sorted = column.name === this.by && column.value;
    heading.toggleAttribute("aria-sort", Boolean(sorted));
    if (sorted) {
      heading.setAttribute("aria-sort", this.descending ? "descending" : "ascending");
    }
    const mark = heading.querySelector(".gh-sort");
    if (mark) {
      draw(mark, sorted ? (this.descending ? " ▾" : " ▴") : "");
    }
  }

  #rows(shown) {
    const kept = new Map();
    shown.forEach((row, place) => {
      const key = this.key(row);
      const line = this.kept.get(key) ?? this.#line(key);
      this.columns.forEach((column, index) => draw(line.cells[index], column.cell(row)));
      kept.set(key, line);
      if (this.body.rows[place] !== line) {
        this.body.insertBefore(line, this.body.rows[place] ?? null);
      }
    });
    this.kept.forEach((line, key) => kept.has(key) || line.remove());
    this.kept = kept;
  }

  #line(key) {
    const cells = this.columns.map((column, index) =>
      index === 0 ? h(classes("th", column), { scope: "row" }) : h(classes("td", column)),
    );
    return h("tr", { "data-key": key }, cells);
  }

  #feet(shown) {
    if (!this.columns.some((column) => column.foot)) {
      return;
    }
    const part = shown.length < this.all.length;
    const total = this.total ?? `All ${this.all.length}`;
    const lines = [this.#sums(part ? `These ${shown.length}` : total, shown)];
    if (part) {
      lines.push(this.#sums(total, this.all, ".gh-foot-all"));
    }
    draw(this.foot, lines);
  }

  #sums(title, rows, extra = "") {
    const cells = this.columns.slice(1).map((column) => h(classes("td", column), {}, column.foot?.(rows) ?? ""));
    return h(`tr${extra}`, {}, h("th", { scope: "row" }, title), cells);
  }

  #pages(shown) {
    const total = this.rows.length;
    this.pager.hidden = total <= SIZES[0];
    const first = this.page * this.per;
    const turn = (words, step, possible) =>
      h("button.gh-btn", { type: "button", "data-turn": step, disabled: !possible }, words);
    draw(
      this.pager,
      h("span", {}, `${first + 1}-${first + shown.length} of ${total}`),
      sizes(this.per),
      h("span", {}, turn("Previous", -1, this.page > 0), turn("Next", 1, first + this.per < total)),
    );
    this.pager.onclick = (event) => event.target.dataset.turn && this.turn(Number(event.target.dataset.turn));
    this.pager.onchange = (event) => {
      this.per = Number(event.target.value);
      this.#show();
    };
  }
}

function sizes(per) {
  const options = SIZES.map((n) => h("option", { value: n, selected: n === per }, `${n} per page`));
  return h("select.gh-field", { "aria-label": "Rows per page" }, options);
}

function classes(tag, column) {
  return tag + (column.number ? ".gh-n" : "") + (column.minor ? ".gh-hide-s" : "");
}

function compare(a, b) {
  if (typeof a === "string" && typeof b === "string") {
    return a.localeCompare(b, "en", { numeric: true });
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
