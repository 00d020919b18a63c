"""Gatehouse: JupyterHub and Dask Gateway, safe to hand to a whole organisation.

The rooms follow the data's own path, and so does a reader:

``identity`` who are you -> ``policy`` what may you do -> ``spawn`` | ``cluster`` start it -> ``usage`` what did you
use -> ``cost`` what did it cost -> ``service`` show me. ``contract`` holds what crosses a door between two processes.

This file imports nothing, so that each process loads only its own rooms.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("jupyterhub-gatehouse")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
