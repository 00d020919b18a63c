"""What adaptive scaling is bounded by reaches the person's account, on both databases."""

from typing import Any

import pytest

from tests.service.test_doors import ask, bind, release
from tests.support.service import Service

pytestmark = pytest.mark.parametrize("ledger", ["sqlite", "postgresql"], indirect=True, scope="module")


def _bounds(service: Service, lease: str) -> tuple[Any, Any]:
    clusters = service.as_("alice", "GET", "api/v1/account").json["clusters"]
    [view] = [view for view in clusters if view["lease"] == lease]
    return view["adaptive_minimum"], view["adaptive_maximum"]


def test_an_account_tells_between_how_many_workers_a_cluster_follows_its_load(service: Service) -> None:
    """The bounds are told from the demand on that names them, until one does not, or the cluster is over."""
    lease = ask(service).json["lease"]["id"]
    bind(service, lease, "c-adapts")
    before = _bounds(service, lease)
    bounds = {"adaptive_minimum": 0, "adaptive_maximum": 7}
    said = [
        service.door("PUT", "api/v1/clusters/c-adapts/demand", {"wanted": 1, "running": 0, **more}).status
        for more in (bounds, {}, bounds)
    ]
    adapts = _bounds(service, lease)
    service.door("PUT", "api/v1/clusters/c-adapts/demand", {"wanted": 1, "running": 0})
    fixed = _bounds(service, lease)
    service.door("PUT", "api/v1/clusters/c-adapts/demand", {"wanted": 1, "running": 0, **bounds})
    release(service, lease)

    assert said == [200, 200, 200]
    assert (before, adapts, fixed) == ((None, None), (0, 7), (None, None))
    assert _bounds(service, lease) == (None, None)


@pytest.mark.parametrize("bound", [-1, True, 2.5, "3", 10**9], ids=str)
def test_a_forged_bound_is_refused(service: Service, bound: Any) -> None:
    """A number of workers that is none is refused with the whole demand."""
    demand = {"wanted": 1, "running": 0, "adaptive_minimum": 0, "adaptive_maximum": bound}
    assert service.door("PUT", "api/v1/clusters/any/demand", demand).status == 422
