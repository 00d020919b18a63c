"""YAML with lines: the text of a file -> plain values, and the line on which each of them stands.

Every scalar stays the text that the administrator wrote; the field that takes it decides what it means. That is how
YAML 1.1's surprises lose their teeth: a group may be called ``no``, ``1:30`` is not ninety, ``0.040`` never becomes a
binary float. Only an unquoted nothing (``key:``, ``~``, ``null``) is read as ``None``.

Duplicate keys, tags, and values nested or repeated without bound are mistakes; anchors, aliases and ``<<`` merges work.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top."""

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_MAX_DEPTH = 20
_MAX_VALUES = 200_000
_STANDARD_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


class Plain(str):
    """Text that was written without quotes, so that an engine's own block can read it as a number or a truth value."""

    __slots__ = ()


@dataclass(frozen=True)
class Mistake:
    """Something to correct: where, and what to do."""

    path: Path
    line: int
    """1-based."""
    text: str

    def __str__(self) -> str:
        return f"{path_text(self.path)} (line {self.line}): {self.text}"


@dataclass
class Source:
    """A file as plain values, with the line of each."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of the value, or of the nearest thing around it that the file does hold."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def mistake(self, path: Path, text: str, *, line: int | None = None) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(path, line or self.line(path), text))


def path_text(path: Path) -> str:
    """Write a path as people do: ``groups.research.match[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "file"


def load(text: str) -> Source:
    """Read the text. A syntax error is the only mistake reported then: what follows it cannot be trusted."""
    source = Source()
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        source.mistake((), _syntax(error), line=_line_of(error, text))
        return source
    if node is None:
        source.mistake((), "is empty; begin with apiVersion: gatehouse/v1", line=1)
        return source
    reader = _Reader(source)
    source.data = reader.value(node, ())
    return source


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0
        self.full = False

    def value(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.source.lines.setdefault(path, line)
        if not self._bounded(path, line):
            return None
        if node.tag not in _STANDARD_TAGS:
            self.source.mistake(path, f"has the tag {node.tag!r}; tags mean nothing here, write the bare value")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, position)) for position, item in enumerate(node.value)]
        return _scalar(node)

    def _bounded(self, path: Path, line: int) -> bool:
        self.count += 1
        if len(path) <= _MAX_DEPTH and self.count <= _MAX_VALUES:
            return True
        if not self.full:
            self.full = True
            self.source.mistake(path, "is nested or repeated without end; look at the anchors and aliases", line=line)
        return False

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name == "<<" and key.style is None:
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            elif name is None:
                self.source.mistake(path, "has a list or block as a key; a key is one word", line=line)
            elif name in values:
                first = self.source.line((*path, name))
                self.source.mistake((*path, name), f"stands twice, first on line {first}; keep one", line=line)
            else:
                self.source.lines[*path, name] = line
                values[name] = self.value(value, (*path, name))
        for part in merged:
            self._merge(part, values, path)
        return values

    def _merge(self, part: yaml.Node, values: dict[str, Any], path: Path) -> None:
        """Add what ``<<`` brings in; a key that the block holds itself wins."""
        if not isinstance(part, yaml.MappingNode):
            self.source.mistake(path, "merges something that is not a block of keys", line=part.start_mark.line + 1)
            return
        if not self._bounded(path, part.start_mark.line + 1) or self.full:
            return
        kept = {name: self.source.lines.get((*path, name), 1) for name in values}
        inner = Source()
        brought = _Reader(inner)
        brought.count = self.count
        more = brought.value(part, path)
        self.count, self.full = brought.count, self.full or brought.full
        self.source.mistakes += [m for m in inner.mistakes if m not in self.source.mistakes]
        for name, value in (more or {}).items():
            values.setdefault(name, value)
        for place, line in inner.lines.items():
            if len(place) > len(path) and place[len(path)] not in kept:
                self.source.lines.setdefault(place, line)


def _scalar(node: yaml.Node) -> str | None:
    if not isinstance(node, yaml.ScalarNode) or node.style is not None:
        return str(node.value)
    return None if node.value in _NOTHING else Plain(node.value)


def typed(value: Any) -> Any:
    """Give the unquoted scalars of a free block their YAML 1.2 types; ``yes`` and ``on`` stay the words they are."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if not isinstance(value, Plain):
        return value
    if value.lower() in {"true", "false"}:
        return value.lower() == "true"
    for kind in (int, float):
        try:
            number = kind(value)
        except ValueError:
            continue
        plain_digits = (
            value.isascii() and "_" not in value and value.lower().strip("+-.") not in {"nan", "inf", "infinity"}
        )
        return number if plain_digits else str(value)
    return str(value)


_HINTS = (
    ("\\t", "a tab stands where spaces are needed; indent with spaces"),
    ("'%'", "a value begins with %; put it in quotes"),
    ("'@'", "a value begins with @; put it in quotes"),
    ("'`'", "a value begins with a backtick; put it in quotes"),
    ("mapping values are not allowed", "a second ':' on this line, or wrong indentation; put the text in quotes"),
    ("expected <block end>", "the indentation does not fit the lines above"),
    ("could not find expected ':'", "a key without its ':', or the indentation does not fit the lines above"),
    ("while scanning a quoted scalar", "a quote is opened and never closed"),
    ("expected ',' or ']'", "a list is opened with [ and not closed, or a comma is missing"),
    ("expected ',' or '}'", "a block is opened with { and not closed, or a comma is missing"),
    ("undefined alias", "an alias (*) names an anchor (&) that is not in the file"),
    ("found duplicate anchor", "two anchors (&) have the same name"),
    ("expected a single document", "a second document begins (---); keep one policy in one file"),
    ("special characters are not allowed", "a control character stands in the file; remove it"),
)


def _syntax(error: yaml.YAMLError) -> str:
    told = " ".join(str(error).split())
    for sign, hint in _HINTS:
        if sign in told:
            return f"cannot be read from here on: {hint}"
    return "cannot be read from here on: look at the quotes, brackets and indentation of this line and the one above"


def _line_of(error: yaml.YAMLError, text: str) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    return text.count("\n", 0, getattr(error, "position", 0)) + 1
