"""A burst of short-lived processes with a record of its own: ``python -m benchmarks.burst COUNT SPREAD MEAN``.

Writes a line of JSON for each start (``{"pid", "at"}``) as it happens, and one for each end, as its parent hears of it
by ``wait``. Whoever meters the same processes from outside is compared with this record.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time

SIGMA = 0.1
"""Standard deviation of lives, as a share of the mean."""


def main() -> None:
    """Start processes over some seconds and wait for all of them."""
    count, spread, mean = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    chance = random.Random(7)  # noqa: S311 - a trace, and always the same
    lock = threading.Lock()

    def tell(what: str, pid: int, at: float) -> None:
        with lock:
            print(json.dumps({"what": what, "pid": pid, "at": at}), flush=True)

    def hear() -> None:
        for _ in range(count):
            pid, _status = os.wait()
            tell("ended", pid, time.time())

    begun = time.time()
    starts = sorted(chance.uniform(0, spread) for _ in range(count))
    waiter: threading.Thread | None = None
    for start in starts:
        time.sleep(max(0.0, begun + start - time.time()))
        life = max(1.0, chance.gauss(mean, SIGMA * mean))
        at = time.time()
        process = subprocess.Popen(["sleep", f"{life:.6f}"])
        tell("started", process.pid, at)
        if waiter is None:
            waiter = threading.Thread(target=hear)
            waiter.start()
    if waiter is not None:
        waiter.join()


if __name__ == "__main__":
    main()
