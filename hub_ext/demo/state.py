"""What the demo keeps between two starts, and where: the data directory, its format, and the lock on it.

::

    DATA_DIR/
      state.json  keys.json  lock      what this file and ``keys`` look after
      policy.yaml                      yours to edit; copied here once
      idp/  hub/  gateway/  service/   each program's own database
      homes/NAME/                      people's files
      logs/*.log                       what each program wrote
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub_ext.demo.failure import CannotStart
from hub_ext.demo.ports import Ports
from hub_ext.demo.private_file import write_private

FORMAT = 1
"""Counts up when an older data directory can no longer be used as it is."""


class State(BaseModel):
    """What is known of the stack itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    stack: str = Field(default_factory=lambda: uuid.uuid4().hex)
    """Marks every process of this stack, in its environment."""
    ports: Ports | None = None


class DataDirectory:
    """The layout: every path of the stack, by name."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.state = self.root / "state.json"
        self.keys = self.root / "keys.json"
        self.lock = self.root / "lock"
        self.policy = self.root / "policy.yaml"
        self.idp = self.root / "idp"
        self.hub = self.root / "hub"
        self.gateway = self.root / "gateway"
        self.service = self.root / "service"
        self.homes = self.root / "homes"
        self.logs = self.root / "logs"

    def create(self) -> None:
        """Make the directories, for the owner alone.

        Raises:
            CannotStart: if the place is not ours to write to, or holds something else.
        """
        try:
            if self.root.exists() and not self.state.exists():
                self._require_empty()
            for place in (self.root, self.idp, self.hub, self.gateway, self.service, self.homes, self.logs):
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CannotStart(
                f"The data directory {self.root} cannot be used ({error.strerror}): choose another with --data-dir."
            ) from None

    def read_state(self) -> State:
        """Return what is kept; a fresh state, if nothing is.

        Raises:
            CannotStart: if it cannot be read, or is of another format.
        """
        if not self.state.exists():
            return State()
        try:
            state = State.model_validate_json(self.state.read_text(encoding="utf-8"))
        except OSError as error:
            raise CannotStart(f"{self.state} cannot be read ({error.strerror}): choose another --data-dir.") from None
        except (ValidationError, UnicodeDecodeError):
            raise CannotStart(
                f"{self.state} is not what a Gatehouse demo wrote, or is of another version: move {self.root} away to "
                "start afresh, or choose another --data-dir."
            ) from None
        if state.format != FORMAT:
            raise CannotStart(
                f"{self.root} was made by another version of Gatehouse (format {state.format}, this one uses "
                f"{FORMAT}): move it away to start afresh, or choose another --data-dir."
            )
        return state

    def write_state(self, state: State) -> None:
        """Keep the state for the next start."""
        write_private(self.state, state.model_dump_json(indent=2) + "\n")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory while the stack runs. The lock ends with the process, however it ends.

        Raises:
            CannotStart: if another process holds it.
        """
        handle = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = file.read().strip() or "unknown"
                raise CannotStart(
                    f"A Gatehouse demo already runs on {self.root} (process {holder}): stop it, or choose another "
                    "--data-dir and --port."
                ) from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def _require_empty(self) -> None:
        ours = {self.lock.name}  # of a first start that was interrupted
        if any(entry.name not in ours for entry in self.root.iterdir()):
            raise CannotStart(
                f"{self.root} is not empty and holds no Gatehouse demo: choose an empty or new directory with "
                "--data-dir."
            )
