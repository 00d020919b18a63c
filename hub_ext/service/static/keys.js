// Keyboard: / goes to the filter, g and a letter to a place, [ and ] turn pages. Letters typed into a field stay there.

const PLACES = {
  o: "overview",
  s: "servers",
  c: "clusters",
  r: "groups",
  l: "ledger",
  t: "reports",
  d: "decisions",
  p: "policy",
  m: "account",
  h: "led",
};
const CHORD_MS = 1_500;

/** Listen for the page's keys. turn(step) pages the table, where there is one. */
export function listen(turn) {
  let chord = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) {
      return;
    }
    if (event.key === "/") {
      const box = document.querySelector("[data-filter]");
      box?.focus();
      box?.select();
      event.preventDefault();
    } else if (event.key === "[" || event.key === "]") {
      turn?.(event.key === "[" ? -1 : 1);
    } else if (Date.now() - chord < CHORD_MS && PLACES[event.key]) {
      document.querySelector(`.gh-nav a[data-place="${PLACES[event.key]}"]`)?.click();
    }
    chord = event.key === "g" ? Date.now() : 0;
  });
}

function typing(target) {
  return target instanceof HTMLElement && target.closest("input, textarea, select, dialog") !== null;
}
