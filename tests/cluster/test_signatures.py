"""An upgrade of dask-gateway-server that changes what we override fails here, by name, and not in production."""

import inspect
from typing import Any

import pytest
from dask_gateway_server import auth, models, options, routes
from dask_gateway_server.backends import base, db_base, local
from dask_gateway_server.proxy.core import Proxy

from hub_ext.cluster.authenticator import GatehouseGatewayAuthenticator
from hub_ext.cluster.local import GatehouseLocalBackend
from hub_ext.cluster.mixin import GatehouseBackendMixin
from hub_ext.cluster.user import GatehouseUser

STOCK: dict[Any, dict[str, str]] = {
    base.Backend: {
        "setup": "async (self, app)",
        "cleanup": "async (self)",
        "get_cluster_options": "async (self, user)",
        "process_cluster_options": "async (self, user, request)",
        "start_cluster": "async (self, user, cluster_options)",
        "stop_cluster": "async (self, cluster_name, failed=False)",
        "get_cluster": "async (self, cluster_name, wait=False)",
        "on_cluster_heartbeat": "async (self, cluster_name, msg)",
        "forward_message_to_scheduler": "async (self, cluster, msg)",
    },
    db_base.DBBackendBase: {
        "do_setup": "async (self)",
        "do_cleanup": "async (self)",
        "do_start_cluster": "async (self, cluster)",
        "do_stop_cluster": "async (self, cluster)",
        "do_check_clusters": "async (self, clusters)",
        "do_start_worker": "async (self, worker)",
        "do_check_workers": "async (self, workers)",
        "get_env": "(self, cluster)",
    },
    local.LocalBackend: {
        "do_start_cluster": "asyncgen (self, cluster)",
        "do_start_worker": "asyncgen (self, worker)",
        "do_stop_cluster": "async (self, cluster)",
        "do_check_clusters": "async (self, clusters)",
        "do_check_workers": "async (self, workers)",
        "start_process": "async (self, cluster, cmd, env, name)",
        "stop_process": "async (self, pid)",
        "set_file_permissions": "(self, paths, username)",
        "setup_working_directory": "(self, cluster)",
        "cleanup_working_directory": "(self, workdir)",
        "get_logs_directory": "(self, workdir)",
        "get_env": "(self, cluster)",
    },
    auth.JupyterHubAuthenticator: {
        "setup": "async (self, app)",
        "cleanup": "async (self)",
        "authenticate": "async (self, request)",
        "get_token": "(self, request)",
    },
    auth.Authenticator: {"authenticate_and_handle": "async (self, request, handler)"},
    models.User: {"__init__": "(self, name, groups=(), admin=False)", "has_permissions": "(self, cluster)"},
    models.Cluster: {"to_dict": "(self, full=True)"},
    options.Options: {
        "parse_options": "(self, request)",
        "get_configuration": "(self, options, user)",
        "get_specification": "(self)",
    },
    base.ClusterConfig: {"to_dict": "(self)"},
}
"""What we override or call, as dask-gateway-server 2026.3.0 has it."""

OURS = {
    GatehouseBackendMixin: (base.Backend,),
    GatehouseLocalBackend: (base.Backend, db_base.DBBackendBase, local.LocalBackend),
    GatehouseGatewayAuthenticator: (auth.JupyterHubAuthenticator, auth.Authenticator),
    GatehouseUser: (models.User,),
}


def described(function: Any) -> str:
    """Return kind and signature of a function."""
    if inspect.isasyncgenfunction(function):
        kind = "asyncgen "
    else:
        kind = "async " if inspect.iscoroutinefunction(function) else ""
    return kind + str(inspect.signature(function))


@pytest.mark.parametrize(
    ("owner", "name", "expected"),
    [pytest.param(o, n, e, id=f"{o.__name__}.{n}") for o, methods in STOCK.items() for n, e in methods.items()],
)
def test_the_installed_gateway_is_the_one_we_know(owner: Any, name: str, expected: str) -> None:
    """Each method that we override or call has the signature that our code was written for."""
    assert described(vars(owner)[name]) == expected


@pytest.mark.parametrize("ours", OURS, ids=lambda cls: cls.__name__)
def test_everything_we_override_is_in_the_table(ours: Any) -> None:
    """An override that nobody wrote down is not guarded against an upgrade."""
    known = {name for stock in OURS[ours] for name in STOCK.get(stock, {})}
    overridden = {
        name
        for name, value in vars(ours).items()
        if inspect.isfunction(value) and any(inspect.isfunction(vars(stock).get(name)) for stock in OURS[ours])
    }
    assert overridden - {"__init__"} <= known


@pytest.mark.parametrize("ours", OURS, ids=lambda cls: cls.__name__)
def test_overrides_take_the_same_arguments(ours: Any) -> None:
    """The gateway calls some methods by keyword; the names must be its own."""
    for stock in OURS[ours]:
        for name in STOCK.get(stock, {}):
            if name in vars(ours) and name != "__init__":
                mine = [p.lstrip("_") for p in inspect.signature(vars(ours)[name]).parameters]
                assert mine == list(inspect.signature(vars(stock)[name]).parameters), name


def test_the_mixin_overrides_public_methods_only() -> None:
    """The mixin serves any engine because it touches nothing that an engine keeps for itself."""
    for name in vars(GatehouseBackendMixin):
        if name.startswith("_") and not name.startswith("__"):
            assert not any(name in vars(stock) for stock in local.LocalBackend.__mro__), name


def test_the_stock_gateway_still_grants_workers_in_one_place() -> None:
    """Workers are created from ``cluster.count``, which only the heartbeat sets: that is where we clamp."""
    source = inspect.getsource(db_base)
    assert source.count("self.db.create_worker(") == 1
    assert source.count('cluster_update["count"]') == 1
    assert "cluster.count - len(active)" in inspect.getsource(db_base.DBBackendBase._check_cluster_scale)


def test_the_stock_routes_are_the_ones_we_wrap() -> None:
    """Every route that a person can call is known; a new one needs a look at who may call it."""
    assert sorted((route.method, route.path) for route in routes.default_routes) == [
        ("DELETE", "/api/v1/clusters/{cluster_name}"),
        ("GET", "/api/health"),
        ("GET", "/api/v1/clusters/"),
        ("GET", "/api/v1/clusters/{cluster_name}"),
        ("GET", "/api/v1/options"),
        ("GET", "/api/version"),
        ("POST", "/api/v1/clusters/"),
        ("POST", "/api/v1/clusters/{cluster_name}/adapt"),
        ("POST", "/api/v1/clusters/{cluster_name}/heartbeat"),
        ("POST", "/api/v1/clusters/{cluster_name}/scale"),
    ]
    assert hasattr(Proxy, "proxy_status_period")
