"""The panel's TypeScript types are those of the contract."""

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "labextension" / "scripts" / "contract_schema.py"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contract_schema", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_types_are_not_stale() -> None:
    """The checksum in ``contract.ts`` is that of today's contract and of the file's own text; else: ``jlpm types``."""
    script = _script()
    text = script.TARGET.read_text(encoding="utf-8")
    head, end, body = text.partition(" */\n")
    assert head + end == script.header(script.schema(), body)
