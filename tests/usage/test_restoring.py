"""What cannot be restored is one sentence, and nothing of it is written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from hub_ext.contract.errors import InvalidRequest
from hub_ext.usage import decisions
from hub_ext.usage.backup import back_up
from hub_ext.usage.database import Database
from hub_ext.usage.restoring import restore
from tests.support.postgres import Postgres
from tests.usage.samples import NOON, use


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])


def _flipped(file: Path) -> None:
    with ZipFile(file) as archive:
        found = archive.getinfo("events.jsonl")
    content = bytearray(file.read_bytes())
    content[found.header_offset + 100] ^= 0xFF  # behind the header and the name
    file.write_bytes(content)


def _rewritten(file: Path, change: Callable[[str, bytes], bytes]) -> None:
    with ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with ZipFile(file, "w") as new:
        for name, content in members.items():
            new.writestr(name, change(name, content))


def _changed_row(file: Path) -> None:
    _rewritten(
        file, lambda name, content: content.replace(b'"w1"', b'"w9"') if name.startswith("intervals") else content
    )


def _lost_row(file: Path) -> None:
    _rewritten(
        file,
        lambda name, content: b"".join(content.splitlines(keepends=True)[1:]) if name.startswith("events") else content,
    )


def _manifest(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def changed(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        manifest = json.loads(content)
        change(manifest)
        return json.dumps(manifest).encode()

    return lambda file: _rewritten(file, changed)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        pytest.param(_cut, "was cut short", id="cut"),
        pytest.param(_flipped, "is damaged", id="a flipped byte"),
        pytest.param(_changed_row, "intervals does not hold the 3 rows", id="a changed row"),
        pytest.param(_lost_row, "events does not hold the 6 rows", id="a lost row"),
        pytest.param(_manifest(lambda one: one.pop("tables")), "manifest is wrong at", id="a manifest without tables"),
        pytest.param(_manifest(lambda one: one["tables"].pop()), "holds other tables", id="a table less"),
        pytest.param(
            _manifest(lambda one: one.update(schema_revision="9999")), "schema 9999, which", id="newer schema"
        ),
        pytest.param(_manifest(lambda one: one.update(format_version=9)), "reads format 1", id="newer format"),
        pytest.param(_manifest(lambda one: one.update(format="x")), "is no backup of a ledger", id="another zip"),
        pytest.param(lambda file: file.write_text("hello"), "is no backup of a ledger", id="a text"),
        pytest.param(lambda file: file.unlink(), "cannot be read: No such file", id="no file"),
    ],
)
def test_a_wrong_file_is_one_sentence_and_nothing_is_written(
    database: Database, fresh: Callable[[], str], tmp_path: Path, harm: Callable[[Path], Any], sentence: str
) -> None:
    """Nothing of a damaged, cut or foreign file arrives; the good copy then goes into the same database."""
    use(database)
    file, good = tmp_path / "ledger.backup", tmp_path / "good.backup"
    back_up(database, file)
    good.write_bytes(file.read_bytes())
    harm(file)
    url = fresh()
    with pytest.raises(InvalidRequest, match=sentence) as told:
        restore(file, url)
    assert "\n" not in told.value.message
    assert not list(tmp_path.glob("fresh*"))
    restore(good, url)


def test_only_an_empty_database_is_restored_into(database: Database, fresh: Callable[[], str], tmp_path: Path) -> None:
    """A ledger that is there is not touched; nor is an SQLite file whose log was left behind taken for a new one."""
    use(database)
    back_up(database, tmp_path / "ledger.backup")
    url = fresh()
    restore(tmp_path / "ledger.backup", url)
    with pytest.raises(InvalidRequest, match=r"is there already|is not empty"):
        restore(tmp_path / "ledger.backup", url)
    if database.is_sqlite:
        (tmp_path / "left.sqlite-wal").write_text("of another database")
        with pytest.raises(InvalidRequest, match=r"left\.sqlite-wal is there already"):
            restore(tmp_path / "ledger.backup", f"sqlite:///{tmp_path}/left.sqlite")


def test_what_does_not_fit_is_one_sentence(sqlite: Database, postgres: Postgres, tmp_path: Path) -> None:
    """SQLite keeps names of any length, PostgreSQL does not; nothing is restored, and the sentence says which table."""
    with sqlite.write() as connection:
        decisions.note(connection, actor="a" * 300, action="stop", target="x", text="", now=NOON)
    back_up(sqlite, tmp_path / "ledger.backup")
    url = postgres.new()
    with pytest.raises(InvalidRequest, match=r"A row of audit does not fit into this database: value too long"):
        restore(tmp_path / "ledger.backup", url)
    target = Database(url)
    with pytest.raises(InvalidRequest, match="holds no ledger"):
        back_up(target, tmp_path / "target.backup")
    target.close()
