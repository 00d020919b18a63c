"""What a notebook server adds for Gatehouse: the panel's door to the usage service and to the Dask Gateway.

Runs in the person's own Jupyter server with the person's own token; it holds no right that the person does not have.
"""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Say where the extension is. Called by jupyter-server, which imports it only when it is enabled."""
    from server_ext.app import GatehouseExtension  # noqa: PLC0415 - importing the package must not load a server

    return [{"module": "server_ext", "app": GatehouseExtension}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Say where the built panel is. Called by ``jupyter labextension develop``."""
    return [{"src": "labextension", "dest": "jupyterlab-gatehouse"}]
