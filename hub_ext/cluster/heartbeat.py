"""What a scheduler says of itself, read with distrust: it runs user code and may say anything. Pure.

A heartbeat carries how many workers the cluster wants, which ones it has, and three addresses. The gateway's proxy
forwards people to the dashboard address, so an unchecked one would open any address that the gateway can reach.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from hub_ext.contract.errors import InvalidRequest

MOST_WORKERS = 1_000_000
"""Upper bound of a wish (``contract.admission.Demand``)."""
_UNPRIVILEGED = 1024
_SCHEMES = {"scheduler_address": {"tls"}, "dashboard_address": {"http", "https"}, "api_address": {"http", "https"}}


@dataclass(frozen=True)
class Heartbeat:
    """A heartbeat whose every part has been looked at."""

    count: int
    """Workers that the scheduler wants."""
    active: frozenset[str]
    """Names of workers it has."""


def read_heartbeat(message: Any, is_own_host: Callable[[str], bool]) -> Heartbeat:
    """Read a heartbeat, or refuse it as a whole.

    Args:
        message: the decoded JSON body.
        is_own_host: whether schedulers of this gateway may live on the host.

    Raises:
        InvalidRequest: anything about it is not what a scheduler of ours would send.
    """
    if not isinstance(message, dict):
        raise InvalidRequest("A heartbeat is a JSON object.")
    for key in ("closing_workers", "closed_workers"):
        _names(message, key)
    for key, schemes in _SCHEMES.items():
        address = message.get(key)
        if key == "dashboard_address" and address == "":
            continue  # no dashboard: bokeh is not installed
        _check_address(key, address, schemes, is_own_host)
    return Heartbeat(count=whole(message.get("count"), "count"), active=_names(message, "active_workers"))


def whole(value: Any, what: str) -> int:
    """Return the value if it is a number of workers: a true integer, neither negative nor absurd.

    ``True`` is an ``int`` to Python, and NaN passes every comparison by failing it; neither is a number of workers.

    Raises:
        InvalidRequest: it is not.
    """
    if type(value) is not int or not 0 <= value <= MOST_WORKERS:
        raise InvalidRequest(f"{what} must be a whole number from 0 to {MOST_WORKERS}, not {str(value)[:40]!r}.")
    return value


def is_this_machine(host: str) -> bool:
    """Say whether the host is a loopback address, which is where local schedulers listen."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _names(message: dict[str, Any], key: str) -> frozenset[str]:
    value = message.get(key)
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise InvalidRequest(f"{key} must be a list of worker names.")
    return frozenset(value)


def _check_address(key: str, address: Any, schemes: set[str], is_own_host: Callable[[str], bool]) -> None:
    if not isinstance(address, str) or not _is_plain(address, schemes, is_own_host):
        raise InvalidRequest(f"{key} {str(address)[:80]!r} is not an address of this cluster.")


def _is_plain(address: str, schemes: set[str], is_own_host: Callable[[str], bool]) -> bool:
    """Whether the address is exactly ``scheme://host:port``, spelled in the one way that every parser agrees on."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return False
    plain = SplitResult(parts.scheme, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "", "", "").geturl()
    return parts.scheme in schemes and port > _UNPRIVILEGED and address == plain and is_own_host(host)
