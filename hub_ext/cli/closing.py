"""``gatehouse report close``: ask the service to close a month. Only the service writes."""

import json
import os
import sys
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from traitlets import Unicode
from traitlets.config import Application

from hub_ext import __version__
from hub_ext.cli.usage import refuse_unknown_options, usage_error
from hub_ext.contract.errors import ErrorBody
from hub_ext.contract.paths import ADMIN
from hub_ext.contract.report import Closed

_TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105 - the name of a variable
_PATIENCE = 60


class CloseCommand(Application):
    """Close a month."""

    name = "close"
    version = __version__
    description = (
        "Close a month: its report stays what it is, and what is found later is a correction of the month in which it "
        f"was found. The right budget is needed; the environment variable {_TOKEN} holds a hub token that has it."
    )
    examples = "gatehouse report close 2026-10 --url https://hub.example.org/services/gatehouse/"
    url = Unicode("", help="Address of the service, such as https://hub.example.org/services/gatehouse/.").tag(
        config=True
    )
    aliases = {"url": "CloseCommand.url"}
    flags: dict[str, Any] = {}

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Refuse what is not known."""
        refuse_unknown_options(self, argv or [])
        super().parse_command_line(argv)

    def start(self) -> None:
        """Ask the service; say what came of it."""
        if len(self.extra_args) != 1:
            usage_error(self, f"one month is needed, such as 2026-10; {len(self.extra_args)} are named")
        if not self.url.startswith(("http://", "https://")):
            usage_error(self, "name the service with --url https://hub.example.org/services/gatehouse/")
        token = os.environ.get(_TOKEN, "")
        if not token:
            usage_error(
                self, f"the environment variable {_TOKEN} is empty; put a hub token with the right budget into it"
            )
        closed = _close(self.url, self.extra_args[0], token)
        print(f"{closed.month} is closed since {closed.at:%Y-%m-%d %H:%M} UTC by {closed.author}; its report stays.")


def _close(url: str, month: str, token: str) -> Closed:
    request = Request(  # noqa: S310 - the scheme was checked
        f"{url.rstrip('/')}/{ADMIN}/report/close",
        method="POST",
        data=json.dumps({"month": month}).encode(),
        headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - as above
            return Closed.model_validate_json(answer.read())
    except HTTPError as error:
        with error:
            _fail(_told(error))
    except (URLError, OSError) as error:
        _fail(f"{url} does not answer: {getattr(error, 'reason', error)}")


def _told(error: HTTPError) -> str:
    try:
        detail = ErrorBody.model_validate_json(error.read()).error
    except ValueError:
        return f"{error.url} answers {error.code}, and not as Gatehouse does; check --url"
    return f"{detail.message} [{detail.reason}]"


def _fail(line: str) -> NoReturn:
    print(line, file=sys.stderr)
    sys.exit(1)
