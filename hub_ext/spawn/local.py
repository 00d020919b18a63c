"""The spawner of one machine: no system users, one session per server, ends seen within milliseconds.

All servers run as the user of the hub, so people are not protected from each other. It is meant for a demo, a
laptop, or a team that shares everything anyway.
"""

import asyncio
import os
import socket
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from traitlets import Unicode, default

from hub_ext import clock
from hub_ext.contract.usage import Source
from hub_ext.processes import ProcessWatch, terminate_tagged
from hub_ext.spawn.mixin import LEASE_VARIABLE, GatehouseSpawnerMixin
from hub_ext.spawn.refusals import ended_at_start
from hub_ext.spawn.registered import RegisteredProcessSpawner
from hub_ext.witness.register import Birth

_PAUSE = 0.1
"""Seconds between two looks at a server that is starting."""


class GatehouseLocalSpawner(GatehouseSpawnerMixin, RegisteredProcessSpawner):
    """Starts servers as processes of the hub's own user, admitted and metered. Entry point: ``gatehouse-local``."""

    pid: int
    popen_kwargs: dict[str, Any]

    data_dir = Unicode(
        help="""
        Directory below which the home directories are.

        Default: the environment variable ``GATEHOUSE_DATA_DIR``, else ``gatehouse`` in the user's data directory.
        """,
    ).tag(config=True)

    @default("data_dir")
    def _data_dir_default(self) -> str:
        base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
        return os.environ.get("GATEHOUSE_DATA_DIR") or str(Path(base) / "gatehouse")

    @default("cmd")
    def _cmd_default(self) -> list[str]:
        """Start what is installed beside the hub, also where nobody activated its environment."""
        beside = Path(sys.executable).with_name("jupyterhub-singleuser")
        return [str(beside) if beside.exists() else beside.name]

    @default("home_dir_template")
    def _home_dir_template_default(self) -> str:
        return str(Path(self.data_dir) / "homes" / "{username}")

    @default("home_dir")
    def _home_dir_default(self) -> str:
        """Return the home of the person; a name can neither leave the directory nor hide in it."""
        name = quote(self.user.name, safe="@+")
        return str(self.home_dir_template.format(username=name if name[0] != "." else f"%2E{name[1:]}"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._watch = ProcessWatch()
        self._gone = asyncio.Event()
        super().__init__(*args, **kwargs)

    def make_preexec_fn(self, name: str) -> None:  # noqa: ARG002 - the hub's signature
        """Run nothing between fork and exec: :meth:`start` has made the home and passes it as working directory."""
        return

    def get_args(self) -> list[str]:
        """Return the server's arguments; as root it needs to be told that this is meant."""
        args = list(super().get_args())
        if os.geteuid() == 0 and "--allow-root" not in args:
            args.append("--allow-root")
        return args

    async def start(self) -> Any:
        """Start the server in the person's home, in a session of its own. Called by the hub."""
        self._make_home()
        self._gone = asyncio.Event()
        address = await super().start()
        await self._until_it_listens(*address)
        return address

    async def _until_it_listens(self, host: str, port: int) -> None:
        """Wait until the server takes connections; say so at once, if it ends before.

        The hub would wait ``http_timeout`` for a server that is already gone. Called by :meth:`start`.
        """
        while not self._gone.is_set():
            try:
                _, writer = await asyncio.open_connection(host, port)
            except OSError:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._gone.wait(), _PAUSE)
            else:
                writer.close()
                return
        raise ended_at_start(self.proc.returncode if self.proc else None)

    def _make_home(self) -> None:
        Path(self.home_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.popen_kwargs = {"cwd": self.home_dir, **self.popen_kwargs}

    def unit_name(self) -> str:
        """Return the lease: servers start with one, or not at all."""
        if self.lease is None:
            raise RuntimeError("a server needs a lease before it starts")
        return self.lease

    def unit_started(self) -> tuple[datetime, str]:
        """Return the process's own start, to 10 ms, and begin to watch for its end."""
        if self.birth is None:
            raise RuntimeError("the server's process is not registered")
        self._watch.watch(self.birth.pid, self._exited, self.birth.offset)
        return self.birth.started_at, _detail(self.birth)

    def _exited(self, pid: int, at: datetime) -> None:
        """Report the exact end, and tell the hub at once. Called by the watch, within milliseconds of the exit."""
        status = self.proc.poll() if self.proc is not None and self.proc.pid == pid else None
        self._tidy_soon(notify=not self.pending and not self._start_pending)
        self.unit_ended(at, detail=f"pid {pid} ended" + (f" with status {status}" if status is not None else ""))
        self._gone.set()

    def unit_ended(self, at: datetime, source: Source = Source.exact, detail: str = "") -> None:
        """Report the end as it is best known: the hub may ask how a server is before the watch could tell."""
        birth = self.birth
        if self.lease is not None and birth is not None and birth.unit == self.lease and not birth.alive:
            if source is Source.reconciled:
                end = self.register.end(birth)
                watched = self._watch.watches(birth.pid)  # it has ended this moment, and we are about to be told
                at, source = end.at, Source.exact if watched else end.source
                detail = f"{detail}, {end.detail}"
            else:
                at = min(at, self.register.seen(birth) or at)
        super().unit_ended(at, source, detail)

    def _tidy_soon(self, *, notify: bool) -> None:
        task = asyncio.ensure_future(self._tidy(self.lease, self.birth, notify=notify))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)

    async def _tidy(self, lease: str | None, birth: Birth | None, *, notify: bool) -> None:
        """End what the server left behind, and let the hub notice the end now and not at its next look."""
        await asyncio.to_thread(self._end_what_is_left, lease, birth)
        if notify:
            await self.poll_and_notify()

    def _end_what_is_left(self, lease: str | None, birth: Birth | None) -> None:
        """End everything that a server left behind, then drop it from the register. Takes a moment."""
        unit = birth.unit if birth is not None else lease
        if unit is not None:
            terminate_tagged(LEASE_VARIABLE, unit)
        if birth is not None:
            self.end_group(birth)

    async def stop(self, now: bool = False) -> None:  # noqa: FBT001, FBT002 - the hub's signature
        """Stop the server and every process that it started, detached ones too. Called by the hub."""
        lease, birth = self.lease, self.birth
        await super().stop(now=now)
        if lease is not None:
            await asyncio.to_thread(self._end_what_is_left, lease, birth)

    async def poll(self) -> int | None:
        """Say whether the server runs (None). Called every 30 s and at need."""
        self.register.ensure_witness()
        return await super().poll()

    def load_state(self, state: dict[str, Any]) -> None:
        """Watch again, or report an end that came while the hub was down."""
        super().load_state(state)
        if self.lease is None:
            return
        birth = self.birth = self.registered(self.lease, state.get("ticks"))
        if birth is None:  # it never ran, or its end was reported
            self._reported_start = self._reported_start and bool(self.pid)
        else:
            if not self._reported_start:  # the earlier hub had no time to, or none to note it
                self.report_start(birth.started_at, _detail(birth))
            if self.pid == birth.pid and birth.alive:
                self._watch.watch(birth.pid, self._exited, birth.offset)
                return
            self.kill(birth)  # of a start that was cut off: it waits and never ran
        self.pid = 0  # the number may be somebody else's by now
        self._tidy_soon(notify=False)
        self.unit_ended(clock.now(), Source.reconciled, "ended while the hub was down")


def _detail(birth: Birth) -> str:
    return f"pid {birth.pid} on {socket.gethostname()}"


_tasks: set[asyncio.Future[None]] = set()
"""Keeps the background work alive: asyncio itself holds tasks only weakly."""
