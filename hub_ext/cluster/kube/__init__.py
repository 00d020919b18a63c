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

**What the engine can see.** The operating system is its nodes'. Whether a cluster computes is read from Kubernetes'
metrics API where there is one (:mod:`activity`); else a profile's idle time is kept by the scheduler's own timer alone,
which user code can defeat. How a worker's seconds split into busy and idle is not reported. ``no_client`` works as
everywhere: the scheduler is asked, through its service.

What the API server needs to be allowed: in every namespace ``daskclusters`` list, watch; where clusters are
``daskclusters`` get, create, patch, ``secrets`` get, create, ``pods`` list, ``pods/log`` get, and ``pods`` of
``metrics.k8s.io`` list. The controller: in every namespace ``daskclusters``, ``pods`` and ``endpoints`` list, watch;
where clusters are ``daskclusters`` delete,
``daskclusters/status`` patch, ``pods`` get, list, create, delete, ``secrets`` create, delete, ``services``,
``ingressroutes`` and ``ingressroutetcps`` create. The tests on Kubernetes run with these and no more.
"""

from hub_ext.cluster.kube.backend import GatehouseKubeBackend
from hub_ext.cluster.kube.config import GatehouseKubeClusterConfig

__all__ = ["GatehouseKubeBackend", "GatehouseKubeClusterConfig"]
