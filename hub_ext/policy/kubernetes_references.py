"""Mistakes between ``kubernetes:`` blocks: a mount without its volume, an unknown GPU, a choice for no group."""

from collections.abc import Collection, Iterator

from hub_ext.policy.draft import AnyProfile, Draft
from hub_ext.policy.kubernetes import Pods, Volume, VolumeMount
from hub_ext.policy.kubernetes_options import Choice, ProfileOption, UnlistedChoice
from hub_ext.policy.lines import Path, Source
from hub_ext.policy.mistakes import suggestion
from hub_ext.policy.profiles import ClusterProfile, ServerProfile


def check_kubernetes(source: Source, draft: Draft) -> None:
    """Add every mistake of reference in and between these blocks to the source's mistakes."""
    top = _names(draft.kubernetes.volumes)
    _mounts(source, ("kubernetes",), draft.kubernetes, ())
    for name, rules in draft.groups.items():
        _mounts(source, ("groups", name, "kubernetes"), rules.kubernetes, top)
    for name, profile in draft.profiles.items():
        path: Path = ("profiles", name, "kubernetes")
        _mounts(source, path, profile.kubernetes, top)
        around = (*top, *_names(profile.kubernetes.volumes))
        if isinstance(profile, ClusterProfile):
            _mounts(source, (*path, "scheduler"), profile.kubernetes.scheduler, around)
            _mounts(source, (*path, "worker"), profile.kubernetes.worker, around)
        else:
            _options(source, draft, path, profile, around)
    _gpus(source, draft)


def _names(volumes: tuple[Volume, ...]) -> tuple[str, ...]:
    return tuple(volume.name for volume in volumes)


def _mounts(source: Source, path: Path, pods: Pods, around: Collection[str]) -> None:
    _twice(source, path, "volumes", _names(pods.volumes))
    _mounted(source, path, "volumeMounts", pods.volume_mounts, (*around, *_names(pods.volumes)))


def _mounted(source: Source, path: Path, key: str, mounts: tuple[VolumeMount, ...], known: tuple[str, ...]) -> None:
    for place, mount in enumerate(mounts):
        if mount.name not in known:
            text = f"'{mount.name}' is no volume of this block, nor of one around it; {suggestion(mount.name, known)}"
            source.mistake((*path, key, place, "name"), text)
    _twice(source, path, key, tuple(mount.mount_path for mount in mounts))


def _twice(source: Source, path: Path, key: str, names: tuple[str, ...]) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            source.mistake((*path, key, place), f"'{name}' stands twice; keep one")


def _options(source: Source, draft: Draft, path: Path, profile: ServerProfile, around: tuple[str, ...]) -> None:
    known = draft.names("groups")
    for name, option in profile.kubernetes.profile_options.items():
        for where, part in _parts((*path, "profileOptions", name), option):
            for place, group in enumerate(part.groups or ()):
                if group not in known:
                    text = f"'{group}' is not the name of a group in this file; {suggestion(group, known)}"
                    source.mistake((*where, "groups", place), text)
            if isinstance(part, Choice):
                override, inner = part.kubespawner_override, (*where, "kubespawner_override")
                volumes = (*around, *_names(override.volumes))
                _twice(source, inner, "volumes", _names(override.volumes))
                _mounted(source, inner, "volume_mounts", override.volume_mounts, volumes)


def _parts(path: Path, option: ProfileOption) -> Iterator[tuple[Path, ProfileOption | Choice | UnlistedChoice]]:
    yield path, option
    for key, choice in option.choices.items():
        yield (*path, "choices", key), choice
    if option.unlisted_choice is not None:
        yield (*path, "unlisted_choice"), option.unlisted_choice


def _gpus(source: Source, draft: Draft) -> None:
    """A document that speaks of Kubernetes says what each GPU is there: else a pod would get any that is free."""
    if "kubernetes" not in draft.raw or any(mistake.path[:2] == ("kubernetes", "gpus") for mistake in source.mistakes):
        return
    known = draft.kubernetes.gpus
    for name, profile in draft.profiles.items():
        for model in dict.fromkeys(_models(profile)):
            if model not in known:
                text = f"does not say what GPU '{model}' is, which profile {name} uses; {_how(model, tuple(known))}"
                source.mistake(("kubernetes", "gpus"), text)


def _models(profile: AnyProfile) -> Iterator[str]:
    shapes = (profile.scheduler.gpus, profile.worker.gpus) if isinstance(profile, ClusterProfile) else (profile.gpus,)
    yield from (model for gpus in shapes for model, count in gpus.items() if count)


def _how(model: str, known: tuple[str, ...]) -> str:
    tail = f" (it says it for {', '.join(known)})" if known else ""
    return f"add {model}: {{resource: nvidia.com/gpu, nodeSelector: {{...}}}}{tail}"
