"""Start it: the start page, the one way in which every start is admitted, and the exact end of every server.

``options`` and ``profiles`` are pure: what was asked for, and what the page shows. ``pages`` and ``refusals`` turn them
into what a person reads. ``mixin`` is the spine for any spawner; ``local`` is the spawner of one machine.
"""

from hub_ext.spawn.local import GatehouseLocalSpawner
from hub_ext.spawn.mixin import GatehouseSpawnerMixin

__all__ = ["GatehouseLocalSpawner", "GatehouseSpawnerMixin"]
