"""People and accidents: servers and clusters come and go, programs are killed, and so are hub, gateway and service."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.chaos.stage import PEOPLE, Service, Stage
from tests.cluster.gateway import Gateway
from tests.support.gatehouse_hub import GatehouseHub


class Load:
    """Starts and stops until enough has run.

    Args:
        stage: where.
        seed: of all chance.
    """

    def __init__(self, stage: Stage, seed: int) -> None:
        self._stage = stage
        self._over = threading.Event()
        works: list[Callable[[random.Random], None]] = [
            *(self._server(person) for person in PEOPLE),
            *(self._cluster(person) for person in PEOPLE),
            self._accident,
        ]
        self._threads = [
            threading.Thread(target=self._repeat, args=(work, random.Random(seed + number)), daemon=True)  # noqa: S311 - chance that can be repeated
            for number, work in enumerate(works)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Stop beginning new things, and wait until what was begun is through."""
        self._over.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive()

    def _repeat(self, work: Callable[[random.Random], None], chance: random.Random) -> None:
        while not self._over.is_set():
            with suppress(Exception):  # hub, gateway or service is down, in any of the ways to be: try again
                work(chance)
            self._over.wait(chance.uniform(0.1, 0.5))

    def _server(self, person: str) -> Callable[[random.Random], None]:
        def one(chance: random.Random) -> None:
            hub = self._stage.hub
            hub.api("POST", f"users/{person}/server", {"profile": "small"})
            self._over.wait(chance.uniform(0.5, 6))
            hub.api("DELETE", f"users/{person}/server")

        return one

    def _cluster(self, person: str) -> Callable[[random.Random], None]:
        token = self._stage.tokens[person]
        gateway = self._stage.gateway

        def call(method: str, path: str, body: Any = None) -> Any:
            return gateway.call(method, f"/api/v1/clusters/{path}", body, token=token).body

        def one(chance: random.Random) -> None:
            mine = call("GET", "")
            name = next((name for name, told in mine.items() if told["status"] == "RUNNING"), None)
            if name is None:
                if not mine:
                    call("POST", "", {"cluster_options": {}})
                return
            call("POST", f"{name}/scale", {"count": chance.randint(0, 16)})
            self._over.wait(chance.uniform(2, 5))
            if chance.random() < 0.05:
                call("DELETE", name)

        return one

    def _accident(self, chance: random.Random) -> None:
        """Kill something that is paid for: mostly a worker."""
        kind = chance.choices(("worker", "server", "scheduler"), (100, 10, 1))[0]
        alive = [one for one in self._stage.ran() if one.ended is None and one.kind == kind]
        if alive:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(alive).pid, signal.SIGKILL)


def kill_programs(stage: Stage, enough: Callable[[], bool], seed: int, patience: float) -> list[str]:
    """Kill hub, gateway and service at random moments, again and again, until enough has run; return what was killed.

    A program stays down for a random time, so that things end that nobody of ours sees ending.
    """
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    killed: list[str] = []
    deadline = time.monotonic() + patience
    while not enough():
        assert time.monotonic() < deadline, f"too little has run, {len(killed)} kills"
        time.sleep(chance.uniform(0.5, 5))
        name = chance.choice(("hub", "gateway", "gateway", "service"))
        programs: dict[str, GatehouseHub | Gateway | Service] = {
            "hub": stage.hub,
            "gateway": stage.gateway,
            "service": stage.service,
        }
        programs[name].kill()
        time.sleep(chance.uniform(0, 3))
        programs[name].start()
        killed.append(name)
    return killed
