// Servers: everybody's notebook servers.

import { get } from "../api.js";
import { running } from "./running.js";

/** Draw the page and keep it current. */
export function start(page) {
  running(page, {
    word: "server",
    load: (signal) => get("admin/servers", {}, signal),
    list: (data) => data.servers,
    columns: ["user", "name", "group", "profile", "state", "cores", "memory", "age", "rate", "cost"],
    lost: (server) => `${server.title} of ${server.user} stops. What its kernels hold in memory is lost; files stay.`,
    search: "Person, server or profile",
    empty: "No server runs now. Who starts one is listed here within 5 s.",
  });
}
