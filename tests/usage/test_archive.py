"""Backup and restore: what comes back is what was there, on either database, or nothing at all."""

import json
import os
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.usage import EventType
from hub_ext.usage import copying, decisions, leases, ledger
from hub_ext.usage.archive import FORMAT_VERSION, Manifest, opened
from hub_ext.usage.backup import back_up
from hub_ext.usage.checking import verify
from hub_ext.usage.copying import kind_of
from hub_ext.usage.database import Database
from hub_ext.usage.moving import move
from hub_ext.usage.restoring import restore
from hub_ext.usage.schema import revisions
from hub_ext.usage.tables import metadata
from tests.support.postgres import Postgres
from tests.usage.edge_rows import Rows, edge_rows, put
from tests.usage.grown import grow
from tests.usage.samples import NOON, event, use


def _content(manifest: Manifest) -> dict[str, Any]:
    return {entry.name: (entry.columns, entry.rows, entry.checksum) for entry in manifest.tables}


def _values(database: Database) -> dict[str, list[str]]:
    """Return table -> rows, as the ledger reads them and not as they are copied."""
    with database.read() as connection:
        return {table.name: sorted(map(repr, connection.execute(table.select()))) for table in metadata.sorted_tables}


@settings(max_examples=8, phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # shrinking takes minutes
@given(rows=edge_rows())
def test_every_value_comes_back(rows: Rows, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> None:
    """From SQLite to PostgreSQL and back again: three ledgers with the same values, three backups with one checksum."""
    base = tmp_path_factory.mktemp("round")
    urls = (f"sqlite:///{base}/first.sqlite", postgres.new(), f"sqlite:///{base}/last.sqlite")
    manifests, values = [], []
    for number, url in enumerate(urls):
        database = Database(url)
        if number == 0:
            database.migrate()
            with database.write() as connection:
                put(connection, rows)
        else:
            restore(base / f"{number - 1}.backup", url)
        manifests.append(back_up(database, base / f"{number}.backup"))
        values.append(_values(database))
        database.close()

    first, *others = [_content(manifest) for manifest in manifests]
    assert others == [first, first]
    assert values[1:] == [values[0], values[0]]
    assert {name: count for name, (_, count, _) in first.items() if name in rows} == {
        name: len(those) for name, those in rows.items()
    }


def test_every_column_can_be_copied() -> None:
    """A column of a new type must be added to hub_ext/usage/copying.py, with an exact way to write it."""
    for table in metadata.tables.values():
        for column in table.columns:
            kind_of(column.type)


@pytest.mark.parametrize("revision", revisions())
def test_a_backup_of_each_schema_is_restored_at_this_version(tmp_path: Path, revision: str) -> None:
    """It is read at its own revision, and then carried over."""
    old = Database(f"sqlite:///{tmp_path}/old.sqlite")
    grow(old, revision)
    back_up(old, tmp_path / "old.backup")
    old.close()
    restore(tmp_path / "old.backup", f"sqlite:///{tmp_path}/new.sqlite")
    new = Database(f"sqlite:///{tmp_path}/new.sqlite")
    with new.read() as connection:
        assert "l-0001-cluster" in {record.lease.id for record in leases.active(connection)}
    assert verify(new) == []
    new.close()


def test_a_backup_is_of_one_moment_while_others_write(
    database: Database, fresh: Callable[[], str], tmp_path: Path
) -> None:
    """Reporters go on during ten backups; each has whole transactions only, so its sums agree, and nobody waits."""
    use(database)
    done = threading.Event()
    written = 0

    def report() -> None:
        nonlocal written
        while not done.is_set():
            with database.write() as connection:
                leases.hold(connection, {"l1"})
                life = [event(f"r{written}", kind, at) for kind, at in ((EventType.started, 0), (EventType.ended, 1))]
                ledger.record(connection, life, NOON)
            written += 1

    reporter = threading.Thread(target=report)
    reporter.start()
    seen: list[int] = []
    try:
        while len(seen) < 10 or seen[-1] < seen[0] + 2:  # some were written in between
            seen.append(written)
            manifest = back_up(database, tmp_path / "ledger.backup", replace=True)
    finally:
        done.set()
        reporter.join()
    rows = {entry.name: entry.rows for entry in manifest.tables}
    assert rows["events"] == 2 * rows["intervals"]
    url = fresh()
    restore(tmp_path / "ledger.backup", url)
    restored = Database(url)
    assert verify(restored) == []
    restored.close()


def test_a_restored_ledger_goes_on(database: Database, fresh: Callable[[], str], tmp_path: Path) -> None:
    """A line of the audit log gets the next number, and a repeated event is known."""
    with database.write() as connection:
        decisions.note(connection, actor="adam", action="stop", target="x", text="", now=NOON)
    use(database)
    back_up(database, tmp_path / "ledger.backup")
    url = fresh()
    restore(tmp_path / "ledger.backup", url)
    restored = Database(url)
    restored.migrate()
    with restored.write() as connection:
        decisions.note(connection, actor="adam", action="stop", target="y", text="", now=NOON)
        again = ledger.record(connection, [event("w0", EventType.started, 0)], NOON)
    restored.close()
    assert again == []


def test_no_table_is_ever_in_memory(
    database: Database, fresh: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifteen megabytes of events are written, read again and restored with a part of that."""
    monkeypatch.setattr(copying, "_AT_ONCE", 20)
    use(database, 1)
    many, text = 1_500, "x" * 10_000
    with database.write() as connection:
        connection.exec_driver_sql(
            f"""INSERT INTO events SELECT 'e' || n, 'w0', 'l1', 'worker', 'alive', '2026-11-20 12:00:00.000000',
            'exact', '{text}', '2026-11-20 12:00:00.000000'
            FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {many}) SELECT n FROM c) AS n
            """  # noqa: S608 - constants
        )
    tracemalloc.start()
    try:
        back_up(database, tmp_path / "ledger.backup")
        restore(tmp_path / "ledger.backup", fresh())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < many * len(text) / 2


def test_a_file_that_is_there_is_replaced_only_when_asked(sqlite: Database, tmp_path: Path) -> None:
    """Without --force the file stays as it is, and nothing is left beside it."""
    file = tmp_path / "ledger.backup"
    file.write_text("mine")
    with pytest.raises(InvalidRequest, match="is there already"):
        back_up(sqlite, file)
    assert file.read_text() == "mine"
    back_up(sqlite, file, replace=True)
    assert [path.name for path in tmp_path.glob("*backup*")] == ["ledger.backup"]
    assert file.stat().st_mode & 0o077 == 0


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """A database without a ledger gives one sentence and no file."""
    database = Database(f"sqlite:///{tmp_path}/empty.sqlite")
    with pytest.raises(InvalidRequest, match="holds no ledger"):
        back_up(database, tmp_path / "ledger.backup")
    database.close()
    assert list(tmp_path.glob("*backup*")) == []


def test_a_ledger_moves(database: Database, fresh: Callable[[], str], tmp_path: Path) -> None:
    """The new database holds what the old one holds."""
    use(database)
    url = fresh()
    moved = move(database, url)
    target = Database(url)
    assert _content(back_up(target, tmp_path / "target.backup")) == _content(moved)
    target.close()


def test_a_write_while_it_moves_is_noticed(database: Database, fresh: Callable[[], str]) -> None:
    """A service that still runs and writes something meanwhile is not left behind in silence."""
    use(database)

    def write_once(what: str, _rows: int) -> None:
        if what == "reading events":
            with database.write() as connection:
                decisions.note(connection, actor="adam", action="stop", target="late", text="", now=NOON)

    with pytest.raises(InvalidRequest, match="was written to while it was moved: audit"):
        move(database, fresh(), told=write_once)


def test_a_backup_is_read_again_before_it_counts(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a disk lost of it is noticed at once, and no file is there that somebody would rely on."""
    use(sqlite)

    def lose(handle: int) -> None:
        os.pwrite(handle, bytes(200), 300)

    monkeypatch.setattr(os, "fsync", lose)
    with pytest.raises(InvalidRequest, match="is damaged"):
        back_up(sqlite, tmp_path / "ledger.backup")
    assert list(tmp_path.glob("*backup*")) == []


def test_a_backup_can_be_read_without_us(sqlite: Database, tmp_path: Path) -> None:
    """It is a zip of JSON lines; decimals are strings and moments ISO 8601 in UTC."""
    use(sqlite, 1)
    back_up(sqlite, tmp_path / "ledger.backup")
    with ZipFile(tmp_path / "ledger.backup") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        [row] = [json.loads(line) for line in archive.read("intervals.jsonl").splitlines()]
    [columns] = [[name for name, _ in entry["columns"]] for entry in manifest["tables"] if entry["name"] == "intervals"]
    found = dict(zip(columns, row, strict=True))

    assert (manifest["format"], manifest["format_version"]) == ("gatehouse-ledger", FORMAT_VERSION)
    assert (found["unit"], found["cores"], found["ended_at"]) == ("w0", 2000, "2026-11-20T12:00:01.000000+00:00")
    with opened(tmp_path / "ledger.backup") as archive_:
        archive_.check()
