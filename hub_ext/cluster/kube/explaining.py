"""Why a cluster of pods did not start, or ended by itself: what Kubernetes says, as one sentence. Pure.

Each says the fact, Kubernetes' own word for its cause, and what to do next.
"""

import json
from collections.abc import Mapping
from typing import Any

from hub_ext.cluster.failing import Failure, failure
from hub_ext.contract.reasons import Reason

_PULL = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
_CONFIG = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
_MOST = 200
"""Characters of Kubernetes' own words that are repeated."""
_PLATFORM = "Tell whoever runs the platform."


def waits_for(pod: Mapping[str, Any] | None) -> Failure | None:
    """Return why a scheduler's pod does not start by itself any more; None: it may only need time.

    Args:
        pod: its JSON; None: there is none.
    """
    if pod is None:
        return None
    for waiting in _waiting(pod):
        word, text = waiting.get("reason", ""), waiting.get("message", "")
        if word in _PULL:
            return _failed(f"the image of its scheduler cannot be pulled ({_quoted(word, text)})", _PLATFORM)
        if word in _CONFIG:
            return _failed(
                f"its scheduler's container cannot be made ({_quoted(word, text)})",
                f"A Secret that it needs may be missing. {_PLATFORM}",
            )
    return None


def too_slow(pod: Mapping[str, Any] | None, seconds: float) -> Failure:
    """Return why a scheduler did not start in time.

    Args:
        pod: its JSON; None: it is gone.
        seconds: the time it had.
    """
    known = waits_for(pod)
    if known is not None:
        return known
    for condition in (pod or {}).get("status", {}).get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            told = _quoted(condition.get("reason", ""), condition.get("message", ""))
            return _failed(f"no machine took its scheduler within {seconds:.0f} s ({told})", f"Try again. {_PLATFORM}")
    return _failed(
        f"its scheduler did not answer within {seconds:.0f} s", f"Try again; if that happens again: {_PLATFORM}"
    )


def ended(pod: Mapping[str, Any] | None, *, ran: bool) -> Failure:
    """Return why a cluster's scheduler has ended by itself.

    Args:
        pod: the last that was known of it; None: nothing.
        ran: whether it was ever ready.
    """
    known = failure(ran=ran) if ran else failure(ran=ran)._replace(reason=Reason.start_failed)
    word = _end_of(pod or {})
    return known._replace(message=f"{known.message} Kubernetes says: {word}.") if word else known


def refused(status: int, body: str | bytes | None) -> Failure:
    """Return why the API server did not take a scheduler's pod.

    Args:
        status: of its answer.
        body: the answer, a ``Status`` object as JSON.
    """
    try:
        text = str(json.loads(body or "").get("message", ""))
    except (ValueError, AttributeError):
        text = ""
    told = _quoted(f"HTTP {status}", text)
    if "exceeded quota" in text:
        return _failed(f"the ResourceQuota of its namespace is used up ({told})", f"Stop something. {_PLATFORM}")
    return _failed(f"Kubernetes does not take its scheduler ({told})", _PLATFORM)


def _failed(cause: str, then: str) -> Failure:
    return Failure(Reason.start_failed, f"It did not start: {cause}. {then}")


def _waiting(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    status = pod.get("status", {})
    states = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return [one["state"]["waiting"] for one in states if (one.get("state") or {}).get("waiting")]


def _end_of(pod: Mapping[str, Any]) -> str:
    """Return Kubernetes' own words for a pod's end; empty: it has none."""
    status = pod.get("status", {})
    for condition in status.get("conditions") or ():
        if condition.get("type") == "DisruptionTarget" and condition.get("status") == "True":
            return _quoted(condition.get("reason", ""), condition.get("message", ""))
    if status.get("reason"):
        return _quoted(status["reason"], status.get("message", ""))
    for one in status.get("containerStatuses") or ():
        state = (one.get("state") or {}).get("terminated")
        if state:
            return _quoted(state.get("reason", ""), f"exit code {state.get('exitCode')}")
    return "its pod was deleted" if pod.get("metadata", {}).get("deletionTimestamp") else ""


def _quoted(word: str, text: str) -> str:
    """Return what Kubernetes says on one line, and not a page of it."""
    told = " ".join(f"{word}: {text}".split()) if word and text else word or text
    return told if len(told) <= _MOST else f"{told[: _MOST - 3]}..."
