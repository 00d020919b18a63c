"""A mistake of form in plain words: what the value is not, and what to write.

pydantic finds the mistakes; this file says them. Nothing of its vocabulary reaches the administrator.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hub_ext.policy.lines import Path, Source
from hub_ext.policy.schema import known_keys

_KINDS = ("server", "cluster")
_SHOWN = 60


def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """Return the known word that a typing mistake could have come from."""
    by_fold = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), tuple(by_fold), n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def suggestion(word: str, known: tuple[str, ...]) -> str:
    """Return ``did you mean 'x'?``, or what there is to choose from."""
    near = nearest(word, known)
    if near is not None:
        return f"did you mean '{near}'?"
    return f"there is {', '.join(known)}" if known else "there is none"


def note_mistakes_of_form(source: Source, error: ValidationError) -> None:
    """Add every complaint of pydantic to the source's mistakes, in plain words; what already has one keeps that one."""
    known = {mistake.path for mistake in source.mistakes}
    for details in error.errors(include_url=False):
        path = path_of(details["loc"])
        emptied = details["type"] == "too_short" and details["input"]  # an echo: none of the entries could be read
        if path not in known and not emptied:
            source.mistake(path, _words(details, path))


def path_of(loc: Path) -> Path:
    """Turn pydantic's location into the file's path: without the profile's kind, and without the mark of a key."""
    kept = [part for part in loc if part != "[key]"]
    if len(kept) > 2 and kept[0] == "profiles" and kept[2] in _KINDS:  # noqa: PLR2004 - profiles, name, kind
        del kept[2]
    return tuple(kept)


def _words(details: ErrorDetails, path: Path) -> str:
    if details["loc"] and details["loc"][-1] == "[key]" and details["type"] != "value_error":
        return _name(details, path)
    speak = _SPEECH.get(details["type"])
    return speak(details, path) if speak else f"{_shown(details['input'])} cannot stand here"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a block of keys"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    return f"'{text[:_SHOWN]}...'" if len(text) > _SHOWN else f"'{text}'"


def _missing(_details: ErrorDetails, path: Path) -> str:
    example = _EXAMPLES.get(str(path[-1]))
    return f"is missing; add it, such as {path[-1]}: {example}" if example else "is missing; add it"


_EXAMPLES = {
    "apiVersion": "gatehouse/v1",
    "from": "2026-01-01",
    "cores": "1",
    "memory": "2 GiB",
    "default": "20m",
    "monthly": "500",
    "max": "10",
    "match": "[/research]",
    "worker": "{cores: 1, memory: 2 GiB}",
    "workers": "{max: 10}",
    "worker_hour": "0.05",
    "hour": "0.05",
    "core_minutes": "5000",
    "may": "[read]",
    "action": "block",
    "quota": "50 GiB",
}


def _unknown_key(details: ErrorDetails, path: Path) -> str:
    known = known_keys(details["loc"][:-1])
    return f"is no known key; {suggestion(str(path[-1]), known)}"


def _choice(details: ErrorDetails, _path: Path) -> str:
    choices = tuple(details["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", "))
    if len(choices) == 1:
        return f"{_shown(details['input'])} is not known here; write {choices[0]}"
    near = nearest(str(details["input"]), choices)
    tail = f"; did you mean '{near}'?" if near else ""
    return f"{_shown(details['input'])} is none of {', '.join(choices)}{tail}"


def _kind(details: ErrorDetails, _path: Path) -> str:
    given = details["input"].get("kind") if isinstance(details["input"], dict) else None
    return f"kind is {_shown(given)}; write kind: server or kind: cluster"


def _own_words(details: ErrorDetails, _path: Path) -> str:
    return str(details["ctx"]["error"])


def _bound(words: str, key: str) -> Callable[[ErrorDetails, Path], str]:
    def speak(details: ErrorDetails, path: Path) -> str:
        bound = details["ctx"][key]
        if path[-1] in {"memory", "quota"}:
            return (
                f"{_shown(details['input'])} is " + ("nothing" if key == "ge" else "too much") + "; write such as 2 GiB"
            )
        if path[0] == "groups" and "warn_at" in path and key == "le":
            return f"{_shown(details['input'])} is above the whole; write a share such as 80%"
        return f"{_shown(details['input'])} must be {words} {bound:,}"

    return speak


def _name(details: ErrorDetails, path: Path) -> str:
    if path[-1] == "currency":
        return f"{_shown(details['input'])} is no currency; write its three capital letters, such as USD"
    given = str(details["input"])
    better = "-".join(
        part for part in "".join(c if c.isascii() and c.isalnum() else " " for c in given.lower()).split()
    )
    tail = f", such as '{better[:40]}'" if better else ""
    return f"{_shown(given)} is no usable name; write at most 40 lower-case letters, digits and inner hyphens{tail}"


def _list(details: ErrorDetails, _path: Path) -> str:
    given = details["input"]
    return "a list is needed here; write " + (f"[{given}]" if isinstance(given, str) else "- before each entry")


def _block(details: ErrorDetails, _path: Path) -> str:
    known = known_keys(details["loc"])
    keys = f" with {', '.join(known[:6])}" if known else ""
    return f"{_shown(details['input'])} stands where a block of keys{keys} is needed"


def _text(details: ErrorDetails, _path: Path) -> str:
    return f"{_shown(details['input'])} stands where a text is needed"


def _no_number(details: ErrorDetails, _path: Path) -> str:
    return f"{_shown(details['input'])} stands where a number is needed"


def _no_value(words: str) -> Callable[[ErrorDetails, Path], str]:
    return lambda details, _path: f"{_shown(details['input'])} stands where {words} is needed"


_SPEECH: Mapping[str, Callable[[ErrorDetails, Path], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "literal_error": _choice,
    "union_tag_not_found": lambda _d, _p: "kind is missing; write kind: server or kind: cluster",
    "union_tag_invalid": _kind,
    "value_error": _own_words,
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "string_pattern_mismatch": _name,
    "string_too_long": _name,
    "tuple_type": _list,
    "list_type": _list,
    "dict_type": _block,
    "model_type": _block,
    "model_attributes_type": _block,
    "string_type": _text,
    "too_short": lambda _d, _p: "needs at least one entry",
    "decimal_type": _no_number,
    "int_type": _no_value("a whole number"),
    "bool_type": _no_value("true or false"),
    "date_type": _no_value("a date such as 2026-01-31"),
    "date_from_datetime_parsing": _no_value("a date such as 2026-01-31"),
    "time_delta_type": _no_value("a duration such as 20m"),
    "finite_number": _no_number,
}
