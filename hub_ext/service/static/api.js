// The one way to the service: JSON below the page's API address. The hub's cookie login wants the XSRF token with every
// fetch, reading ones too; without it a GET counts as logged out and starts an endless login.

import { hand } from "./csv.js";

const PATIENCE_MS = 15_000;
const FILE_PATIENCE_MS = 600_000;

/** What went wrong, in the three kinds that a page treats differently. */
export class ApiError extends Error {
  /**
   * @param {"login"|"away"|"refused"} kind log in again | the service does not answer | it said no, and why
   */
  constructor(kind, message, reason) {
    super(message);
    this.kind = kind;
    this.reason = reason;
  }
}

function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.content ?? "";
}

/** GET api/v1/{path}. */
export async function get(path, query = {}, signal = undefined) {
  return read(await call("GET", path + search(query), undefined, signal));
}

/** GET a file of api/v1/{path}, and hand it to the person under the name that the service gives it. */
export async function file(path, query) {
  const answer = await call("GET", path + search(query), undefined, undefined, FILE_PATIENCE_MS);
  if (!answer.ok) {
    await read(answer);
  }
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "gatehouse.csv";
  hand(name, await answer.blob());
}

function search(query) {
  const given = Object.entries(query).filter((entry) => entry[1] !== "" && entry[1] !== null && entry[1] !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

/** POST a JSON body to api/v1/{path}. */
export async function post(path, body) {
  return read(await call("POST", path, body, undefined));
}

async function call(method, path, body, signal, patience = PATIENCE_MS) {
  const limit = AbortSignal.timeout(patience);
  try {
    return await fetch(meta("gh-api") + path, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-XSRFToken": meta("gh-xsrf"),
      },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new ApiError("away", "Gatehouse does not answer.", "service_unavailable");
  }
}

async function read(answer) {
  if (answer.type === "opaqueredirect") {
    throw new ApiError("login", "Your login has expired.", "login_expired");
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body !== null) {
    return body;
  }
  const detail = body?.error;
  if (answer.status === 401 || answer.status === 403) {
    const expired = "Your login has expired or no longer covers this.";
    throw new ApiError("login", detail?.message || expired, detail?.reason ?? "login_expired");
  }
  if (!detail?.message || answer.status >= 502) {
    throw new ApiError("away", detail?.message || "Gatehouse does not answer.", "service_unavailable");
  }
  throw new ApiError("refused", detail.message, detail.reason);
}
