"""A heartbeat comes from user code: nothing in it is believed unseen."""

from typing import Any

import pytest

from hub_ext.cluster.heartbeat import Heartbeat, is_this_machine, read_heartbeat
from hub_ext.contract.errors import InvalidRequest

TRUE: dict[str, Any] = {
    "scheduler_address": "tls://127.0.0.1:35001",
    "dashboard_address": "http://127.0.0.1:35002",
    "api_address": "http://127.0.0.1:35003",
    "count": 3,
    "active_workers": ["a", "b"],
    "closing_workers": [],
    "closed_workers": ["c"],
}


def test_a_true_heartbeat_is_read() -> None:
    """What a scheduler of ours sends is taken as it is."""
    beat = read_heartbeat(TRUE, is_this_machine)
    assert beat == Heartbeat(count=3, active=frozenset("ab"))


def test_a_scheduler_without_dashboard_is_fine() -> None:
    """Without bokeh the dashboard address is empty."""
    assert read_heartbeat({**TRUE, "dashboard_address": ""}, is_this_machine).count == 3


@pytest.mark.parametrize(
    "count", [True, False, -1, 1.0, float("nan"), float("inf"), "3", None, [3], 10**6 + 1, 10**400]
)
def test_a_count_that_is_no_number_of_workers_is_refused(count: Any) -> None:
    """Only a true integer from 0 to a million counts workers."""
    with pytest.raises(InvalidRequest):
        read_heartbeat({**TRUE, "count": count}, is_this_machine)


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254:8080",
        "http://10.0.0.7:35002",
        "http://internal.example:35002",
        "http://localhost.example:35002",
        "http://127.0.0.1:22",
        "http://127.0.0.1:1024",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:35002/hub/api",
        "http://127.0.0.1:35002/",
        "http://127.0.0.1:35002?x=1",
        "http://127.0.0.1:35002#x",
        "http://me@127.0.0.1:35002",
        "http://127.0.0.1:35002@internal.example:80",
        "http://2130706433:35002",
        "http://0x7f000001:35002",
        "http://0.0.0.0:35002",
        "http://[::ffff:10.0.0.7]:35002",
        "http:// 127.0.0.1:35002",
        "http://127.0.0.1:35002\r\nX: y",
        "HTTP://127.0.0.1:35002",
        "file:///etc/passwd",
        "gopher://127.0.0.1:35002",
        "tls://127.0.0.1:35002",
        "unix://run/docker.sock",
        "127.0.0.1:35002",
        "",
        None,
        7,
        ["http://127.0.0.1:35002"],
    ],
)
def test_a_forged_address_is_refused(address: Any) -> None:
    """An address that is not this machine's, spelled plainly, is no address of a cluster."""
    with pytest.raises(InvalidRequest):
        read_heartbeat({**TRUE, "api_address": address}, is_this_machine)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:35001", "http://127.0.0.1:35001", "tls://10.0.0.7:35001", ""])
def test_a_scheduler_is_reached_by_tls_here(address: str) -> None:
    """Scheduler traffic is encrypted, so nothing but tls is a scheduler address."""
    with pytest.raises(InvalidRequest):
        read_heartbeat({**TRUE, "scheduler_address": address}, is_this_machine)


@pytest.mark.parametrize("missing", sorted(TRUE))
def test_a_part_that_is_missing_is_refused(missing: str) -> None:
    """A heartbeat without one of its parts is none."""
    with pytest.raises(InvalidRequest):
        read_heartbeat({key: value for key, value in TRUE.items() if key != missing}, is_this_machine)


@pytest.mark.parametrize("names", ["abc", {"a": 1}, [1], [["a"]], None])
def test_worker_names_are_a_list_of_texts(names: Any) -> None:
    """Names of another type would break the gateway's bookkeeping half-way."""
    for key in ("active_workers", "closing_workers", "closed_workers"):
        with pytest.raises(InvalidRequest):
            read_heartbeat({**TRUE, key: names}, is_this_machine)


@pytest.mark.parametrize("message", [None, [], "x", 1])
def test_a_message_of_another_shape_is_refused(message: Any) -> None:
    """A heartbeat is an object."""
    with pytest.raises(InvalidRequest):
        read_heartbeat(message, is_this_machine)


def test_ipv6_loopback_is_this_machine() -> None:
    """An IPv6 loopback address is read too."""
    assert read_heartbeat({**TRUE, "api_address": "http://[::1]:35003"}, is_this_machine).count == 3
