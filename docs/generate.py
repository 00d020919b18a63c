"""Writes the reference pages that can be read off the code: ``python -m docs.generate``.

What a page says is said in the code, once: the policy's keys in :mod:`hub_ext.policy.document`, the traits in their
classes, and so on. Each function returns the text of one page and reads nothing but imported code; a test fails when a
committed page is not what its function returns.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generating.api import api_page, openapi_text
from docs.generating.commands import command_line_page
from docs.generating.configuration import configuration_page
from docs.generating.figures import metrics_page
from docs.generating.policy import policy_page
from docs.generating.scopes import scopes_page
from docs.generating.umbrella import umbrella_text

REFERENCE = Path(__file__).parent / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "policy.md": policy_page,
    "configuration.md": configuration_page,
    "metrics.md": metrics_page,
    "scopes.md": scopes_page,
    "api.md": api_page,
    "command-line.md": command_line_page,
    "openapi.json": openapi_text,
    "../../helm-values/daskhub.yaml": umbrella_text,
}
"""File, as seen from docs/reference -> what it must hold."""


def main() -> None:
    """Write every page whose text has changed, and say which."""
    for name, text_of in PAGES.items():
        path, text = REFERENCE / name, text_of()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {path.resolve().relative_to(REFERENCE.parents[1])}\n")


if __name__ == "__main__":
    main()
