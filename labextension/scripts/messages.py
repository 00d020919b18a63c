# noqa: INP001 - a script, not a package
"""Messages of the panel, for translators: ``python labextension/scripts/messages.py``, or ``make messages``.

From the source to what JupyterLab reads, in three steps; without a verb, all of them:

``extract``
    every ``trans.__`` and its siblings in ``labextension/src``, and titles and descriptions of the settings, into the
    template ``server_ext/locale/jupyterlab_gatehouse.pot``
``update``
    each catalog ``<language>/LC_MESSAGES/jupyterlab_gatehouse.po``: new messages come in empty, old ones go
``compile``
    each catalog into the ``.json`` beside it, in the Jed format that jupyterlab_server's ``translation_utils`` reads

No date and no line number is written, so the files change with the words alone. ``tests/server_ext/test_messages.py``
says when one is out of date.
"""

import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as extract_from
from babel.messages.pofile import read_po, write_po
from jupyterlab_server.translation_utils import DEFAULT_SCHEMA_SELECTORS

ROOT = Path(__file__).parents[2]
LABEXTENSION = ROOT / "labextension"
LOCALE = ROOT / "server_ext" / "locale"
DOMAIN: Final = "jupyterlab_gatehouse"
"""The domain of ``translator.load('jupyterlab-gatehouse')``, as JupyterLab normalises it."""
TEMPLATE = LOCALE / f"{DOMAIN}.pot"
KEYWORDS: Final[Mapping[str, Any]] = {"__": None, "_n": (1, 2), "_p": ((1, "c"), 2), "_np": ((1, "c"), 2, 3)}
OPTIONS: Final = {"jsx": "true", "parse_template_string": "true"}
SELECTORS = {re.compile(f"/{path}"): context for path, context in DEFAULT_SCHEMA_SELECTORS.items()}
HEADER: Final = "# Messages of the panel of Gatehouse: make messages."
CONTEXT_ENDS: Final = "\x04"
"""Between context and message in a key, by gettext's convention."""


def template() -> Catalog:
    """Return every message of today's source, ordered by file and place."""
    catalog = _empty()
    for path in sorted((LABEXTENSION / "src").rglob("*.ts*")):
        if "__tests__" in path.parts:
            continue
        with path.open("rb") as source:
            found = list(extract_from("javascript", source, keywords=KEYWORDS, options=OPTIONS))
        for _, words, _, context in found:
            _add(catalog, words, context, path)
    for path in sorted((LABEXTENSION / "schema").glob("*.json")):
        for words, context in schema_messages(json.loads(path.read_text(encoding="utf-8"))):
            _add(catalog, words, context, path)
    return catalog


def schema_messages(schema: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield text and context of what JupyterLab translates in a settings schema, by its own selectors."""
    for key, value in schema.items():
        path = f"{above}/{key}"
        if isinstance(value, Mapping):
            yield from schema_messages(value, path)
        elif isinstance(value, str):
            yield from ((value, context) for pattern, context in SELECTORS.items() if pattern.fullmatch(path))


def _empty() -> Catalog:
    return Catalog(domain=DOMAIN, header_comment=HEADER, fuzzy=False)


def _add(catalog: Catalog, words: str | tuple[str, ...], context: str | None, path: Path) -> None:
    catalog.add(words, context=context, locations=[(path.relative_to(ROOT).as_posix(), 1)])


def written(catalog: Catalog) -> str:
    """Return a catalog as text. ``%1`` is no format of Python's, though babel takes ``% of`` for one."""
    for message in catalog:
        message.flags.discard("python-format")
    text = io.BytesIO()
    write_po(text, catalog, width=110, include_lineno=False, ignore_obsolete=True, omit_header=True)
    return _header(catalog) + text.getvalue().decode()


def _header(catalog: Catalog) -> str:
    """Return what gettext's tools need to know. The comment above it stays as it is: translators name themselves."""
    lines = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit"]
    if catalog.locale:
        lines = [f"Language: {catalog.locale}", f"Plural-Forms: {catalog.plural_forms}", *lines]
    return f'{catalog.header_comment}\nmsgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


def catalogs() -> list[Path]:
    """Return the catalogs that there are."""
    return sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(path: Path) -> Catalog:
    """Return a catalog; its folder says its language."""
    with path.open("rb") as source:
        catalog = read_po(source, locale=path.parts[-3], domain=DOMAIN)
    if "FIRST AUTHOR" in catalog.header_comment:  # babel's own, for an empty file
        catalog.header_comment = HEADER
    return catalog


def updated(path: Path) -> Catalog:
    """Return a catalog with exactly the messages of today's template. Nothing is guessed: a new message is empty."""
    catalog = read(path)
    catalog.update(template(), no_fuzzy_matching=True)
    return catalog


def compiled(path: Path) -> str:
    """Return a catalog as JupyterLab reads it. What is not translated is left out, and so is shown in English."""
    catalog = read(path)
    head = {
        "domain": DOMAIN,
        "version": json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["version"],
        "language": path.parts[-3].replace("_", "-"),
        "plural_forms": catalog.plural_forms.rstrip(";") + ";",
    }
    words = {_key(message): forms(message) for message in catalog if message.id and all(forms(message))}
    return json.dumps({"": head, **words}, ensure_ascii=False, indent=1) + "\n"


def forms(message: Message) -> list[str]:
    """Return what a message is in its catalog's language: one text, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _key(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return f"{message.context}{CONTEXT_ENDS}{text}" if message.context else text


def main(verbs: list[str]) -> int:
    """Do what the verbs say."""
    if "extract" in verbs:
        TEMPLATE.write_text(written(template()), encoding="utf-8")
    for path in catalogs():
        if "update" in verbs:
            path.write_text(written(updated(path)), encoding="utf-8")
        if "compile" in verbs:
            path.with_suffix(".json").write_text(compiled(path), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["extract", "update", "compile"]))
