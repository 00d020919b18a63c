"""The policy file, from its JSON Schema."""

import json

from docs.generating.markdown import page, table
from docs.generating.schemas import in_reading_order, section
from hub_ext.policy.schema import schema_text

_INTRODUCTION = """
One YAML file, in git. Unknown keys are mistakes, and all mistakes are reported at once. An editor with a YAML language
server completes and checks it when the first line is `# yaml-language-server: $schema=policy.schema.json`; the schema
is [policy.schema.json](policy.schema.json), or what `gatehouse policy schema` prints.

How to write one, step by step: [](../how-to/write-a-policy.md).

Durations are written `90s`, `20m`, `4h` or `2d`; sizes `512 MiB` or `2 GiB` (`2Gi` is understood too); money is a plain
number in the policy's `currency`. SSO groups are full paths, and upper and lower case are the same.
"""
_WITHOUT_EFFECT = """
## Keys without effect yet

The document holds them from the start, so that a policy need not change when they begin to act. They are checked for
mistakes, and that is all:
"""
_NOT_ACTED_ON = (
    ("`cohorts.NAME.nominal_quota`: all but `cores`", "only cores are shared"),
    ("`packages`, `data`, `environments`", "no effect"),
    ("`local`, `slurm`", "no effect: these engines take no settings"),
    ("`kubernetes`", "only on Kubernetes; on one machine it is checked for mistakes"),
    ("`defaults.unavailable: allow`", "as `deny`"),
    ("the right `policy`", "the hub scope is given, and no call needs it"),
)


def policy_page() -> str:
    """Return the reference of the policy file."""
    schema = json.loads(schema_text())
    definitions = schema["$defs"]
    return page(
        "The policy file",
        _INTRODUCTION,
        _WITHOUT_EFFECT,
        table(("key", "today"), _NOT_ACTED_ON),
        section("The document", schema, definitions),
        *(section(name, definitions[name], definitions, name) for name in in_reading_order(schema)),
    )
