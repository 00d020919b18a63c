"""What can be understood of a policy with mistakes of form, so that its references and figures are checked too.

Each profile, group and price entry is read on its own. What cannot be understood is left out, and what hangs on it is
then not checked: a mistake is told once, never as the echo of another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from hub_ext.policy.document import Group, Price
from hub_ext.policy.kubernetes import Kubernetes
from hub_ext.policy.lines import Path
from hub_ext.policy.profiles import ClusterProfile, Profile, ServerProfile

AnyProfile = ServerProfile | ClusterProfile
Value = TypeVar("Value")
_ROUNDS = 5
_PRICE: TypeAdapter[Price] = TypeAdapter(Price)
_PROFILE: TypeAdapter[AnyProfile] = TypeAdapter(Profile)
_GROUP: TypeAdapter[Group] = TypeAdapter(Group)
_KUBERNETES: TypeAdapter[Kubernetes] = TypeAdapter(Kubernetes)


@dataclass(frozen=True)
class Draft:
    """The parts that could be understood, and everything as it was written."""

    raw: Mapping[str, Any]
    prices: Mapping[int, Price]
    profiles: Mapping[str, AnyProfile]
    groups: Mapping[str, Group]
    kubernetes: Kubernetes

    def names(self, section: str) -> tuple[str, ...]:
        """Return every name in a section, also of entries that have mistakes."""
        return tuple(str(name) for name in _dict(self.raw.get(section)))

    def texts(self, *path: str | int) -> list[tuple[Path, str]]:
        """Return the texts of the list at the path, each with its own path."""
        value: Any = self.raw
        for part in path:
            value = value[part] if isinstance(part, int) else _dict(value).get(part)
        listed = value if isinstance(value, list) else []
        return [((*path, place), item) for place, item in enumerate(listed) if isinstance(item, str)]

    def all_profiles_read(self) -> bool:
        """Whether no profile had to be left out."""
        return set(self.profiles) == set(self.names("profiles"))


def draft(raw: Any) -> Draft:
    """Understand as much as possible."""
    whole = _dict(raw)
    listed = whole.get("prices")
    prices = dict(enumerate(listed)) if isinstance(listed, list) else {}
    return Draft(
        raw=whole,
        prices=_Salvage(_PRICE).all_of(prices),
        profiles=_Salvage(_PROFILE, skipped=1).all_of(_dict(whole.get("profiles"))),
        groups=_Salvage(_GROUP).all_of(_dict(whole.get("groups"))),
        kubernetes=_Salvage(_KUBERNETES).one(_dict(whole.get("kubernetes"))) or Kubernetes(),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class _Salvage(Generic[Value]):
    """Reads a value, cutting off what has mistakes until the rest can be read.

    Args:
        adapter: what the value should be.
        skipped: how many parts of pydantic's location stand for no key of the file (the profile's kind).
    """

    def __init__(self, adapter: TypeAdapter[Value], *, skipped: int = 0) -> None:
        self.adapter = adapter
        self.skipped = skipped

    def all_of(self, entries: Mapping[Any, Any]) -> dict[Any, Value]:
        read = {name: self.one(entry) for name, entry in entries.items()}
        return {name: value for name, value in read.items() if value is not None}

    def one(self, raw: Any) -> Value | None:
        for _ in range(_ROUNDS):
            try:
                return self.adapter.validate_python(raw, by_alias=True, by_name=False)
            except ValidationError as error:
                wrong = [
                    e["loc"][self.skipped : -1] if e["type"] == "missing" else e["loc"][self.skipped :]
                    for e in error.errors(include_url=False)
                ]
            if () in wrong:
                return None
            raw = _without(
                raw, {path for path in wrong if path[-1] != "[key]"} | {p[:-1] for p in wrong if p[-1] == "[key]"}
            )
        return None


def _without(value: Any, wrong: set[Path], here: Path = ()) -> Any:
    """Return a copy without the values at the given paths."""
    if isinstance(value, dict):
        return {k: _without(v, wrong, (*here, k)) for k, v in value.items() if (*here, k) not in wrong}
    if isinstance(value, list):
        return [_without(v, wrong, (*here, i)) for i, v in enumerate(value) if (*here, i) not in wrong]
    return value
