"""Show me: the pages below ``/services/gatehouse/``, as frames that their modules in ``static/`` fill from the API.

A *place* is a page with its own address. Places of an administrator need the scope ``custom:gatehouse:read``, that of
leads a group that the policy lets the person lead; everybody else gets their own account at the front door, and a page
that says so anywhere else. The frame holds no figures, so what a person may see is decided by the API alone.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from tornado.web import HTTPError, RequestHandler, StaticFileHandler

from hub_ext.contract.paths import ADMINISTRATOR_SCOPES, API, SCOPE_READ
from hub_ext.service.auth import Person, PersonHandler
from hub_ext.service.leading import Leading

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
"""Where modules and stylesheet are."""


@dataclass(frozen=True)
class Place:
    """One page: its address below the prefix, its heading, and the sentence below it until the figures come."""

    name: str
    path: str
    title: str
    promise: str
    section: str
    """Heading of the navigation that it stands under."""
    audience: Literal["administrators", "leads", "everybody"] = "administrators"
    """Whom it is for."""

    def open_to(self, person: Person, leads: Collection[str]) -> bool:
        """Whether a person who leads these groups may see it."""
        return {
            "administrators": SCOPE_READ in person.scopes,
            "leads": bool(leads),
            "everybody": True,
        }[self.audience]


PLACES = (
    Place("overview", "", "Overview", "What runs, what it costs, what needs an eye.", "Now"),
    Place("servers", "servers", "Servers", "What runs now. Ended servers are in the Ledger.", "Now"),
    Place("clusters", "clusters", "Clusters", "What runs now. Ended clusters are in the Ledger.", "Now"),
    Place("groups", "groups", "Groups", "What each group may use, uses and spends. Updates every 5 s.", "Who"),
    Place("led", "led", "Groups you lead", "What their people use and spend. Updates every 5 s.", "Who", "leads"),
    Place("account", "account", "Your account", "What you run and what it costs.", "Who", "everybody"),
    Place("ledger", "ledger", "Ledger", "Every interval of a month, and their sum.", "Money"),
    Place("reports", "reports", "Reports", "What was spent, and files of it for the books.", "Money"),
    Place("policy", "policy", "Policy", "One file in git. This page reads it; it never writes it.", "Rules"),
    Place("decisions", "decisions", "Decisions", "Every yes, part and no, newest first, with its reason.", "Rules"),
)
"""Every place, in the order of the navigation."""

_BY_PATH: Mapping[str, Place] = {place.path: place for place in PLACES}
_ACCOUNT = _BY_PATH["account"]


@dataclass(frozen=True)
class Surroundings:
    """Where the page stands: addresses that differ from hub to hub."""

    prefix: str
    """Of this service, with both slashes: ``/services/gatehouse/``."""
    hub_base: str
    """Of the hub, with its last slash: ``/hub/``, or with scheme and host where the hub has its own."""

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: our own files, and the hub's logo where the hub has a host of its own."""
        hub = urlsplit(self.hub_base)
        images = f"'self' {hub.scheme}://{hub.netloc}" if hub.netloc else "'self'"
        return (
            f"default-src 'self'; img-src {images}; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'self'"
        )


def rights(scopes: Collection[str]) -> tuple[str, ...]:
    """Return the administrator's words for the scopes: ``read``, ``operate``, ``budget``, ``policy``."""
    return tuple(word for word, scope in ADMINISTRATOR_SCOPES.items() if scope in scopes)


def render(
    person: Person, path: str, where: Surroundings, xsrf_token: str, leads: Collection[str] = ()
) -> tuple[HTTPStatus, str]:
    """Return status and HTML of the page at ``path``, as this person may see it.

    Args:
        person: who asks.
        path: below the prefix, one of the paths of :data:`PLACES`.
        where: the addresses of service and hub.
        xsrf_token: what every fetch of the page has to send back as ``X-XSRFToken``.
        leads: the groups that the person leads.
    """
    seen = [place for place in PLACES if place.open_to(person, leads)]
    wanted = _BY_PATH[path]
    place = wanted if wanted in seen else _ACCOUNT
    refused = wanted if place is not wanted and path else None
    text = _TEMPLATES.get_template("page.html").render(
        place=place,
        places=_sections(seen) if len(seen) > 1 else (),
        refused=refused,
        may=rights(person.scopes),
        user=person.name,
        prefix=where.prefix,
        hub_base=where.hub_base,
        api=API,
        services=(("gatehouse", where.prefix),),
        xsrf_token=xsrf_token,
    )
    return (HTTPStatus.FORBIDDEN if refused else HTTPStatus.OK), text


def _sections(seen: Sequence[Place]) -> tuple[tuple[str, tuple[Place, ...]], ...]:
    names = dict.fromkeys(place.section for place in seen)
    return tuple((name, tuple(place for place in seen if place.section == name)) for name in names)


def _icon(name: str) -> Markup:
    return Markup('<svg class="gh-icon" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)


def _templates() -> Environment:
    loader = FileSystemLoader(_HERE / "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.globals["icon"] = _icon
    return environment


_TEMPLATES = _templates()


class PageActions(RequestHandler):
    """What a page handler does once its class says who asks and where it stands."""

    current_person: Person

    @property
    def surroundings(self) -> Surroundings:
        """Where this service and its hub are."""
        raise NotImplementedError

    @property
    def leads(self) -> Collection[str]:
        """The groups that the person leads."""
        raise NotImplementedError

    def get(self, path: str | None = None) -> None:
        """Answer with the page. Who is not logged in was led to the hub's login before."""
        xsrf_token = self.xsrf_token.decode()
        status, text = render(self.current_person, path or "", self.surroundings, xsrf_token, self.leads)
        self._finish(status, text)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error as a page that says what happened and what to do."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        told = error.reason if isinstance(error, HTTPError) and status_code != HTTPStatus.NOT_FOUND else None
        text = _TEMPLATES.get_template("error.html").render(
            status=status_code,
            message=told or "Something failed inside Gatehouse; it has been logged. What runs goes on.",
            prefix=self.surroundings.prefix,
            hub_base=self.surroundings.hub_base,
        )
        self._finish(HTTPStatus(status_code), text)

    def _finish(self, status: HTTPStatus, text: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", self.surroundings.policy)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(text)


class PageHandler(PageActions, PersonHandler):
    """The pages, for a person who logged in through the hub. Called by the routes of :func:`page_routes`."""

    @property
    def surroundings(self) -> Surroundings:
        """As the hub told this service by its environment."""
        return Surroundings(
            prefix=self.settings["prefix"],
            hub_base=f"{self.hub_auth.hub_host}{self.hub_auth.hub_prefix}",
        )

    @property
    def leads(self) -> Collection[str]:
        """As the policy in force says."""
        leading: Leading = self.settings["leading"]
        return leading.leads(self.current_person.identity)


class FileHandler(StaticFileHandler):
    """Modules and stylesheet: public, because a module's import cannot carry the XSRF token, and without secrets."""

    def set_extra_headers(self, path: str) -> None:
        """Let browsers ask each time (304 by ETag): modules of two versions must not meet in one page.

        Args:
            path: below :data:`STATIC`.
        """
        del path
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")


def page_routes(prefix: str, handler: type[RequestHandler] = PageHandler) -> list[tuple[Any, ...]]:
    """Return the routes of every page and file, for the table of the service.

    Args:
        prefix: of the service, with both slashes.
        handler: of the pages.
    """
    at = re.escape(prefix)
    paths = "|".join(place.path for place in PLACES if place.path)
    return [
        (rf"{at}static/(.*)", FileHandler, {"path": str(STATIC)}),
        (rf"{at}({paths})?", handler),
    ]
