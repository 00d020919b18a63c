"""A real JupyterHub with Gatehouse in it, as :func:`hub_ext.wiring.hub.configure_hub` puts it there.

People log in with any password, unless the test brings an identity provider. The service is whatever listens at the
address: the stand-in, or the real one.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener, urlopen

from hub_ext.contract.usage import Event
from tests.support.ports import free_port

CONFIG = """
import json, os, sys
from hub_ext.policy.document import Administrator
from hub_ext.wiring.hub import configure_hub
told = json.loads(os.environ["HUB_TOLD"])
c.JupyterHub.bind_url = told["url"]
c.JupyterHub.hub_port = told["hub_port"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{told['proxy_port']}"
c.ConfigurableHTTPProxy.command = [told["bin"] + "/configurable-http-proxy"]
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.cleanup_servers = False
c.JupyterHub.services = [{"name": "tests", "api_token": told["token"], "admin": True}]
c.JupyterHub.load_groups = {g: {"users": users} for g, users in told["groups"].items()}
c.Spawner.http_timeout = 10
c.Spawner.consecutive_failure_limit = 5  # as the hub's chart for Kubernetes has it
c.LocalProcessSpawner.interrupt_timeout = 2
if told["small_server"]:
    c.Spawner.cmd = [sys.executable, told["small_server"]]
c.GatehouseLocalSpawner.data_dir = told["data_dir"]
configure_hub(
    c, issuer=told["issuer"], client_id="gatehouse-hub", client_secret=told["client_secret"] or "unused",
    policy_administrators=[Administrator(match=("/platform-admins",), may=("read", "operate"))],
    public_url=told["url"], service_url=told["service_url"], service_token="s" * 32, hub_token="h" * 32,
    gateway_url="http://127.0.0.1:9", gateway_token="g" * 32, gateway_proxy_address="gateway://127.0.0.1:9",
    outbox_dir="outbox",
)
if not told["client_secret"]:
    c.JupyterHub.authenticator_class = "dummy"
    c.Authenticator.allow_all = True
    c.Authenticator.manage_groups = False
for section, values in told["config"].items():
    c[section].update(values)
"""
GROUPS = {"/research": ["alice", "dan"], "/gpu": ["alice"], "/analysts": ["bob"], "/platform-admins": ["adam"]}
SMALL_SERVER = Path(__file__).with_name("small_server.py")


@dataclass
class Page:
    """What a person got: status, address and text."""

    status: int
    url: str
    text: str
    headers: Any = field(default=None, repr=False)

    @property
    def json(self) -> Any:
        """The text as JSON."""
        return json.loads(self.text)


class _StayHere(HTTPRedirectHandler):
    def http_error_302(self, _request: Any, answer: Any, *_said: Any) -> Any:
        return answer


class Visitor:
    """A browser without a screen: keeps cookies, follows redirects, takes errors as pages."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> Page:
        """Open an address."""
        return self._open(Request(self._url(path)))  # noqa: S310 - our own hub

    def post(self, path: str, form: dict[str, str]) -> Page:
        """Send a form."""
        return self._open(Request(self._url(path), data=urlencode(form).encode()))  # noqa: S310 - our own hub

    def redirect_of(self, path: str) -> str:
        """Return where an address sends the browser, without going there."""
        opener = build_opener(HTTPCookieProcessor(self.cookies), _StayHere())
        with opener.open(self._url(path), timeout=40) as answer:
            return str(answer.headers["Location"])

    def login(self, name: str) -> Page:
        """Log in where any password will do."""
        token = re.search(r'name="_xsrf" value="([^"]+)"', self.get("/hub/login").text)
        return self.post("/hub/login", {"username": name, "password": "x", "_xsrf": token[1] if token else ""})

    def start(self, form: dict[str, str]) -> Page:
        """Send the start page's form, with its protection against forgery."""
        action = re.search(r'id="spawn_form"\s+action="([^"]+)"', self.get("/hub/spawn").text)
        if action is None:
            raise AssertionError("there is no start form")
        return self.post(action[1].replace("&amp;", "&"), form)

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else self.base + path

    def _open(self, request: Request) -> Page:
        try:
            with self._opener.open(request, timeout=40) as answer:
                return Page(answer.status, answer.url, answer.read().decode(), answer.headers)
        except HTTPError as error:
            with error:
                return Page(error.code, error.url, error.read().decode(), error.headers)


@dataclass
class GatehouseHub:
    """A hub that can be stopped hard and started again."""

    told: dict[str, Any]
    directory: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where people reach it, without a slash at the end."""
        url: str = self.told["url"]
        return url

    @property
    def log(self) -> str:
        """What it logged so far."""
        return (self.directory / "hub.log").read_text(encoding="utf-8")

    def visitor(self, name: str = "") -> Visitor:
        """Return a browser; logged in, if a name is given."""
        visitor = Visitor(self.url)
        if name:
            visitor.login(name)
        return visitor

    def api(self, method: str, path: str, body: Any = None, token: str = "") -> Page:
        """Call the hub's API, with every right unless a token is given."""
        request = Request(
            f"http://127.0.0.1:{self.told['hub_port']}/hub/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {token or self.told['token']}"},
        )
        try:
            with urlopen(request, timeout=40) as answer:  # noqa: S310 - our own hub
                return Page(answer.status, answer.url, answer.read().decode())
        except HTTPError as error:
            with error:
                return Page(error.code, error.url, error.read().decode())

    def home(self, user: str) -> Path:
        """Return a person's home directory."""
        return Path(self.told["data_dir"]) / "homes" / user

    def start(self) -> None:
        """Start it, and wait until its API answers."""
        with (self.directory / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", "hub_config.py"],
                cwd=self.directory,
                env={**os.environ, "HUB_TOLD": json.dumps(self.told), "JUPYTERHUB_CRYPT_KEY": "ab" * 32},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self._answers, "the hub to start", lambda: self.log[-4000:], within=90)

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise AssertionError(f"the hub did not start:\n{self.log[-4000:]}")
        try:
            return (
                self.api("GET", "").status == 200 and self.visitor().get("/hub/login").status == 200
            )  # by way of the proxy
        except (URLError, OSError):
            return False

    def kill(self) -> None:
        """End the hub alone, by kill -9; its servers go on."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)

    def stop(self) -> None:
        """End everything."""
        if self.process is None:
            return
        for user in self.api("GET", "users").json if self.process.poll() is None else []:
            if user.get("servers") or user.get("server"):
                self.api("DELETE", f"users/{user['name']}/server")
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
        except ProcessLookupError:
            return
        self.process.wait(180)


def wait_for(condition: Any, what: str, said: Any = lambda: "", within: float = 120.0) -> None:
    """Wait until the condition holds; fail with what was said if it does not in time."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within:.0f} s for {what}\n{said()}")
        time.sleep(0.05)


@contextmanager
def running_gatehouse_hub(directory: Path, service_url: str, **told: Any) -> Iterator[GatehouseHub]:
    """Start a hub in the directory and stop it, with all its servers, afterwards.

    Args:
        directory: an empty one.
        service_url: where the service, or its stand-in, listens.
        told: ``groups``, ``config`` (section -> values), ``port``, ``issuer``, ``client_secret``, ``small_server``.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "hub_config.py").write_text(CONFIG)
    defaults = {
        "url": f"http://127.0.0.1:{told.pop('port', None) or free_port()}",
        "hub_port": free_port(),
        "proxy_port": free_port(),
        "bin": str(Path(sys.executable).parent),
        "token": "t" * 32,
        "groups": GROUPS,
        "config": {},
        "data_dir": str(directory / "data"),
        "service_url": service_url,
        "issuer": "https://sso.example.org",
        "client_secret": "",
        "small_server": str(SMALL_SERVER),
    }
    hub = GatehouseHub({**defaults, **told}, directory)
    try:
        hub.start()
        yield hub
    finally:
        hub.stop()


@dataclass
class StandIn:
    """The stand-in for the service, as a process of its own (``tests/support/stand_in.py``)."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def table(self, **changes: Any) -> None:
        """Change what it answers."""
        self._call("PUT", "table", changes)

    @property
    def seen(self) -> dict[str, Any]:
        """What it heard."""
        heard: dict[str, Any] = self._call("GET", "seen")
        return heard

    def reset(self) -> None:
        """Answer as at the beginning, having heard nothing."""
        self.table(refused={}, placements={}, away=False, slow=0.0, admissions=[], leases={}, events=[])

    def events(self, lease: str) -> dict[str, Event]:
        """Return the events of a lease by their type; fail if one came twice."""
        found = [Event.model_validate(event) for event in self.seen["events"] if event["lease"] == lease]
        if len({event.type for event in found}) != len(found):
            raise AssertionError(f"an event was reported twice: {found}")
        return {event.type.value: event for event in found}

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/services/gatehouse/{path}", data=data, method=method)  # noqa: S310 - our own
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - our own
            return json.loads(answer.read())


@contextmanager
def running_stand_in() -> Iterator[StandIn]:
    """Start the stand-in and stop it afterwards."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.support.stand_in", f"--port={port}"])
    stand_in = StandIn(port, process)
    try:
        wait_for(lambda: _listens(stand_in), "the stand-in to start")
        yield stand_in
    finally:
        process.terminate()
        process.wait(10)


def _listens(stand_in: StandIn) -> bool:
    try:
        return bool(stand_in.seen)
    except (URLError, OSError):
        return False
