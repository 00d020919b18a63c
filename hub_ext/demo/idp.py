"""The demo's identity provider: canaille, a real OpenID Connect provider, seeded once from one document.

The seed holds people, groups and the hub as a client. When it changes (people, an address, a port) the database is
made anew; otherwise it is kept, with whatever people changed in it.
"""

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hub_ext.demo.failure import CannotStart
from hub_ext.demo.idp_environment import last_lines
from hub_ext.demo.keys import Keys
from hub_ext.demo.people import Person
from hub_ext.demo.ports import ADDRESS
from hub_ext.demo.private_file import write_private

CLIENT_ID = "gatehouse-hub"


@dataclass(frozen=True)
class IdentityProvider:
    """One canaille: where it lives, what runs it, and where it answers."""

    directory: Path
    programs: Path
    """The ``bin`` directory of its environment."""
    port: int
    keys: Keys
    callback_url: str
    """Where the hub takes the answer to a login."""
    log: Path

    @property
    def issuer(self) -> str:
        """Its name and address."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def command(self) -> tuple[str, ...]:
        """Runs it as one process: more workers would be more to start and to stop."""
        return (str(self.programs / "canaille"), "run", "--bind", f"{ADDRESS}:{self.port}", "--workers", "0")

    @property
    def environment(self) -> dict[str, str]:
        """What it needs besides the usual environment."""
        return {"CANAILLE_CONFIG": str(self._config)}

    def prepare(self, people: tuple[Person, ...]) -> bool:
        """Write its configuration; fill its database if the seed is new. Say whether it was filled.

        Raises:
            CannotStart: if canaille refuses.
        """
        write_private(self._config, self._configuration())
        seed = json.dumps(seed_document(people, self), sort_keys=True)
        digest = hashlib.sha256(seed.encode()).hexdigest()
        if self._database.exists() and self._seeded.exists() and self._seeded.read_text() == digest:
            return False
        self._seeded.unlink(missing_ok=True)
        for leftover in self.directory.glob(f"{self._database.name}*"):  # with its write-ahead log
            leftover.unlink()
        self._run("install")
        self._run("restore", stdin=seed)
        self._seeded.write_text(digest)
        return True

    @property
    def _config(self) -> Path:
        return self.directory / "canaille.toml"

    @property
    def _database(self) -> Path:
        return self.directory / "canaille.sqlite"

    @property
    def _seeded(self) -> Path:
        return self.directory / "seed.sha256"

    def _configuration(self) -> str:
        """Canaille's own file. A JSON string or object of strings is also a TOML one, but for ``:`` and ``=``."""
        key = ", ".join(f"{name} = {json.dumps(value)}" for name, value in self._signing_key().items())
        return "\n".join(
            (
                f"SECRET_KEY = {json.dumps(self.keys.idp_secret_key)}",
                f'SERVER_NAME = "{ADDRESS}:{self.port}"',
                'PREFERRED_URL_SCHEME = "http"',
                "[CANAILLE]",
                'NAME = "Sample organisation"',
                'DATABASE = "sql"',
                'LANGUAGE = "en"',
                "ENABLE_PASSWORD_RECOVERY = false",
                "[CANAILLE_SQL]",
                f"DATABASE_URI = {json.dumps(f'sqlite:///{self._database}')}",
                "[CANAILLE_OIDC]",
                "REQUIRE_NONCE = false  # oauthenticator sends none; it uses PKCE and state",
                f"ACTIVE_JWKS = [{{ {key} }}]",
                "",
            )
        )

    def _signing_key(self) -> dict[str, str]:
        """The key that signs tokens: kept, so that a restart does not end logins."""
        path = self.directory / "signing-key.json"
        if not path.exists():
            write_private(path, self._run("jwk", "create", "rsa"))
        key: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return key

    def _run(self, *arguments: str, stdin: str = "") -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith("CANAILLE")}
        if self._config.exists():
            env |= self.environment
        with self.log.open("ab") as errors:
            done = subprocess.run(
                (str(self.programs / "canaille"), *arguments),
                cwd=self.directory,
                env=env,
                input=stdin.encode(),
                stdout=subprocess.PIPE,
                stderr=errors,
                check=False,
            )
        if done.returncode:
            raise CannotStart(f"The identity provider refused `{' '.join(arguments)}`. {last_lines(self.log)}")
        return done.stdout.decode()


def seed_document(people: tuple[Person, ...], provider: IdentityProvider) -> dict[str, list[dict[str, object]]]:
    """Return everything the provider knows at first, in the shape that ``canaille restore`` takes."""
    groups = sorted({group for person in people for group in person.groups})
    return {
        "user": [
            {
                "id": person.name,
                "user_name": person.name,
                "password": person.password,
                "given_name": person.full_name.partition(" ")[0],
                "family_name": person.full_name.partition(" ")[2],
                "emails": [person.email],
            }
            for person in people
        ],
        "group": [
            {
                "id": f"group-{group.strip('/')}",
                "display_name": group,
                "members": [person.name for person in people if group in person.groups],
            }
            for group in groups
        ],
        "client": [
            {
                "id": CLIENT_ID,
                "client_id": CLIENT_ID,
                "client_secret": provider.keys.client_secret,
                "client_name": "JupyterHub",
                "client_uri": provider.callback_url.partition("/hub/")[0],
                "redirect_uris": [provider.callback_url],
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "scope": ["openid", "profile", "email", "groups"],
                "token_endpoint_auth_method": "client_secret_basic",
            }
        ],
    }
