"""Dask clusters inside the Dask Gateway server: who asks, what they may start, how much, and what really ran.

The reader follows a request: :mod:`authenticator` (who is this token), :mod:`options` (what may they choose),
:mod:`mixin` (ask the service, obey its grant), :mod:`local` (processes here), :mod:`units` (what ran, exactly).
It is the only room that knows ``dask_gateway_server``.
"""

from hub_ext.cluster.authenticator import GatehouseGatewayAuthenticator
from hub_ext.cluster.local import GatehouseLocalBackend
from hub_ext.cluster.mixin import GatehouseBackendMixin

__all__ = ["GatehouseBackendMixin", "GatehouseGatewayAuthenticator", "GatehouseLocalBackend"]
