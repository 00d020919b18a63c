"""Dask clusters as pods: Dask Gateway's own engine for Kubernetes, with our grants, labels and ends.

Two stock programs carry our classes. The gateway's API server (:mod:`backend`, any number of replicas) asks for
admission, writes ``DaskCluster`` objects and obeys grants. The controller (:mod:`controller`, exactly one) turns them
into pods. They speak through the objects alone, which every replica sees and which outlive each of them, so nothing
that a second replica needs is in memory:

- ``spec.replicas``: the workers granted. While the service is away, this grant holds, whichever replica is asked.
- annotation ``gatehouse/steering``: what the cluster wants and what its scheduler was told.
- ``status.gatehouse``: what the controller counts (``workers`` that hold a place, those ``pending``), why a cluster
  failed (``reason``, ``message``), and, once it has ended, how many of its pods still live (``living``).

**Who gives a lease back.** The controller sees pods and has no way to the service; the gateway's API server has one and
sees no pods. So the controller writes ``living``, and the API server that reads 0 of an ended cluster releases its
lease, with the reason. The object is kept for a day, so a gateway that was away does it when it is back; two replicas
do it twice, which changes nothing. A cluster whose object was deleted by hand is left to the service's own guard.

**What the engine cannot see here.** How much CPU time a worker used is known to its node, not to the gateway: nothing
is reported as busy or idle, and a profile's idle time is kept by the scheduler's own timer, which user code can defeat;
the longest life of a profile cannot be. ``no_client`` works as everywhere: the scheduler is asked through its service.

What the API server may do: ``daskclusters`` get, list, watch, create, patch; ``secrets`` get, create; ``pods`` get,
list; ``pods/log`` get. The controller: ``daskclusters`` get, list, watch, patch, delete; ``daskclusters/status`` patch;
``pods`` get, list, watch, create, delete; ``secrets``, ``services``, ``ingressroutes`` and ``ingressroutetcps`` create,
delete; ``endpoints`` get, list, watch.
"""

from hub_ext.cluster.kube.backend import GatehouseKubeBackend
from hub_ext.cluster.kube.config import GatehouseKubeClusterConfig

__all__ = ["GatehouseKubeBackend", "GatehouseKubeClusterConfig"]
