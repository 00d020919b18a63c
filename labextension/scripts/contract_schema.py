# noqa: INP001 - a script, not a package
"""Write ``labextension/src/contract.ts``: the messages that the panel reads, as TypeScript.

Run ``jlpm types`` after a change in ``hub_ext/contract``. The file's first lines hold the checksum of the schema it
was made from and of its own text; ``tests/server_ext/test_contract_types.py`` compares them, so a stale file or one
edited by hand is noticed without node.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from pydantic.json_schema import models_json_schema

from hub_ext.contract.account import Account, ClusterView, Extended
from hub_ext.contract.costs import MonthCosts
from hub_ext.contract.environment import EnvironmentComparison, EnvironmentRequest
from hub_ext.contract.errors import ErrorBody
from hub_ext.contract.funds import Quote
from hub_ext.contract.history import ClusterHistory
from hub_ext.contract.logs import ClusterLogs
from hub_ext.contract.offers import Offers
from hub_ext.contract.starting import ClusterFields, Started, StartRequest
from hub_ext.contract.steering import Steered

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "labextension" / "src" / "contract.ts"
MESSAGES = (
    *(Account, ClusterView, ErrorBody, EnvironmentComparison, EnvironmentRequest, Extended),
    *(ClusterHistory, ClusterLogs, MonthCosts, Steered),
    *(Offers, Quote, ClusterFields, StartRequest, Started),
)
OPTIONS = ("--no-style.bracketSpacing", "--style.singleQuote", "--bannerComment", "")


def schema() -> str:
    """Return the JSON Schema of the messages as they are sent: every field is there, those with a default too."""
    references, document = models_json_schema([(message, "serialization") for message in MESSAGES])
    for definition in document["$defs"].values():
        for field in definition.get("properties", {}).values():
            field.pop("title", None)  # json2ts would make a type of every titled field
        if "properties" in definition:
            definition["required"] = list(definition["properties"])
    messages = {message.__name__: references[(message, "serialization")] for message in MESSAGES}
    root = {"title": "Contract", "description": "Every message that the panel reads.", "type": "object"}
    return json.dumps(
        {**root, "properties": messages, "required": list(messages), "additionalProperties": False, **document}
    )


def header(schema_text: str, body: str) -> str:
    """Return the first lines of the file: what it is, and the checksum of where it comes from and of what it says."""
    digest = hashlib.sha256(schema_text.encode() + b"\0" + body.encode()).hexdigest()
    return f"/* What the panel reads. Generated from hub_ext/contract by `jlpm types`; do not edit.\n * {digest}\n */\n"


def main() -> int:
    """Write the file."""
    text = schema()
    command = [str(ROOT / "node_modules" / ".bin" / "json2ts"), *OPTIONS]
    made = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    body = made.stdout.strip() + "\n"
    TARGET.write_text(header(text, body) + body, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
