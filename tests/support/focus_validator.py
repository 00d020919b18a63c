"""The FinOps Foundation's published validator, in an environment of its own below ``~/.cache/gatehouse``.

It is installed once and pinned. It needs Python 3.12 for one line: on an older Python that line is written as it was
possible before. Where it cannot be installed, the test that needs it fails.
"""

import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

PINS = ("focus-validator==2.2.1", "pyarrow==21.0.0")
MODEL = "1.2.0.1"
"""Of the rules that come with the validator: FOCUS 1.2."""
EITHER = {"InvoiceId-C-004-C", "InvoiceId-C-005-C"}
"""The first wants InvoiceId null, the second not null; their composite, InvoiceId-C-003-C, wants one of them. The
validator tells the other one of every file that has a row."""
FEWEST = 250
"""Rules that must have passed: fewer mean that the validator did not look."""
CRITERIA = (
    "ACCOUNT_NAMING_SUPPORTED",
    "AVAILABILITY_ZONE_SUPPORTED",
    "MULTIPLE_PRICING_CATEGORIES_SUPPORTED",
    "MULTIPLE_SUB_ACCOUNT_TYPES_SUPPORTED",
    "MULTIPLE_BILLING_ACCOUNT_TYPES_SUPPORTED",
    "NEGOTIATED_PRICING_SUPPORTED",
    "PUBLIC_PRICE_LIST_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
    "UNIT_PRICING_SUPPORTED",
    "SUB_ACCOUNT_SUPPORTED",
    "BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED",
    "RESOURCE_TYPE_ASSIGNMENT_SUPPORTED",
    "PRICING_BILLING_CURRENCY_DIFFERENCES_SUPPORTED",
    "VIRTUAL_CURRENCY_SUPPORTED",
    "REGION_SUPPORTED",
    "TAGGING_SUPPORTED",
)
"""Conditional columns that are checked too: all but capacity reservations and commitment discounts, which do not exist
here and which the validator wants to be stated once they are declared."""
_HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gatehouse"
_LINE = """f"'{k.replace('\\"', '\\"\\"')}'" for k in ignore_keys"""
_MENDED = """"'" + k.replace('"', '""') + "'" for k in ignore_keys"""
_VIOLATED = re.compile(r"^- (\S+): violations=[1-9]", re.MULTILINE)
_PASSED = re.compile(r"Total: \d+ \| Pass: (\d+) ")


def violations(file: Path) -> list[str]:
    """Return the names of the rules that a file violates, of about 350 that are checked, sorted.

    Of :data:`EITHER` one is violated by every file that has a row; it is left out where the other one is kept.

    Raises:
        RuntimeError: the validator did not get through; the text is what it said.
    """
    python = _installed()
    words = ["--data-file", str(file.resolve()), "--block-download", "--validate-version", MODEL, "--show-violations"]
    words += ["--applicability-criteria", ",".join(CRITERIA)]
    done = subprocess.run(
        [python.parent / "focus-validator", *words],
        cwd=_site(python),  # it reads its list of currencies from there
        env={**os.environ, "HOME": str(_HOME)},
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout + done.stderr
    passed = _PASSED.search(told)
    if done.returncode or passed is None or int(passed[1]) < FEWEST:
        raise RuntimeError(f"the validator ended with {done.returncode}:\n{told[-3000:]}")
    found = set(_VIOLATED.findall(told))
    return sorted(found if found >= EITHER else found - EITHER)


def _installed() -> Path:
    """Return the validator's Python; install it where it is not there yet. Of several processes one does."""
    _HOME.mkdir(parents=True, exist_ok=True)
    place = _HOME / f"{'-'.join(PINS).replace('==', '-')}-py{sys.version_info[0]}{sys.version_info[1]}"
    python, ready = place / "bin" / "python", place / "ready"
    with (_HOME / "focus-validator.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            _run([sys.executable, "-m", "venv", "--clear", place])
            _run(
                [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--ignore-requires-python", *PINS]
            )
            if sys.version_info < (3, 12):
                _mend(python)
            ready.touch()
    return python


def _mend(python: Path) -> None:
    file = _site(python) / "focus_validator" / "config_objects" / "focus_to_duckdb_converter.py"
    text = file.read_text()
    if _LINE not in text:
        raise RuntimeError("the validator's line that needs Python 3.12 is not where it was")
    file.write_text(text.replace(_LINE, _MENDED))


def _site(python: Path) -> Path:
    return Path(_run([python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]).strip())


def _run(words: list[str | Path]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the validator cannot be installed:\n{done.stdout}{done.stderr}")
    return done.stdout
