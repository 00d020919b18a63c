"""Act on one cluster, through the gateway, as the person."""

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from pydantic import ValidationError
from tornado import web

from hub_ext.contract.environment import EnvironmentRequest
from hub_ext.contract.errors import InvalidRequest
from server_ext.handlers.base import GatehouseHandler


class EnvironmentHandler(GatehouseHandler):
    """The kernel's packages against the cluster's."""

    @web.authenticated
    @authorized
    async def post(self, cluster: str) -> None:
        """Answer an :class:`hub_ext.contract.environment.EnvironmentRequest` with an ``EnvironmentComparison``."""
        try:
            request = EnvironmentRequest.model_validate_json(self.request.body or b"{}")
        except ValidationError as error:
            raise InvalidRequest("Name a kernel, and the notebook with the text of its cells.") from error
        directory = await self._directory(request.notebook)
        checks = self.settings["gatehouse_checks"]
        self.answer(await checks.compare(self.kernel_spec_manager, request, cluster, directory))

    async def _directory(self, notebook: str) -> str:
        """Return where this server starts the kernel of a notebook; as in ``SessionManager.start_kernel_for_session``.

        Raises:
            InvalidRequest: if that is outside of this server's files.
        """
        if not notebook:
            return ""
        if ".." in notebook.split("/"):
            raise InvalidRequest("The notebook's path leads out of this server's files; open it from its folder.")
        path = await ensure_async(self.contents_manager.get_kernel_path(path=notebook))
        return str(self.kernel_manager.cwd_for_path(path))


class StopHandler(GatehouseHandler):
    """Stop a cluster of the person's own."""

    @web.authenticated
    @authorized
    async def post(self, cluster: str) -> None:
        """Ask the gateway to stop it; 204 when it has begun to."""
        await self.settings["gatehouse_clusters"].stop(cluster)
        self.set_status(204)
        self.finish()
