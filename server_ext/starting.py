"""A new cluster, asked of the Dask Gateway as the person: what they may choose, and the start itself.

The number of workers is an option of the start. So the wish reaches the gateway together with the cluster, and stands
there until its scheduler runs: nobody has to wait for that, and a browser or notebook server that goes away loses
nothing.
"""

import asyncio
import re
from typing import Any

import aiohttp

from hub_ext.contract.errors import (
    Forbidden,
    GatehouseError,
    InvalidRequest,
    LoginExpired,
    NotFound,
    Refused,
    Unavailable,
)
from hub_ext.contract.reasons import Reason
from hub_ext.contract.starting import ClusterFields, OptionField, Started, StartRequest
from server_ext.clusters import AWAY, open_gateway

ANSWER_SECONDS = 30
"""A gateway that asks a slow service for its decision still answers within."""
WORKERS = "workers"
"""The gateway's field for the workers that a new cluster wants."""
_RESERVED = frozenset({"cluster_options", "asynchronous"})
"""Arguments of ``Gateway.submit`` that are no options."""
_TYPES = {"Select": "select", "String": "string", "Integer": "int", "Float": "float", "Bool": "bool"}
"""``dask_gateway.options``' class of a field -> our word. A ``Mapping`` keeps its default."""
_CODED = re.compile(r"(?P<text>.*) \[(?P<code>[a-z_]+)\]", re.DOTALL)


class Starting:
    """Starts clusters."""

    async def fields(self) -> ClusterFields:
        """Return what the person may choose, with the defaults of their own Dask configuration.

        Raises:
            GatehouseError: in the gateway's words where it has any.
        """
        async with open_gateway(start_error) as gateway, asyncio.timeout(ANSWER_SECONDS):
            options = await gateway.cluster_options()
        # the class hides its fields' labels and bounds behind a widget
        found = (_field(field) for field in options._fields.values())
        return ClusterFields(fields=tuple(field for field in found if field is not None))

    async def start(self, asked: StartRequest) -> Started:
        """Ask for a cluster; return as soon as the gateway has taken it.

        Raises:
            GatehouseError: in the gateway's words, with its reason code.
        """
        if _RESERVED & asked.options.keys():
            raise InvalidRequest(f"Not started: {', '.join(sorted(_RESERVED & asked.options.keys()))} is no option.")
        wish = {WORKERS: asked.workers} if asked.workers else {}
        async with open_gateway(start_error) as gateway, asyncio.timeout(ANSWER_SECONDS):
            return Started(cluster=await gateway.submit(**asked.options, **wish))


def _field(field: Any) -> OptionField | None:
    kind = _TYPES.get(type(field).__name__)
    if kind is None:
        return None
    return OptionField.model_validate(
        {
            "name": field.field,
            "label": field.label,
            "type": kind,
            "default": field.value,
            "choices": tuple(getattr(field, "options", ())),
            "min": getattr(field, "min", None),
            "max": getattr(field, "max", None),
        }
    )


def start_error(error: Exception) -> Exception:
    """Translate what ``dask_gateway`` raises; a refusal keeps the gateway's sentence and code.

    Args:
        error: raised while asking the gateway; a defect of ours comes back unchanged.
    """
    if isinstance(error, aiohttp.ClientResponseError):
        return _by_status(error.status)
    if isinstance(error, (aiohttp.ClientError, TimeoutError, OSError)):
        return Unavailable(AWAY)
    text, reason = _coded(str(error))
    kind = type(error).__name__
    if kind == "GatewayClusterError":  # 409
        return Refused(text, reason=reason or Reason.invalid_request)
    if kind == "GatewayServerError":  # 500
        return Unavailable(text, reason=reason)
    if isinstance(error, ValueError):  # 404 and 422
        return NotFound(text) if reason is Reason.not_found else InvalidRequest(text, reason=reason)
    return error


def _coded(line: str) -> tuple[str, Reason | None]:
    """Split a sentence from the code in brackets at its end."""
    found = _CODED.fullmatch(line)
    if found is None or found["code"] not in set(Reason):
        return line, None
    return found["text"], Reason(found["code"])


def _by_status(status: int) -> GatehouseError:
    if status == LoginExpired.status:
        return LoginExpired("Your login has expired; log in again and repeat. Nothing was started.")
    if status == Forbidden.status:
        return Forbidden("Your token may not use the Dask Gateway, so nothing was started. Ask your platform team.")
    return Unavailable(AWAY)
