"""The demo's real identity provider, canaille, alone: with its people, and their groups to be changed."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from hub_ext.demo.idp import IdentityProvider
from hub_ext.demo.idp_environment import cache_directory, ensure_environment
from hub_ext.demo.keys import Keys
from hub_ext.demo.people import PEOPLE
from tests.support.gatehouse_hub import Page, Visitor, wait_for
from tests.support.ports import free_port


@dataclass
class Canaille:
    """A provider that can be stopped and started."""

    provider: IdentityProvider
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.provider.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.provider.command,
                env={**os.environ, **self.provider.environment},
                cwd=self.provider.directory,
                stdout=log,
                stderr=log,
            )
        wait_for(self._answers, "canaille to start", lambda: self.provider.log.read_text()[-2000:])

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def set_groups(self, user: str, *groups: str) -> None:
        """Put a person into these groups and no others."""
        program = str(self.provider.programs / "canaille")
        chosen = [word for group in groups for word in ("--groups", f"group-{group.strip('/')}")]
        subprocess.run(
            [program, "set", "user", user, *(chosen or ["--groups", ""])],
            env={**os.environ, **self.provider.environment},
            cwd=self.provider.directory,
            check=True,
            capture_output=True,
        )

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.provider.issuer}/.well-known/openid-configuration", timeout=5) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def sign_in(visitor: Visitor, name: str, start: str = "/hub/oauth_login") -> Page:
    """Log in at the provider, as a person types it; return where that leads."""
    page = visitor.get(start)
    for field, value in (("login", name), ("password", f"{name}-demo")):
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        if token is None:
            raise AssertionError(f"{page.url} is no login page")
        page = visitor.post(page.url, {field: value, "csrf_token": token[1]})
    return page


@contextmanager
def prepared_canaille(directory: Path, callback_url: str) -> Iterator[Canaille]:
    """Seed a provider for a hub, without starting it; stop it afterwards."""
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / "idp.log"
    programs = ensure_environment(cache_directory(directory), log, print)
    canaille = Canaille(IdentityProvider(directory, programs, free_port(), Keys(), callback_url, log))
    canaille.provider.prepare(PEOPLE)
    try:
        yield canaille
    finally:
        canaille.stop()
