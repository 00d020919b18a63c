"""The policy's JSON Schema: for editors, and for us to know which keys a place takes.

Published as ``docs/reference/policy.schema.json`` by ``gatehouse policy schema``. An editor with a YAML language server
completes and checks a policy whose first line is ``# yaml-language-server: $schema=policy.schema.json``.
"""

import json
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import NullableSchema, WithDefaultSchema

from hub_ext.policy.document import Policy
from hub_ext.policy.lines import Path

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


class _Readable(GenerateJsonSchema):
    """Defaults as an administrator would write them; a default that is a whole block is left out."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            seconds = int(dft.total_seconds())
            scale, unit = next((s, u) for s, u in _UNITS if seconds % s == 0)
            return f"{seconds // scale}{unit}"
        if isinstance(dft, Decimal):
            return int(dft) if dft == dft.to_integral_value() else float(dft)
        if isinstance(dft, tuple):
            return [self.encode_default(item) for item in dft]
        return super().encode_default(dft)

    def nullable_schema(self, schema: NullableSchema) -> dict[str, Any]:
        """An empty value is a mistake in the file, whatever the code makes of a missing key."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> dict[str, Any]:
        """Leave out the default where it is a block, or none."""
        if schema.get("default") is None or isinstance(schema["default"], BaseModel):
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


@cache
def _schema() -> dict[str, Any]:
    return Policy.model_json_schema(schema_generator=_Readable)


def schema_text() -> str:
    """Return the JSON Schema as the text of its file."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "gatehouse-policy-v1",
        "title": "Gatehouse policy",
    }
    return json.dumps(head | {key: value for key, value in _schema().items() if key != "title"}, indent=2) + "\n"


def known_keys(loc: Path) -> tuple[str, ...]:
    """Return the keys that the block at a location takes; none where any key may stand or no block does.

    Args:
        loc: keys and positions from the top, with the profile's kind between the profile's name and its keys, as
            pydantic reports it.
    """
    place: dict[str, Any] = _schema()
    for part in loc:
        place = _step(_resolved(place), part)
    return tuple(_resolved(place).get("properties", ()))


def _resolved(place: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in place:
        target: dict[str, Any] = _schema()["$defs"][place["$ref"].rsplit("/", 1)[-1]]
        return _resolved(target)
    return place


def _step(place: dict[str, Any], part: str | int) -> dict[str, Any]:
    inner: Any = None
    if isinstance(part, int):
        inner = place.get("items")
    elif "discriminator" in place:
        target = place["discriminator"]["mapping"].get(part)
        inner = {"$ref": target} if target else None
    else:
        named = next(iter(place.get("patternProperties", {}).values()), place.get("additionalProperties"))
        inner = place.get("properties", {}).get(part, named)
    return inner if isinstance(inner, dict) else {}
