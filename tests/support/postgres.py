"""A private PostgreSQL from this machine's binaries: in a temporary directory, on loopback, gone afterwards.

PostgreSQL refuses to run as root, so root lends it to the system user ``postgres``, or ``nobody``.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from hub_ext.usage.database import Database
from tests.support.ports import free_port

MISSING = (
    "These tests need PostgreSQL's server programs; none were found in /usr/lib/postgresql/*/bin or on the path. "
    "Install them (Debian: sudo apt install postgresql)."
)

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")  # what is lost with the power is a test's


@dataclass
class Postgres:
    """A running cluster."""

    port: int
    directory: Path
    process: "subprocess.Popen[bytes]"

    def url(self, database: str) -> str:
        """Return the address of a database as Gatehouse takes it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def new(self, template: str = "template0") -> str:
        """Make a database and return its address."""
        name = f"t{uuid4().hex[:12]}"
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"'.encode())
        return self.url(name)

    @cached_property
    def _template(self) -> str:
        url = self.new()
        database = Database(url)
        database.migrate()
        database.close()
        return url.rpartition("/")[2]

    def migrated(self) -> str:
        """Make a database with this version's schema and return its address."""
        return self.new(self._template)

    def connect(self) -> "psycopg.Connection[Any]":
        """Connect as an administrator of the cluster, socket or loopback being the same."""
        return psycopg.connect(f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres", autocommit=True)


def _program(name: str) -> str:
    found = [*sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[4]), reverse=True)]
    path = str(found[0]) if found else shutil.which(name)
    if path is None:
        raise RuntimeError(MISSING)
    return path


def _as_somebody() -> dict[str, Any]:
    """Return what makes a child run as a user that PostgreSQL accepts."""
    if os.getuid() != 0:
        return {}
    names = {user.pw_name for user in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def running_postgres(*, durable: bool = False, options: Sequence[str] = ()) -> Iterator[Postgres]:
    """Start a cluster of its own and remove it afterwards.

    Args:
        durable: whether commits reach the disk, as in production; tests do without.
        options: settings of the server, ``name=value``.

    Raises:
        RuntimeError: the programs are missing, or it does not start; the text says which.
    """
    somebody = _as_somebody()
    directory = Path(tempfile.mkdtemp(prefix="gatehouse-postgres-"))  # not pytest's, which is its user's alone
    if somebody:
        os.chown(directory, somebody["user"], somebody["group"])
    port = free_port()
    process_options: dict[str, Any] = {"cwd": directory, "env": {**os.environ, "LC_ALL": "C.UTF-8"}, **somebody}
    make = [_program("initdb"), "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    ours = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={directory}")
    settings = (*(() if durable else _FAST), *options, *ours)
    serve = [_program("postgres"), "-D", "data", *(part for one in settings for part in ("-c", one))]
    log = (directory / "log").open("wb")
    subprocess.run(make, check=True, stdout=log, stderr=log, **process_options)
    process = subprocess.Popen(serve, stdout=log, stderr=log, **process_options)
    try:
        yield _ready(Postgres(port, directory, process))
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nothing is kept
        process.wait(20)
        log.close()
        shutil.rmtree(directory)


def _ready(postgres: Postgres) -> Postgres:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and postgres.process.poll() is None:
        try:
            postgres.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return postgres
    raise RuntimeError("PostgreSQL did not start:\n" + (postgres.directory / "log").read_text()[-3000:])
