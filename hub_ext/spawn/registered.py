"""A spawner of local processes whose every server is registered before it runs anything.

So a hub that is killed at any moment, also in the middle of a start, finds its servers again, and learns from the
witness when those ended that did meanwhile.
"""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Unicode, default

from hub_ext import cgroups
from hub_ext.processes import is_same
from hub_ext.witness.launch import go, held
from hub_ext.witness.register import Birth, Register, shared_register

_STATE = "address"
_PATIENCE = 1.0
"""Seconds until a killed process must have ended."""


@cache
def _say_what_holds(log: logging.Logger) -> None:
    """Log once how children that a server detaches are found."""
    log.info("Detached children of servers are found by %s", cgroups.holds())


class RegisteredProcessSpawner(SimpleLocalProcessSpawner):
    """Put behind a mixin that reports the start of a unit (``begin``)."""

    pid: int
    proc: "subprocess.Popen[bytes] | None"
    cmd: list[str]
    shell_cmd: list[str]
    popen_kwargs: dict[str, Any]
    data_dir: str
    begin: Any

    units_directory = Unicode(
        help="""
        Where every server is registered, so that a hub that was killed finds them and learns when they ended.
        Default: ``units`` in ``data_dir``.
        """,
    ).tag(config=True)

    @default("units_directory")
    def _units_directory_default(self) -> str:
        return str(Path(self.data_dir) / "units")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.birth: Birth | None = None
        """The server's process as it was registered; of the last one, after it has ended."""
        self._address: tuple[str, int] | None = None
        super().__init__(*args, **kwargs)

    @property
    def register(self) -> Register:
        """The hub's register, with a witness."""
        return shared_register(self.units_directory)

    def unit_name(self) -> str:
        """Return the name of the unit that starts. Override it."""
        raise NotImplementedError

    async def start(self) -> Any:
        """Start the server held, let it be registered and reported, and only then let it run."""
        with self._held():
            address = await super().start()
        self._address = (str(address[0]), int(address[1]))
        self._let_run(self.unit_name())
        return address

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Let the stock spawner start a shell that waits; nothing is awaited in there."""
        kept = (self.cmd, self.shell_cmd, self.popen_kwargs)
        try:
            if self.shell_cmd:
                self.shell_cmd = held(self.shell_cmd)
            else:
                self.cmd = held(self.cmd)
            self.popen_kwargs = {**self.popen_kwargs, "stdin": subprocess.PIPE}
            yield
        finally:
            self.cmd, self.shell_cmd, self.popen_kwargs = kept

    def _let_run(self, unit: str) -> None:
        process = self.proc
        if process is None:
            raise RuntimeError("the stock spawner started nothing")
        _say_what_holds(self.log)
        here = cgroups.place()
        group = "" if here is None else here.path(unit)  # made once it is registered: else a kill may leave it
        try:
            self.birth = self.register.add(unit, process.pid, group)
            self.begin()
            if group:
                cgroups.join(group, process.pid)
            go(process)
        except OSError:  # nothing of it has run; the shell ends when nobody can say the word any more
            process.communicate()
            raise

    def registered(self, unit: str, ticks: int | None) -> Birth | None:
        """Return the process of a unit, as it was registered by this hub or an earlier one.

        One that an older hub noted only in its database is registered now, if it lives.

        Args:
            unit: its name.
            ticks: start time of the process with our number, by the database.
        """
        birth = self.register.birth(unit)
        if birth is None and is_same(self.pid, ticks):
            with suppress(ProcessLookupError):
                birth = self.register.add(unit, self.pid)
        return birth

    async def get_url(self) -> str:
        """Return where the server listens, also when the hub was killed before it noted that."""
        if self._address is None or self.server is None:
            return str(await super().get_url())
        protocol = "https" if self.internal_ssl else "http"
        return f"{protocol}://{self._address[0]}:{self._address[1]}{self.server.base_url}"

    def get_state(self) -> dict[str, Any]:
        """Return what a restarted hub must know of the process."""
        state: dict[str, Any] = super().get_state()
        if self.pid and self.birth is not None and self.pid == self.birth.pid:
            state["ticks"] = self.birth.ticks
            state[_STATE] = self._address
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what an earlier hub wrote."""
        super().load_state(state)
        kept = state.get(_STATE)
        self._address = (str(kept[0]), int(kept[1])) if kept else None

    def end_group(self, birth: Birth) -> None:
        """End what an ended server left in its control group, and drop it from the register. Takes a moment."""
        if birth.alive:
            return
        if not birth.cgroup or cgroups.end(birth.cgroup):
            self.register.forget(birth.unit)
        else:
            self.log.warning("Processes that server %s left behind do not end: %s", birth.unit, birth.cgroup)

    def kill(self, birth: Birth) -> None:
        """End a registered process at once, if it lives."""
        deadline = time.monotonic() + _PATIENCE
        while birth.alive and time.monotonic() < deadline:
            with suppress(ProcessLookupError):
                os.kill(birth.pid, signal.SIGKILL)
            time.sleep(0.01)
