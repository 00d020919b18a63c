"""A policy as Kubernetes objects: a ResourceQuota and a LimitRange some percent above what the policy can give out.

They are a backstop. Gatehouse refuses first, with a reason and a sentence; Kubernetes refuses what went past Gatehouse,
such as a pod that somebody made with ``kubectl``. So the figures are the most that all admissions together can hold
(``bounding``), a part more, and what the product's own pods in the same namespace take.

GPUs are not in the LimitRange: Kubernetes would make a container's maximum of an extended resource its default, and
then every pod would ask for GPUs.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import yaml

from hub_ext.contract.shape import Shape
from hub_ext.policy.bounding import largest, most, unbounded
from hub_ext.policy.document import Policy
from hub_ext.policy.kubernetes import GpuNodes

NAME = "gatehouse"
_MIB = 2**20
_WITHOUT_REQUEST = {"cpu": Fraction(1, 10), "memory": Fraction(128 * _MIB)}
_LABELS = {"app.kubernetes.io/name": "gatehouse", "app.kubernetes.io/component": "backstop"}


@dataclass(frozen=True)
class Own:
    """What else runs in the namespace: hub, proxy, gateway, the service. It is added as it is."""

    cores: Decimal = Decimal(0)
    memory: int = 0
    """Bytes."""
    pods: int = 0


@dataclass(frozen=True)
class Backstop:
    """The objects, and what could not be bounded."""

    objects: tuple[dict[str, Any], ...]
    notices: tuple[str, ...]
    """A sentence for each field that is left out."""

    def text(self, introduction: str) -> str:
        """Return the objects as YAML; the introduction and the notices stand above them as comments."""
        comments = "".join(f"# {line}\n" for line in (*introduction.splitlines(), *self.notices))
        return comments + yaml.safe_dump_all(self.objects, sort_keys=False, explicit_start=True)


def backstop(
    policy: Policy,
    namespace: str,
    *,
    percent: Decimal = Decimal(10),
    own: Own = Own(),
) -> Backstop:
    """Return ResourceQuota and LimitRange of a namespace.

    Args:
        policy: the policy in force.
        namespace: where its servers and clusters run.
        percent: how much above the policy.
        own: what else runs there.
    """
    factor = 1 + Fraction(percent) / 100
    hard = _hard(policy, factor, own)
    quota = _object("ResourceQuota", namespace, {"hard": hard})
    limits = _object("LimitRange", namespace, {"limits": [_container(largest(policy), factor, own)]})
    return Backstop((quota, limits), tuple(_notices(policy)))


def _hard(policy: Policy, factor: Fraction, own: Own) -> dict[str, str]:
    bounds = most(policy)
    hard = {
        "requests.cpu": None if bounds.cores is None else cpu(bounds.cores * factor + Fraction(own.cores)),
        "requests.memory": None if bounds.memory is None else memory(bounds.memory * factor + own.memory),
        "pods": None if bounds.processes is None else whole(bounds.processes * factor + own.pods),
    }
    gpus: dict[str, Fraction | None] = {}
    for model, count in bounds.gpus.items():
        name = _gpu_field(policy, model)
        before = gpus.get(name, Fraction(0))
        gpus[name] = None if before is None or count is None else before + count
    told = {name: None if count is None else whole(count * factor) for name, count in gpus.items()}
    return {name: text for name, text in (hard | told).items() if text is not None}


def _container(biggest: Shape, factor: Fraction, own: Own) -> dict[str, Any]:
    """Return the limits of one container: the largest of any profile or of the product's own, and default requests.

    A default limit is not said, so that Kubernetes takes the maximum: a smaller one would be below the request of a
    container that names a request and no limit, and such a container would be refused.
    """
    cores = max(Fraction(biggest.cores) * factor, Fraction(own.cores))
    size = max(biggest.memory * factor, Fraction(own.memory))
    request = {
        "cpu": cpu(min(_WITHOUT_REQUEST["cpu"], cores)),
        "memory": memory(min(_WITHOUT_REQUEST["memory"], size)),
    }
    return {
        "type": "Container",
        "max": {"cpu": cpu(cores), "memory": memory(size)},
        "defaultRequest": request,
    }


def _notices(policy: Policy) -> list[str]:
    fields = {"cores": "requests.cpu", "memory": "requests.memory", "pods": "pods"}
    found: list[str] = []
    for resource, groups in unbounded(policy).items():
        model = resource.removeprefix("gpus.")
        left_out = fields.get(resource) or _gpu_field(policy, model)
        names = ", ".join(f"groups.{group}" for group in groups)
        what = "the number of processes" if resource == "pods" else resource
        found.append(
            f"{left_out} is left out: nothing bounds {what} of {names}. "
            f"Give {'it' if len(groups) == 1 else 'each'} a quota of {_remedy(resource)}."
        )
    return found


def _gpu_field(policy: Policy, model: str) -> str:
    return f"requests.{policy.kubernetes.gpus.get(model, GpuNodes()).resource}"


def _remedy(resource: str) -> str:
    return "cores" if resource == "pods" else resource


def _object(kind: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": NAME, "namespace": namespace, "labels": dict(_LABELS)}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}


def cpu(cores: Fraction) -> str:
    """Write cores as Kubernetes does, rounded up to a thousandth: ``1100m``, ``64``."""
    milli = ceil(cores * 1000)
    return f"{milli}m" if milli % 1000 else str(milli // 1000)


def memory(size: Fraction) -> str:
    """Write bytes as Kubernetes does, rounded up to a MiB: ``2253Mi``."""
    return f"{ceil(size / _MIB)}Mi"


def whole(count: Fraction) -> str:
    """Write a count, rounded up."""
    return str(ceil(count))
