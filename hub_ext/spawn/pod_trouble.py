"""Why a server's pod does not start: from its status and events to a sentence for the person. Pure.

What a kubelet says is meant for administrators; here it becomes fact, cause and next step, with the kubelet's own words
in the middle, because they name the image, the Secret or the quota that somebody has to mend.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub_ext.spawn.pod_life import Pod, notebook_status

_LONGEST = 300
_ASK = "Tell whoever runs the platform."
_PULLING = {"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError"}
_MOUNTED = {"Pulling", "Pulled", "Created", "Started"}
"""Events that come after every volume has been mounted."""
_NO_IMAGE = {"InvalidImageName", "ErrImageNeverPull"}
_NO_COMMAND = {126, 127, 128}
"""Exit codes of a container whose command is not there, by the shell's convention and the container runtime's."""


@dataclass(frozen=True)
class Trouble:
    """Why it does not start."""

    text: str
    """Fact, cause, next step."""
    heals: bool
    """Whether it may pass by itself within a moment."""


def trouble_of(pod: Pod | None, events: Sequence[Mapping[str, Any]]) -> Trouble | None:
    """Return why the pod does not start; None where nothing speaks against it.

    Args:
        pod: as it was seen last; None: it is not there.
        events: those of the pod, oldest first.
    """
    if pod is None:
        return None
    for status in _statuses(pod):
        found = _waiting(pod, status) or _ended(pod, status)
        if found is not None:
            return found
    status = pod.get("status") or {}
    if status.get("phase") == "Failed":
        return Trouble(
            f"its pod failed ({_said(status, 'reason', 'message')}). Try once more, or ask. {_ASK}", heals=False
        )
    return _no_claim(status) or _unmounted(events)


def slow(pod: Pod | None, events: Sequence[Mapping[str, Any]]) -> str:
    """Return why it took too long to start: fact, cause, next step."""
    found = trouble_of(pod, events)
    if found is not None:
        return found.text
    unplaced = _unplaced((pod or {}).get("status") or {})
    if unplaced is not None:
        return f"no node of the cluster had room for it in time ({unplaced}). Try again in a few minutes. {_ASK}"
    warnings = [event for event in events if event.get("type") == "Warning"]
    told = f" ({_short(warnings[-1].get('message') or '')})" if warnings else ""
    return f"it was not ready in time{told}. Try once more. If that happens again: {_ASK[0].lower()}{_ASK[1:]}"


def refused_by_kubernetes(status: int | None, body: str | None) -> str:
    """Return why the API server did not take the pod: fact, cause, next step.

    Args:
        status: of the answer.
        body: of the answer, a ``Status`` object as JSON.
    """
    told = _message(body) or f"it answered {status}"
    if "exceeded quota" in told:
        return f"the namespace's own quota is used up, beyond what the policy counts ({told}). {_ASK}"
    if "no PriorityClass" in told or "serviceaccount" in told.lower():
        return f"Kubernetes has not what the policy names for it ({told}). {_ASK}"
    return f"Kubernetes did not take its pod ({told}). {_ASK}"


def _statuses(pod: Pod) -> Iterator[Mapping[str, Any]]:
    """Yield the status of each init container, and of the server's own."""
    yield from (pod.get("status") or {}).get("initContainerStatuses") or ()
    found = notebook_status(pod)
    if found:
        yield found


def _waiting(pod: Pod, status: Mapping[str, Any]) -> Trouble | None:
    waiting = (status.get("state") or {}).get("waiting") or {}
    reason, image = waiting.get("reason"), _image(pod, status)
    if reason in _PULLING:
        text = f"the image {image} cannot be pulled ({_said(waiting, 'reason', 'message')})."
        return Trouble(f"{text} Choose another image, if there is one. {_ASK}", heals=True)
    if reason in _NO_IMAGE:
        return Trouble(
            f"{image} is no image that can be used ({_said(waiting, 'reason', 'message')}). {_ASK}", heals=False
        )
    if reason == "CreateContainerConfigError":
        told = _short(waiting.get("message") or reason)
        return Trouble(f"something that its container needs is missing ({told}). {_ASK}", heals=False)
    if reason in {"CreateContainerError", "RunContainerError"}:
        return Trouble(f"its container cannot be made ({_said(waiting, 'reason', 'message')}). {_ASK}", heals=False)
    return None


def _ended(pod: Pod, status: Mapping[str, Any]) -> Trouble | None:
    ended = (status.get("state") or {}).get("terminated")
    if not ended or (ended.get("exitCode") == 0 and status is not notebook_status(pod)):
        return None
    code, image = ended.get("exitCode"), _image(pod, status)
    if code in _NO_COMMAND or ended.get("reason") in {"StartError", "ContainerCannotRun"}:
        text = f"the image {image} does not hold what a server needs: its command could not be run (status {code})."
        return Trouble(
            f"{text} It must have jupyterhub-singleuser, such as an image with Gatehouse's packages. {_ASK}",
            heals=False,
        )
    text = f"it ended while it was starting, with status {code}{_why(ended)}."
    return Trouble(f"{text} Try once more, or with another image; its log holds its last words. {_ASK}", heals=False)


def _why(ended: Mapping[str, Any]) -> str:
    reason = ended.get("reason")
    return f" ({reason})" if reason and reason not in {"Error", "Completed"} else ""


def _unplaced(status: Mapping[str, Any]) -> str | None:
    """Return why the scheduler finds no node; None while it does not say so."""
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return _short(condition.get("message") or "no node fits")
    return None


def _no_claim(status: Mapping[str, Any]) -> Trouble | None:
    told = _unplaced(status) or ""
    if "persistentvolumeclaim" not in told or "not found" not in told:
        return None
    return Trouble(f"a volume that it mounts is not there ({told}). {_ASK}", heals=True)


def _unmounted(events: Sequence[Mapping[str, Any]]) -> Trouble | None:
    """A Secret or ConfigMap that a volume needs is missed by events alone; a disk that comes late is no trouble."""
    told = ""
    for event in events:
        if event.get("reason") == "FailedMount" and "not found" in (event.get("message") or ""):
            told = _short(event["message"])
        elif event.get("reason") in _MOUNTED:
            told = ""
    return Trouble(f"a volume cannot be mounted ({told}). {_ASK}", heals=True) if told else None


def _image(pod: Pod, status: Mapping[str, Any]) -> str:
    """Return the image as the pod names it; a status may have its digest."""
    spec = pod.get("spec") or {}
    named = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    found = next((one.get("image") for one in named if one["name"] == status["name"]), None)
    return str(found or status.get("image"))


def _said(said: Mapping[str, Any], *keys: str) -> str:
    return _short(": ".join(str(said[key]) for key in keys if said.get(key)))


def _message(body: str | None) -> str:
    try:
        told = json.loads(body or "")
    except ValueError:
        return ""
    return _short(str(told.get("message", ""))) if isinstance(told, dict) else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
