"""For Prometheus: ``GET metrics``, with a token that holds the scope to read."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from hub_ext.contract.paths import SCOPE_READ
from hub_ext.service.handlers.base import ServiceHandler


class MetricsHandler(ServiceHandler):
    """The figures of groups are nobody's who may not read them."""

    async def get(self) -> None:
        """Answer in Prometheus' text format."""
        self.need(SCOPE_READ)
        metrics = self.metrics
        metrics.show(await self.run(self.views.overview, forecasts=False))
        metrics.streams.set(len(self.changes))
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest(metrics.registry))
