// Light or dark, before the first paint. The choice is the hub's own: the same key in localStorage, the same attribute
// as jupyterhub's static/js/darkmode.js, so that a click here also turns the hub's pages, and the other way round.
"use strict";

(() => {
  const KEY = "jupyterhub-bs-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    const theme = window.localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : null;
  }

  function apply() {
    const theme = stored() ?? (system.matches ? "dark" : "light");
    document.documentElement.setAttribute("data-bs-theme", theme);
  }

  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  window.addEventListener("DOMContentLoaded", () => {
    document.getElementById("gh-theme")?.addEventListener("click", () => {
      const dark = document.documentElement.getAttribute("data-bs-theme") === "dark";
      window.localStorage.setItem(KEY, dark ? "light" : "dark");
      apply();
    });
  });
})();
