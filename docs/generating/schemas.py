"""JSON Schema in words: one section for each model, with a table of its keys."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from docs.generating.markdown import NOTHING, code, codes, one_line, prose, table

Schema = Mapping[str, Any]

_WORDS = {"integer": "whole number", "string": "text", "boolean": "`true` or `false`"}
_FORMATS = {"date-time": "time (UTC)", "date": "date, such as `2026-01-31`"}


def model_link(name: str) -> str:
    """Return a link to a model's section."""
    return f"[{name}](#{name.lower()})"


def section(title: str, schema: Schema, definitions: Mapping[str, Schema], name: str = "") -> str:
    """Return one model.

    Args:
        title: heading of the section.
        schema: of the model.
        definitions: every model of the document, by name.
        name: what links to the section are made from; empty, if there are none.
    """
    rows = (
        (code(key), type_words(value), _default(key, value, schema.get("required", ())), _meaning(value, definitions))
        for key, value in schema.get("properties", {}).items()
    )
    keys = table(("key", "value", "default", "meaning"), rows) if schema.get("properties") else ""
    if "enum" in schema:
        keys = f"One of {codes(schema['enum'])}.\n"
    anchor = f"({name.lower()})=\n" if name else ""
    return f"{anchor}## {title}\n\n{prose(schema.get('description', ''))}\n\n{keys}"


def in_reading_order(schema: Schema) -> list[str]:
    """Return the names of a document's models, each once, as a reader comes upon them."""
    found: list[str] = []
    _visit(schema, schema["$defs"], found)
    return found


def _visit(value: Any, definitions: Mapping[str, Any], found: list[str]) -> None:
    if isinstance(value, list):
        for one in value:
            _visit(one, definitions, found)
    if not isinstance(value, dict):
        return
    name = str(value.get("$ref", "")).rpartition("/")[2]
    if name and name not in found:
        found.append(name)
        _visit(definitions[name], definitions, found)
    for key, one in value.items():
        if key not in {"$defs", "discriminator"}:
            _visit(one, definitions, found)


def type_words(schema: Schema) -> str:
    """Say what values a schema takes, in an administrator's words."""
    return " or ".join(dict.fromkeys(_words(one) for one in _alternatives(schema)))


def _alternatives(schema: Schema) -> Iterator[Schema]:
    return (one for one in schema.get("anyOf", schema.get("oneOf", [schema])) if one.get("type") != "null")


def _words(schema: Schema) -> str:
    if "$ref" in schema:
        return model_link(str(schema["$ref"]).rpartition("/")[2])
    if "const" in schema or "enum" in schema:
        return codes(schema.get("enum", [schema.get("const")]))
    if "examples" in schema:
        return f"such as {codes(schema['examples'][:2])}"
    kind = str(schema.get("type", "anything"))
    if kind in {"array", "object"}:
        return _collection_words(schema)
    return str(_FORMATS.get(schema.get("format", ""), _WORDS.get(kind, kind)))


def _collection_words(schema: Schema) -> str:
    if schema["type"] == "array":
        return f"list of {type_words(schema['items'])}" if "items" in schema else "list"
    values = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
    return f"name → {type_words(values)}" if isinstance(values, dict) else "block"


def _default(name: str, schema: Schema, required: Iterable[str]) -> str:
    if name in required:
        return "needed"
    value = schema.get("default")
    return NOTHING if value in (None, "", [], {}) else code(json.dumps(value).strip('"'))


def _meaning(schema: Schema, definitions: Mapping[str, Schema]) -> str:
    if "description" in schema:
        return one_line(schema["description"])
    models = (str(one["$ref"]).rpartition("/")[2] for one in _alternatives(schema) if "$ref" in one)
    return next((one_line(definitions[name].get("description", "")) for name in models), "")
