"""Mistakes between the parts of a policy: a name that nothing bears, a group that no login could bring."""

from collections.abc import Iterator

from hub_ext.contract.identity import normalise_group
from hub_ext.policy.draft import AnyProfile, Draft
from hub_ext.policy.lines import Path, Source
from hub_ext.policy.mistakes import nearest, suggestion
from hub_ext.policy.profiles import ClusterProfile


def check_references(source: Source, draft: Draft) -> None:
    """Add every mistake of reference to the source's mistakes."""
    for name in draft.names("groups"):
        _names(source, draft, name, "profiles", "a profile")
        _names(source, draft, name, "data", "a data source")
        _cohort(source, draft, name)
        for path, text in draft.texts("groups", name, "match") + draft.texts("groups", name, "leads"):
            _pattern(source, path, text)
    for place in range(len(draft.raw.get("administrators") or ())):
        if isinstance(draft.raw["administrators"], list):
            for path, text in draft.texts("administrators", place, "match"):
                _pattern(source, path, text)
    if draft.all_profiles_read():
        _gpu_quotas(source, draft)
    _gpu_prices(source, draft)


def _names(source: Source, draft: Draft, group: str, key: str, what: str) -> None:
    known = draft.names(key)
    seen: set[str] = set()
    for path, name in draft.texts("groups", group, key):
        if name in seen:
            source.mistake(path, f"'{name}' is listed twice; keep one")
        elif name not in known:
            source.mistake(path, f"'{name}' is not the name of {what} in this file; {suggestion(name, known)}")
        seen.add(name)


def _cohort(source: Source, draft: Draft, group: str) -> None:
    rules, known = draft.groups.get(group), draft.names("cohorts")
    if rules and rules.cohort and rules.cohort not in known:
        text = f"'{rules.cohort}' is not the name of a cohort in this file; {suggestion(rules.cohort, known)}"
        source.mistake(("groups", group, "cohort"), text)


def _pattern(source: Source, path: Path, text: str) -> None:
    base = text.strip().removesuffix("/*")
    if "*" in base:
        remedy = "write /* for every group" if base == "*" else "write /research/* for everything below /research"
        source.mistake(path, f"'{text}' has a * elsewhere than in /* at the end; {remedy}")
        return
    if base == "" and text.strip().endswith("/*"):
        return
    try:
        normalise_group(base)
    except ValueError:
        source.mistake(path, f"'{text}' names no group; write it as the login sends it, such as /research")


def gpu_models(profile: AnyProfile) -> Iterator[tuple[str, bool]]:
    """Yield each GPU model of a profile, and whether it is priced by the unit prices."""
    if not isinstance(profile, ClusterProfile):
        yield from ((model, profile.price is None) for model, count in profile.gpus.items() if count)
        return
    yield from ((model, True) for model, count in profile.scheduler.gpus.items() if count)
    yield from ((model, profile.price is None) for model, count in profile.worker.gpus.items() if count)


def _gpu_prices(source: Source, draft: Draft) -> None:
    if any(mistake.path[:1] == ("prices",) for mistake in source.mistakes):
        return
    for place, price in draft.prices.items():
        for name, profile in draft.profiles.items():
            for model, by_unit in gpu_models(profile):
                if by_unit and model not in price.gpu_hour:
                    near = nearest(model, tuple(price.gpu_hour))
                    tail = f" (it has one for '{near}')" if near else ""
                    text = f"has no price for GPU '{model}', which profile {name} uses{tail}; add {model}: 0.70, or 0"
                    source.mistake(("prices", place, "gpu_hour"), text)


def _gpu_quotas(source: Source, draft: Draft) -> None:
    used = tuple(dict.fromkeys(m for profile in draft.profiles.values() for m, _ in gpu_models(profile)))
    for name, rules in draft.groups.items():
        for key, quota in (("quota", rules.quota), ("per_user", rules.per_user)):
            for model in quota.gpus:
                if model not in used:
                    text = f"no profile uses a GPU '{model}', so this bounds nothing; {suggestion(model, used)}"
                    source.mistake(("groups", name, key, "gpus", model), text)
