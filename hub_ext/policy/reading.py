"""Text of the policy file -> :class:`Policy`, or every mistake at once, each with its path, line and remedy.

Four passes, none of which stops at a mistake of an earlier one: the YAML itself (``lines``), the form of each value
(``document``, said in plain words by ``mistakes``), the names that refer to others (``references``,
``kubernetes_references``), the figures that
contradict each other (``figures``). Only YAML that cannot be read at all ends the reading.
"""

import hashlib
from typing import Any

from pydantic import ValidationError

from hub_ext.contract.errors import PolicyMistakes
from hub_ext.policy.document import Policy
from hub_ext.policy.draft import draft
from hub_ext.policy.figures import check_figures
from hub_ext.policy.kubernetes_references import check_kubernetes
from hub_ext.policy.lines import Path, Source, load
from hub_ext.policy.mistakes import note_mistakes_of_form
from hub_ext.policy.references import check_references

_FREE_BLOCKS = frozenset({"local", "slurm"})


def policy_version(text: str) -> str:
    """Return the version of a policy: the first 12 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_policy(text: str) -> Policy:
    """Read a policy.

    Args:
        text: the file's text, YAML.

    Raises:
        PolicyMistakes: with every mistake, as ``path (line n): text``, in the order of the file.
    """
    source = load(text)
    policy = None
    if source.data is not None or not source.mistakes:
        policy = _form(source)
        understood = draft(source.data)
        check_references(source, understood)
        check_kubernetes(source, understood)
        check_figures(source, understood)
    if policy is None or source.mistakes:
        raise PolicyMistakes(_told(source))
    return policy


def _form(source: Source) -> Policy | None:
    _empty_keys(source, source.data, ())
    if not isinstance(source.data, dict):
        source.mistake((), "holds no keys; begin with apiVersion: gatehouse/v1", line=1)
        return None
    try:
        return Policy.model_validate(source.data, by_alias=True, by_name=False)
    except ValidationError as error:
        note_mistakes_of_form(source, error)
        return None


def _empty_keys(source: Source, value: Any, path: Path) -> None:
    """A key with nothing behind it is a mistake: whether it means none, all or the default would be a guess."""
    if value is None:
        source.mistake(path, "is empty; give it a value, or remove the key")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not (len(path) == 2 and path[0] == "profiles" and key in _FREE_BLOCKS):  # noqa: PLR2004 - profiles, name
                _empty_keys(source, item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _empty_keys(source, item, (*path, place))


def _told(source: Source) -> tuple[str, ...]:
    """Return the mistakes in the order of the file, each once."""
    return tuple(dict.fromkeys(str(mistake) for mistake in sorted(source.mistakes, key=lambda mistake: mistake.line)))
