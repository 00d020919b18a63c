"""One of several processes that call the service at the same time: calls as JSON on standard input, answers on output.

Many calls are under way at once, each on a connection of its thread. A call that a replica does not answer, because it
was killed or says that it is unavailable, goes to the next one as it is: with the same request id. Standard library
only, so that eight of them start quickly.
"""

import http.client
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 70.0
"""Seconds after which a call that nobody answers fails."""
WAIT = 10.0
"""Seconds after which a replica that says nothing is given up, as a door does."""

_mine = threading.local()
_given_up: dict[str, float] = {}
"""Replica -> until when nobody asks it, because it did not answer: as a load balancer does."""


def _once(url: str, token: str, method: str, path: str, body: Any) -> tuple[int, Any]:
    """Call one replica; raise an error if it does not answer."""
    address = urlsplit(url)
    connections: dict[str, http.client.HTTPConnection] = _mine.__dict__.setdefault("connections", {})
    connection = connections.get(url) or http.client.HTTPConnection(address.netloc, timeout=WAIT)
    try:
        headers = {"Authorization": f"token {token}"}
        connection.request(method, address.path + path, json.dumps(body), headers)
        answer = connection.getresponse()
        read = answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        connections.pop(url, None)
        connection.close()
        raise
    connections[url] = connection
    return read


def call(urls: list[str], token: str, method: str, path: str, body: Any) -> dict[str, Any]:
    """Call until a replica answers; return status, JSON, how long it took, how many did not answer, what they said."""
    started = time.perf_counter()
    tries = 0
    refusals: list[Any] = []
    while time.perf_counter() - started < PATIENCE:
        healthy = [url for url in urls if _given_up.get(url, 0) < time.monotonic()] or urls
        url = healthy[tries % len(healthy)]
        try:
            status, answer = _once(url, token, method, path, body)
        except (OSError, http.client.HTTPException, ValueError):
            status, answer = 0, None
            _given_up[url] = time.monotonic() + WAIT
        if status not in {0, http.HTTPStatus.SERVICE_UNAVAILABLE}:
            took = time.perf_counter() - started
            return {"status": status, "json": answer, "seconds": took, "unanswered": tries, "refusals": refusals}
        if answer is not None and answer not in refusals:
            refusals.append(answer)
        tries += 1
        time.sleep(0.05)
    took = time.perf_counter() - started
    return {"status": 0, "json": None, "seconds": took, "unanswered": tries, "refusals": refusals}


def main() -> None:
    """Make all calls, so many at once, and print their answers in order."""
    task = json.load(sys.stdin)
    with ThreadPoolExecutor(task["at_once"]) as threads:
        futures = [threads.submit(call, task["urls"], task["token"], *one) for one in task["calls"]]
        json.dump([future.result() for future in futures], sys.stdout)


if __name__ == "__main__":
    main()
