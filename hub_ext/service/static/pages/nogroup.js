// A person whom the policy does not know: who they are, what the login service sent, whom to ask, and what to send.

import { code, h, icon, section } from "../dom.js";

/** What stands on the account page instead of figures. */
export function noGroup({ identity, contact, group_titles: titles, may }) {
  const groups = identity.groups.length ? identity.groups.join(", ") : "none";
  const text = `${identity.name} has no group in Gatehouse: ${groups} [no_group]`;
  const line = h("pre.gh-log", { tabindex: "0", role: "group", "aria-label": "The line to send" }, text);
  const copied = h("span.gh-muted", { role: "status" });
  const copy = h(
    "button.gh-btn.gh-btn-primary",
    { type: "button", on: { click: () => put(text, copied) } },
    "Copy the line",
  );
  const facts = [
    ["You are", identity.name],
    ["Your groups", groups],
    ["Would let you in", titles.length ? titles.join(", ") : "-"],
    ...(may.length ? [["Your rights here", may.join(", ")]] : []),
  ];
  return [
    notice(),
    section(
      "What the login service says about you",
      "",
      h(
        "dl.gh-facts",
        {},
        facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
      ),
    ),
    section(
      "What you can do",
      "",
      h("p", {}, "Ask ", h("b", {}, contact), " to be added to a group, and send this line:"),
      line,
      h("div.gh-tools.gh-below", {}, copy, copied),
    ),
  ];
}

function notice() {
  return h(
    "div.gh-notice.gh-notice-warn",
    { role: "alert" },
    icon("warn"),
    h(
      "div",
      {},
      h("p.gh-strong", {}, "You are logged in, but no group lets you start a server."),
      h("p", {}, "None of the groups that the login service sent for you is in the policy. ", code("no_group")),
    ),
  );
}

async function put(text, copied) {
  try {
    await navigator.clipboard.writeText(text);
    copied.textContent = "Copied.";
  } catch {
    copied.textContent = "The browser did not allow it; select the line and copy it.";
  }
}
