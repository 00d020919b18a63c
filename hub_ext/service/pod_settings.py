"""The service's settings for Kubernetes."""

from traitlets import Float, List, Unicode
from traitlets.config import Configurable


class PodSettings(Configurable):
    """What the service watches on Kubernetes."""

    kubernetes_namespaces = List(
        Unicode(),
        help="""
        Namespaces in which servers and clusters run as pods, such as ``["jhub"]``. Default: none; pods are not metered.

        The service lists and watches the pods there that carry a lease's label, takes their container statuses into
        the ledger, deletes waiting workers that no grant covers, and ends what has no lease. It uses its own service
        account, or ``KUBECONFIG`` where that is set, and says on the overview what it may not do.
        """,
    ).tag(config=True)
    pod_patience_seconds = Float(
        60.0,
        min=0.0,
        help="""
        How long after its grace period a pod's machine may still tell when the pod ended.

        After that the machine is taken for lost, and the pod for ended with its grace period (``reconciled``). Longer
        keeps pods of lost machines visible for longer.
        """,
    ).tag(config=True)
    pod_idle_cpu = Float(
        0.1,
        min=0.0,
        help="""
        Share of one core below which a worker that is a pod counts as idle, in figures and hints.

        Keep it equal to the gateway's ``GatehouseKubeBackend.idle_cpu``, which ends idle clusters.
        """,
    ).tag(config=True)
    pod_use_seconds = Float(
        15.0,
        min=0.1,
        help="""
        How often Kubernetes' metrics API is asked what workers use.

        metrics-server measures every 15 seconds; asked less often, one answer stands for the time since the last.
        """,
    ).tag(config=True)
