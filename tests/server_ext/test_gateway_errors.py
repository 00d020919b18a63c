"""What ``dask_gateway`` raises becomes a sentence with a reason code, and a defect stays a defect."""

from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from dask_gateway import GatewayClusterError, GatewayServerError

from hub_ext.contract.errors import Forbidden, LoginExpired, NotFound, Refused, Unavailable
from server_ext.clusters import gateway_error


def _http(status: int) -> aiohttp.ClientResponseError:
    return aiohttp.ClientResponseError(Mock(), (), status=status)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        pytest.param(_http(401), LoginExpired, id="expired token"),
        pytest.param(_http(403), Forbidden, id="another person's cluster"),
        pytest.param(_http(503), Unavailable, id="hub away"),
        pytest.param(aiohttp.ClientConnectionError(), Unavailable, id="no connection"),
        pytest.param(TimeoutError(), Unavailable, id="no answer"),
        pytest.param(ValueError("Cluster abc not found"), NotFound, id="not found"),
        pytest.param(GatewayClusterError("Cluster abc is not running"), Refused, id="not running"),
        pytest.param(GatewayServerError("boom"), Unavailable, id="gateway failed"),
    ],
)
def test_each_error_has_its_kind(raised: Exception, kind: type[Any]) -> None:
    """The client keeps the gateway's words only for some statuses; the others get ours."""
    assert type(gateway_error(raised, "abc")) is kind


def test_a_defect_stays_a_defect() -> None:
    """An error that nobody foresaw is not dressed up as the gateway's."""
    defect = KeyError("x")
    assert gateway_error(defect, "abc") is defect
