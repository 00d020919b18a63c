"""The identity provider's Python environment: made once per machine and user, then used offline.

It lies in the user's cache (``$XDG_CACHE_HOME/gatehouse``), not in the data directory: it holds no state, takes 15 s
and a package index to make, and is the same for every data directory. Its name carries a digest of the pins and of the
interpreter, so a new version of either gets a new one. Where there is no cache to write to (a user without a home),
the data directory takes it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hub_ext.demo.failure import CannotStart

REQUIREMENTS = Path(__file__).with_name("idp-requirements.txt")
_READY = "gatehouse-ready"
"""Written last: an environment without it was interrupted, and is made again."""


def environment_name() -> str:
    """Return the directory name: it changes with the pins and with the interpreter."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes())
    digest.update(f"{sys.version}{sys.base_prefix}".encode())
    return f"idp-{digest.hexdigest()[:16]}"


def cache_directory(fallback: Path) -> Path:
    """Return where environments are kept: the user's cache, or ``fallback`` if that cannot be written."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        cache = (Path(named) if named else Path.home() / ".cache") / "gatehouse"
        cache.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or not ours
        return fallback
    return cache if os.access(cache, os.W_OK) else fallback


def ensure_environment(cache: Path, log: Path, say: Callable[[str], None]) -> Path:
    """Return the environment's ``bin`` directory; make the environment first, if need be.

    Args:
        cache: the directory that holds environments.
        log: where virtualenv and pip write.
        say: tells the person what takes so long.

    Raises:
        CannotStart: if it cannot be made; the text holds pip's last lines.
    """
    environment = cache / environment_name()
    with _locked(cache):
        if not (environment / _READY).exists():
            say("Making the identity provider's environment (once, about 20 s)...")
            shutil.rmtree(environment, ignore_errors=True)
            _make(environment, log)
            (environment / _READY).touch()
    return environment / "bin"


def _make(environment: Path, log: Path) -> None:
    pip = (str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input")
    with log.open("ab") as output:
        for command in (
            (sys.executable, "-m", "virtualenv", "--quiet", str(environment)),
            (*pip, "install", "--quiet", "--requirement", str(REQUIREMENTS)),
        ):
            # virtualenv keeps its own wheels beside the environment, so that nothing else of the user's home is touched
            env = {**os.environ, "VIRTUALENV_OVERRIDE_APP_DATA": str(environment.with_name("virtualenv"))}
            done = subprocess.run(
                command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
            )
            if done.returncode:
                raise CannotStart(
                    "The identity provider's environment could not be made; it needs a Python package index, once. "
                    f"{last_lines(log)}"
                )


def last_lines(log: Path, count: int = 5) -> str:
    """Return the last lines of a log, introduced, for the end of a sentence."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()[-count:]
    except OSError:
        lines = []
    return f"{log} holds nothing." if not lines else "\n".join([f"Last lines of {log}:", *(f"  {x}" for x in lines)])


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    """One maker at a time; a second start waits and finds it made."""
    with (cache / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
