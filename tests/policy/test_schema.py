"""The published JSON Schema is that of the code, and agrees with the reader."""

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped] # publishes no types
import pytest
import yaml

import hub_ext.demo
from hub_ext.policy.lines import typed
from hub_ext.policy.schema import known_keys, schema_text

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "reference" / "policy.schema.json"
POLICIES = ROOT / "tests" / "policies"
DEMO = Path(hub_ext.demo.__file__).parent / "policy.yaml"


def test_published_schema_is_current() -> None:
    """The file in the reference is what ``gatehouse policy schema`` prints; if not, print it again."""
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text()


def mistakes_by_schema(file: Path) -> list[str]:
    """Return what an editor would underline."""
    data = yaml.load(file.read_text(encoding="utf-8"), Loader=_DatesAsText)  # noqa: S506 - a safe loader's child
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    return [error.message for error in validator.iter_errors(data)]


class _DatesAsText(yaml.SafeLoader):
    """Reads as an editor does: dates are text."""


_DatesAsText.add_constructor("tag:yaml.org,2002:timestamp", lambda _loader, node: str(node.value))


@pytest.mark.parametrize("file", [POLICIES / "minimal.yaml", DEMO], ids=lambda file: file.stem)
def test_editor_agrees_with_good_policy(file: Path) -> None:
    """An editor that knows the schema finds nothing wrong with a good policy."""
    assert mistakes_by_schema(file) == []


def test_editor_finds_unknown_key_and_bare_duration() -> None:
    """An editor that knows the schema underlines a misspelled key and a duration without unit."""
    told = " ".join(mistakes_by_schema(POLICIES / "broken.yaml"))
    assert "'core' was unexpected" in told
    assert "10 is not of type 'string'" in told


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ((), "apiVersion"),
        (("prices", 0), "from"),
        (("profiles", "small", "server"), "cores"),
        (("profiles", "standard", "cluster", "worker"), "memory"),
        (("groups", "research", "quota"), "clusters"),
        (("groups", "research", "budget"), "monthly"),
        (("administrators", 0), "may"),
    ],
    ids=str,
)
def test_keys_of_a_place_are_known(place: tuple[str | int, ...], key: str) -> None:
    """For every block of the file it is known which keys it takes."""
    assert key in known_keys(place)


@pytest.mark.parametrize("place", [("nonsense",), ("prices", "x"), ("profiles", "small", "toaster")], ids=str)
def test_no_keys_of_no_place(place: tuple[str | int, ...]) -> None:
    """A place that is no block takes no keys."""
    assert known_keys(place) == ()


def test_quoted_values_stay_text() -> None:
    """Only unquoted scalars of a free block are typed."""
    assert typed({"a": ["1", "true"]}) == {"a": ["1", "true"]}
