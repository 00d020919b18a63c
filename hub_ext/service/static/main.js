// The page's start: what the server said about page and person, the place's module, the counts beside the places.

import { get } from "./api.js";
import { draw, fill } from "./dom.js";
import { count } from "./format.js";
import { listen } from "./keys.js";
import { live } from "./live.js";
import * as account from "./pages/account.js";
import * as clusters from "./pages/clusters.js";
import * as decisions from "./pages/decisions.js";
import * as groups from "./pages/groups.js";
import * as led from "./pages/led.js";
import * as ledger from "./pages/ledger.js";
import * as overview from "./pages/overview.js";
import * as reports from "./pages/reports.js";
import * as policy from "./pages/policy.js";
import * as servers from "./pages/servers.js";

const PLACES = { account, clusters, decisions, groups, led, ledger, overview, policy, reports, servers };

function open() {
  const { place, prefix, may } = document.body.dataset;
  let turn = null;
  const page = {
    prefix,
    may: new Set(may.split(" ").filter(Boolean)),
    content: document.getElementById("gh-content"),
    say: (words) => draw(document.getElementById("gh-sub"), words),
    end: (...children) => fill(document.getElementById("gh-end"), ...children),
    turns: (turner) => {
      turn = turner;
    },
  };
  page.live = (load, show, options) => live(together(page, load), (data) => show(data, data.overview), options);
  PLACES[place].start(page);
  listen((step) => turn?.(step));
}

// Administrators' pages also ask for the overview: its counts stand beside the places, its groups give every page their titles.
function together(page, load) {
  return async (signal) => {
    const overview_ = page.may.has("read") ? get("admin/overview", {}, signal) : null;
    const [data, all] = await Promise.all([load(signal), overview_]);
    if (all) {
      counts(all);
    }
    return { as_of: all?.as_of, ...(data ?? all), overview: all };
  };
}

function counts(all) {
  const numbers = { servers: all.servers, clusters: all.clusters, groups: all.groups.length };
  for (const [place, number] of Object.entries(numbers)) {
    draw(document.querySelector(`[data-count="${place}"]`), count(number));
  }
}

open();
