"""The labels and annotations by which every pod says whose it is: one place for all who write or read them.

A label has the text itself where that is a valid label value, else the form that KubeSpawner gives it (its
``safe_slug``), so that our labels join with the hub's own and with dashboards. An annotation has the raw text.
"""

import hashlib
import re
from enum import StrEnum

LEASE = "gatehouse/lease"
"""Label: id of the lease that pays."""
UNIT = "gatehouse/unit"
"""Label: what the pod is, a :class:`PodUnit`."""
GROUP = "gatehouse/group"
"""Label and annotation: the policy group that is charged."""
PROFILE = "gatehouse/profile"
"""Label and annotation: the profile."""
USER = "gatehouse/user"
"""Label and annotation: the person."""
HUB_USER = "hub.jupyter.org/username"
"""Label and annotation: the person, as the hub's own pods have it and dashboards join on it."""
FINALIZER = "gatehouse/ledger"
"""Finalizer of scheduler and worker pods: the container's end is not in the ledger yet."""
OURS = ("gatehouse/", "hub.jupyter.org/", "gateway.dask.org/", "app.kubernetes.io/")
"""Prefixes that a policy cannot write labels and annotations with: what bears them is how pods are found and paid."""
OURS_BARE = ("app", "component", "chart", "release", "heritage")
"""Bare labels by which the charts and network policies find pods; a policy cannot write these either."""

_LONGEST = 63
_SAFE = 32
_DIGITS = 8
_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


class PodUnit(StrEnum):
    """What a pod is."""

    server = "server"
    scheduler = "scheduler"
    worker = "worker"


def label_value(text: str) -> str:
    """Return the text, or where it is no valid label value, what KubeSpawner makes of it: never two texts the same.

    The rule is kubespawner 7's ``safe_slug(text, is_valid=is_valid_label)``; a test compares the two.
    """
    if text == "":
        return ""
    if "--" not in text and len(text) <= _LONGEST and _VALUE.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    return f"{_readable(text, _SAFE - _DIGITS - 3)}---{digest}"


def _readable(text: str, longest: int) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).lstrip("-")[:longest].rstrip("-")
    if name and not ("a" <= name[0] <= "z"):
        name = "x-" + name[: longest - 2]
    return name or "x"


def labels_of(*, lease: str, unit: PodUnit, user: str, group: str, profile: str) -> dict[str, str]:
    """Return the labels of a pod, or of the custom resource of its cluster."""
    return {
        LEASE: label_value(lease),
        UNIT: unit.value,
        USER: label_value(user),
        GROUP: label_value(group),
        PROFILE: label_value(profile),
        HUB_USER: label_value(user),
    }


def annotations_of(*, user: str, group: str, profile: str) -> dict[str, str]:
    """Return the annotations of the same: the raw texts."""
    return {USER: user, GROUP: group, PROFILE: profile, HUB_USER: user}
