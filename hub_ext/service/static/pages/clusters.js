// Clusters: everybody's Dask clusters.

import { get } from "../api.js";
import { plural } from "../format.js";
import { running } from "./running.js";

/** Draw the page and keep it current. */
export function start(page) {
  running(page, {
    word: "cluster",
    load: (signal) => get("admin/clusters", {}, signal),
    list: (data) => data.clusters,
    columns: ["name", "user", "group", "kind", "state", "workers", "cores", "memory", "age", "rate", "cost", "idle"],
    lost: (cluster) =>
      `${plural(cluster.running, "worker")} of ${cluster.user} stop${cluster.running === 1 ? "s" : ""}. ` +
      `Results that only the workers' memory holds are lost; ${cluster.user}'s notebook goes on.`,
    search: "Name, person or profile",
    empty: "No cluster runs now. Who makes one is listed here within 5 s.",
  });
}
