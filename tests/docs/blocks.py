"""The code blocks of README and docs, executed: what a reader copies does what the page says.

=========  =========================================================================================================
block      what is done with it
=========  =========================================================================================================
python     run; the blocks of a page share one namespace, in which ``c`` is a configuration object
yaml       a policy, written to the page's ``policy.yaml`` and read; a block without ``apiVersion`` is merged into what
           the page has so far. If its first line is a comment with the word "mistake", reading it must fail
console    each line ``$ gatehouse policy ...`` is run beside that ``policy.yaml`` and its output compared; ``...``
           stands for anything. Other commands are for the reader
ipython    a cell of the demo's notebook, which a browser test runs; it must stand there word for word
py         not run here. Those of ``tutorials/first-ten-minutes.md``, and all else it says, ``tests/panel`` follows
=========  =========================================================================================================
"""

import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from sybil import Example
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.myst import CodeBlockParser
from traitlets.config import Config

from hub_ext.contract.errors import PolicyMistakes
from hub_ext.policy.reading import read_policy

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "hub_ext" / "demo" / "First cluster.ipynb"
SAMPLE = ROOT / "hub_ext" / "demo" / "policy.yaml"
POLICY = "policy.yaml"
SECRETS = ("JUPYTERHUB_CRYPT_KEY", "OIDC_CLIENT_SECRET", "GATEHOUSE_TOKEN", "GATEHOUSE_HUB_TOKEN", "DASK_GATEWAY_TOKEN")
"""Environment variables that examples of configuration take secrets from."""
_RUN = "gatehouse policy "


def begin_page(namespace: dict[str, Any]) -> None:
    """Give a page a directory of its own, with the demo's policy in it. Called by Sybil."""
    directory = tempfile.TemporaryDirectory()
    namespace.update(_directory=directory, c=Config())
    (Path(directory.name) / POLICY).write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")


def end_page(namespace: dict[str, Any]) -> None:
    """Remove the directory. Called by Sybil."""
    namespace["_directory"].cleanup()


def parsers() -> list[CodeBlockParser]:
    """Return what reads the blocks of a page."""
    return [
        CodeBlockParser("python", run_python),
        CodeBlockParser("yaml", read_yaml),
        CodeBlockParser("console", run_console),
        CodeBlockParser("ipython", find_cell),
    ]


def run_python(example: Example) -> None:
    """Run Python code in the page's directory, with a value for every secret."""
    with chdir(_page(example)), patch.dict("os.environ", dict.fromkeys(SECRETS, "0" * 64)):
        PythonEvaluator()(example)


def read_yaml(example: Example) -> str | None:
    """Read a policy; say what is wrong with it."""
    file, text = _page(example) / POLICY, str(example.parsed)
    if "apiVersion" not in text:
        merged = merge(_plain(file.read_text(encoding="utf-8")), _plain(text))
        text = yaml.safe_dump(merged, sort_keys=False)
    file.write_text(text, encoding="utf-8")
    must_fail = text.startswith("#") and "mistake" in text.splitlines()[0]
    try:
        read_policy(text)
    except PolicyMistakes as error:
        return None if must_fail else str(error)
    return "The block announces a mistake, and has none." if must_fail else None


def run_console(example: Example) -> str | None:
    """Run the policy commands of a terminal session; say where the output differs."""
    session = re.split(r"^\$ ", str(example.parsed), flags=re.MULTILINE)[1:]
    for command, _, expected in (part.partition("\n") for part in session):
        if not command.startswith(_RUN):
            continue
        printed = _run(command, _page(example))
        if not matches(expected, printed):
            return f"$ {command}\nprinted:\n{printed}\nwhere the page says:\n{expected}"
    return None


def find_cell(example: Example) -> str | None:
    """Look for a notebook cell."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = {"".join(cell["source"]).strip() for cell in cells}
    wanted = str(example.parsed).strip()
    return None if wanted in sources else f"{NOTEBOOK.name} has no such cell:\n{wanted}"


def merge(base: Any, change: Any) -> Any:
    """Return the base with the change laid over it: mappings key by key, everything else as a whole."""
    if not (isinstance(base, Mapping) and isinstance(change, Mapping)):
        return change
    return {**base, **{key: merge(base.get(key), value) for key, value in change.items()}}


def matches(expected: str, printed: str) -> bool:
    """Say whether the output is as expected, where ``...`` stands for anything."""
    pattern = ".*".join(map(re.escape, expected.strip().split("...")))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def _run(command: str, directory: Path) -> str:
    line, _, target = command.partition(" > ")
    arguments = shlex.split(line, comments=True)[1:]
    done = subprocess.run(
        [sys.executable, "-m", "hub_ext.cli.main", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    if target:
        (directory / target.strip()).write_text(done.stdout, encoding="utf-8")
        return done.stderr
    return done.stdout + done.stderr


def _page(example: Example) -> Path:
    return Path(example.namespace["_directory"].name)


def _plain(text: str) -> Any:
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506 - it makes nothing but text, lists and mappings
