"""An authorizer that lets nobody do anything: what a strict shared server may be configured with."""

from typing import Any

from jupyter_server.auth.authorizer import Authorizer


class DenyAll(Authorizer):
    """Nobody, nothing."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:  # noqa: ARG002 - its interface
        """Say no."""
        return False
