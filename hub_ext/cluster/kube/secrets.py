"""What may be secret stays out of a cluster's object: its environment goes into a Secret that ends with it.

The stock engine keeps a cluster's options and its whole environment in the ``DaskCluster`` object in clear, and answers
``GET clusters`` with the options. Here the object and the answer have the names of variables, and the Secret
``dask-NAME-env`` has their values; scheduler and workers read it.
"""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from dask_gateway_server.models import User
from dask_gateway_server.options import Mapping as MappingField
from dask_gateway_server.options import Options
from traitlets import Bool
from traitlets.config import LoggingConfigurable

from hub_ext.cluster.kube.config import with_secret
from hub_ext.contract.errors import InvalidRequest

FIELD = "environment"
HIDDEN = "(secret)"
"""What a person reads of a value that they gave."""
_MOST_BYTES = 65_536
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,255}")
_to_keep: ContextVar[dict[str, str] | None] = ContextVar("gatehouse_environment", default=None)


def checked(environment: Any) -> dict[str, str]:
    """Return a person's environment variables; numbers and truths become texts, as in a shell.

    Raises:
        InvalidRequest: a name is none, a value is no text, or it is a page of them. No value is repeated.
    """
    if not isinstance(environment, dict):
        raise InvalidRequest("Not started: environment must be a mapping of names to texts.")
    for name, value in environment.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidRequest(f"Not started: {str(name)[:64]!r} is no name of an environment variable.")
        if not isinstance(value, str | int | float):
            raise InvalidRequest(f"Not started: the environment variable {name} must be a text.")
    found = {name: str(value) for name, value in environment.items()}
    if sum(len(name) + len(value.encode()) for name, value in found.items()) > _MOST_BYTES:
        raise InvalidRequest(f"Not started: the environment must have at most {_MOST_BYTES} bytes.")
    return found


def with_environment(options: Options) -> Options:
    """Return the options with one more field, whose values go on top of the administrator's."""

    def overrides(chosen: Mapping[str, Any], user: Any) -> dict[str, Any]:
        return {**options.handler(chosen, user), FIELD: dict(chosen[FIELD])}

    return Options(*options.fields, MappingField(FIELD, label="Environment variables"), handler=overrides)


def secret_name(cluster: str) -> str:
    """Return the name of the Secret with a cluster's environment."""
    return f"dask-{cluster}-env"


class SecretEnvironment(LoggingConfigurable):
    """Put directly in front of ``KubeBackend``: behind everything that adds to a cluster's configuration."""

    offer_environment = Bool(
        default_value=False,
        help="""
        Whether people may give their clusters environment variables (``cluster_options.environment``), such as a key
        of a data store. The values are kept in a Secret of the cluster, and nowhere else.
        """,
    ).tag(config=True)

    async def process_cluster_options(self, user: User, request: Any) -> tuple[dict[str, Any], Any]:
        """Take the values of a person's variables out of what is kept as their choices."""
        given = checked(request.get(FIELD, {})) if self.offer_environment else None
        if given is not None:
            request = {**request, FIELD: given} if given else request
        options, config = await super().process_cluster_options(user, request)
        if given is not None:
            stock = self.cluster_config_class(parent=self)
            config.environment = {**stock.environment, **given}
            options = {**options, FIELD: dict.fromkeys(given, HIDDEN)}
        return options, config

    def make_cluster_object(self, username: str, options: Any, config: Any) -> dict[str, Any]:
        """Make the cluster's object without its environment, which is kept for :meth:`start_cluster`."""
        made: dict[str, Any] = super().make_cluster_object(username, options, config)
        environment = {name: str(value) for name, value in made["spec"]["config"][FIELD].items()}
        if environment:
            _to_keep.set(environment)
            made["spec"]["config"] = with_secret(made["spec"]["config"], secret_name(made["metadata"]["name"]))
        return made

    async def start_cluster(self, user: User, cluster_options: Any) -> str:
        """Start a cluster, then make its Secret: it needs an owner, and the kubelet waits for it.

        Raises:
            ApiException: the Secret was not made; the cluster is stopped again.
        """
        token = _to_keep.set(None)
        try:
            name: str = await super().start_cluster(user, cluster_options)
            environment = _to_keep.get()
            if environment:
                await self._keep(name, environment)
        finally:
            _to_keep.reset(token)
        return name

    async def _keep(self, cluster: str, environment: dict[str, str]) -> None:
        backend: Any = self
        namespace, name = cluster.split(".")
        try:
            owner = await backend.read(cluster)
            secret = {
                "metadata": {
                    "name": secret_name(name),
                    "labels": backend.get_labels(name, "environment"),
                    "ownerReferences": [
                        {
                            "apiVersion": owner["apiVersion"],
                            "kind": owner["kind"],
                            "name": name,
                            "uid": owner["metadata"]["uid"],
                        }
                    ],
                },
                "stringData": environment,
            }
            await backend.core_client.create_namespaced_secret(namespace, secret)
        except BaseException:  # also when the caller has hung up: without it, no pod of the cluster would start
            await backend.stop_cluster(cluster)
            raise
