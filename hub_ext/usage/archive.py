"""The file of a backup: a zip of one file of JSON lines for each table, and a manifest that says what must be in them.

A zip keeps its list of contents at its end, so a file that was cut short is recognised before anything is read from it.
Rows are written and read one after the other; no table is ever in memory as a whole.
"""

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from pydantic import ValidationError

from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.model import Instant, Message
from hub_ext.usage.copying import Kind, Shape, Tally

FORMAT = "gatehouse-ledger"
FORMAT_VERSION = 1
_MANIFEST = "manifest.json"

Told = Callable[[str, int], None]
"""Is told of progress: what is done with which table, and how many rows of it so far."""
_EVERY = 10_000
"""Rows from one word of progress to the next."""


def silent(_what: str, _rows: int) -> None:
    """Tell nobody."""


class TableEntry(Message):
    """What the file holds of one table."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    rows: int
    checksum: str
    """Hexadecimal; see :class:`hub_ext.usage.copying.Tally`."""

    @property
    def shape(self) -> Shape:
        """Its name and columns."""
        return Shape(self.name, self.columns)

    def agrees(self, tally: Tally) -> bool:
        """Say whether these are its rows."""
        return (self.rows, self.checksum) == (tally.rows, tally.checksum)


class Manifest(Message):
    """What the file holds."""

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    schema_revision: str
    gatehouse: str
    """The version that wrote it."""
    database: str
    """The kind of database that it was read from."""
    written_at: Instant
    """From before the first row was read: everything until then is in it."""
    tables: tuple[TableEntry, ...]
    """One that refers to another comes after it."""

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(entry.rows for entry in self.tables)


class Writer:
    """Writes one file; a context manager, which closes it however it ends.

    Args:
        file: open for writing.
        told: of progress.
    """

    def __init__(self, file: IO[bytes], told: Told = silent) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self._told = told
        self._entries: list[TableEntry] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    def add(self, shape: Shape, lines: Iterator[bytes]) -> None:
        """Write a table."""
        tally = Tally()
        with self._zip.open(_member(shape.name), "w", force_zip64=True) as member:
            for line in _counted(lines, f"writing {shape.name}", self._told):
                tally.add(line)
                member.write(line + b"\n")
        self._entries.append(
            TableEntry(name=shape.name, columns=shape.columns, rows=tally.rows, checksum=tally.checksum)
        )

    def finish(self, *, revision: str, version: str, database: str, written_at: datetime) -> Manifest:
        """Write what the file holds; its end is written when it is closed."""
        manifest = Manifest(
            schema_revision=revision,
            gatehouse=version,
            database=database,
            written_at=written_at,
            tables=tuple(self._entries),
        )
        self._zip.writestr(_MANIFEST, manifest.model_dump_json(indent=1) + "\n")
        return manifest


class Archive:
    """A file that is open to be read. Made by :func:`opened`."""

    def __init__(self, path: Path, file: ZipFile) -> None:
        self.path = path
        self._zip = file
        with self._damage():
            self.manifest = _manifest(path, json.loads(file.read(_MANIFEST)))

    def rows(self, entry: TableEntry, told: Told = silent) -> Iterator[dict[str, Any]]:
        """Yield a table's rows.

        Raises:
            InvalidRequest: at the end at the latest, if these are not the rows that were written.
        """
        tally, shape = Tally(), entry.shape
        with self._damage(), self._zip.open(_member(entry.name)) as member:
            for line in _counted((line.rstrip(b"\n") for line in member), f"reading {entry.name}", told):
                tally.add(line)
                yield shape.row(line)
            if not entry.agrees(tally):
                raise self._damaged(f"{entry.name} does not hold the {entry.rows} rows that were written")

    def check(self, told: Told = silent) -> None:
        """Read all of it.

        Raises:
            InvalidRequest: something is not as it was written.
        """
        for entry in self.manifest.tables:
            for _ in self.rows(entry, told):
                pass

    def _damaged(self, fact: str) -> InvalidRequest:
        return InvalidRequest(f"{self.path} is damaged: {fact}. Nothing of it was taken; use another copy.")

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except (BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError) as error:
            raise self._damaged(str(error).strip("'\"") or type(error).__name__) from error


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a backup.

    Raises:
        InvalidRequest: it cannot be read, is none, is damaged, or was written by a later version.
    """
    try:
        file = ZipFile(path)
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror or error}.") from error
    except BadZipFile as error:
        raise InvalidRequest(
            f"{path} is no backup of a ledger, or it was cut short: {error}. Nothing of it was taken; use another copy."
        ) from error
    with file:
        yield Archive(path, file)


def _manifest(path: Path, told: Any) -> Manifest:
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise InvalidRequest(f"{path} is no backup of a ledger. Name a file that `gatehouse backup` wrote.")
    if told.get("format_version") != FORMAT_VERSION:
        raise InvalidRequest(
            f"{path} is in format {told.get('format_version')}, and this version reads format {FORMAT_VERSION}. "
            f"Use Gatehouse {told.get('gatehouse')}, which wrote it."
        )
    try:
        return Manifest.model_validate(told)
    except ValidationError as error:
        raise ValueError(f"its manifest is wrong at {error.errors()[0]['loc']}") from error


def _member(table: str) -> str:
    return f"{table}.jsonl"


def _counted(lines: Iterator[bytes], what: str, told: Told) -> Iterator[bytes]:
    count = 0
    for count, line in enumerate(lines, 1):
        yield line
        if count % _EVERY == 0:
            told(what, count)
    told(what, count)
