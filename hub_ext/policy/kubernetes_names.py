"""What Kubernetes takes as a name, a label, a quantity or an image.

Checked here, so that a mistake is told with its line in the policy and not by a pod that does not start. Rules:
Kubernetes' documentation, "Object Names and IDs" and "Labels and Selectors".
"""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator

from hub_ext.contract.labels import OURS, OURS_BARE

_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_BARE = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"


def _matching(pattern: str, longest: int, what: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if len(text) > longest or not compiled.fullmatch(text):
            raise ValueError(f"'{text[:80]}' is no {what}")
        return str(text)

    return check


def _not_ours(key: str) -> str:
    if key.startswith(OURS) or key in OURS_BARE:
        raise ValueError(f"'{key}' is one of the labels by which pods are found and paid for; choose another key")
    return key


_key = _matching(
    rf"({_SUBDOMAIN}/)?{_BARE}",
    317,
    "label key for Kubernetes; write such as pool or example.org/pool (letters, digits, - _ .)",
)
LabelKey = Annotated[str, AfterValidator(_key)]
OwnLabelKey = Annotated[LabelKey, AfterValidator(_not_ours)]
"""A key that a policy may write on a pod."""
AnnotationKey = OwnLabelKey
LabelText = Annotated[
    str, AfterValidator(_matching(rf"({_BARE})?", 63, "label value for Kubernetes: at most 63 letters, digits, - _ ."))
]
ObjectName = Annotated[
    str,
    AfterValidator(
        _matching(
            _SUBDOMAIN, 253, "name that Kubernetes takes; write lower-case letters, digits, inner hyphens and dots"
        )
    ),
]
VolumeName = Annotated[
    str,
    AfterValidator(
        _matching(
            r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", 63, "volume name; write lower-case letters, digits and inner hyphens"
        )
    ),
]
MountPath = Annotated[
    str, AfterValidator(_matching(r"/[^:\s]*", 4096, "whole path; write such as /shared, without spaces or a colon"))
]
Quantity = Annotated[
    str,
    AfterValidator(
        _matching(r"[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?", 32, "size for Kubernetes; write such as 10Gi")
    ),
]
ResourceName = Annotated[
    str,
    AfterValidator(
        _matching(
            rf"{_SUBDOMAIN}/{_BARE}", 317, "extended resource; write it as the device plugin names it, nvidia.com/gpu"
        )
    ),
]
Image = Annotated[
    str,
    AfterValidator(
        _matching(r"[A-Za-z0-9][\w.:/@+-]*", 512, "container image; write such as images.example.org/lab:1.4")
    ),
]
"""A container image; its registry says whether it is there."""
