"""Hub, gateway and service are killed again and again; afterwards the ledger equals what the system saw.

The seed is printed; ``GATEHOUSE_CHAOS_SEED`` repeats one. ``GATEHOUSE_CHAOS_INTERVALS`` makes the run longer, and
``GATEHOUSE_CHAOS_DATABASE=postgresql`` takes the other database.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.load import Load, kill_programs
from tests.chaos.stage import PEOPLE, Ran, Stage, running_stage, seconds
from tests.support.gatehouse_hub import wait_for
from tests.support.postgres import Postgres

INTERVALS = int(os.environ.get("GATEHOUSE_CHAOS_INTERVALS", "300"))
NEVER_RAN = 0.5
"""Longest interval, in seconds, of a process that was ended before its program came to its first line."""


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The ledger's address."""
    if os.environ.get("GATEHOUSE_CHAOS_DATABASE", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new()


def test_the_ledger_equals_the_truth_whoever_is_killed(tmp_path: Path, database: str) -> None:
    """Nothing is missing and nothing is there twice; each interval is right to a second, the sum to a thousandth."""
    seed = int(os.environ.get("GATEHOUSE_CHAOS_SEED", random.randrange(10**6)))  # noqa: S311 - chance to repeat
    print(f"\nGATEHOUSE_CHAOS_SEED={seed}")  # noqa: T201 - whoever repeats a run needs it
    with running_stage(tmp_path, database) as stage:
        load = Load(stage, seed)
        load.start()
        killed = kill_programs(stage, lambda: len(stage.ran()) >= INTERVALS, seed, patience=INTERVALS * 2)
        load.finish()
        _end_everything(stage)
        rows = _settled(stage)
        truth = {one.unit: one for one in stage.ran()}
        print(f"killed {dict(Counter(killed))}, ran {dict(Counter(one.kind for one in truth.values()))}")  # noqa: T201 - as above
        _compare(rows, truth)
        assert not list((tmp_path / "hub" / "data" / "units").glob("*.unit"))
        assert not list((tmp_path / "gateway" / "data" / "units").glob("*.unit"))


def _end_everything(stage: Stage) -> None:
    """Stop every server and cluster, as people do, and wait until nothing runs."""

    def quiet() -> bool:
        for person in PEOPLE:
            stage.hub.api("DELETE", f"users/{person}/server")
            clusters = stage.gateway.call("GET", "/api/v1/clusters/", token=stage.tokens[person]).body
            for name in clusters:
                stage.gateway.delete(name, stage.tokens[person])
        time.sleep(0.5)
        return all(one.ended is not None for one in stage.ran())

    wait_for(quiet, "everything to end", lambda: [one for one in stage.ran() if one.ended is None], within=90)


def _settled(stage: Stage) -> list[dict[str, Any]]:
    """Return the ledger once every report has arrived."""
    rows: list[dict[str, Any]] = []

    def whole() -> bool:
        rows[:] = stage.service.ledger(stage.tokens["adam"])
        known = {row["unit"] for row in rows if row["ended_at"]}
        return all(row["ended_at"] for row in rows) and {one.unit for one in stage.ran()} <= known

    def missing() -> Any:
        known = {row["unit"]: row["ended_at"] for row in rows}
        return [one for one in stage.ran() if not known.get(one.unit)], [row for row in rows if not row["ended_at"]]

    wait_for(whole, "the ledger to be whole", missing, within=60)
    return rows


def _compare(rows: list[dict[str, Any]], truth: dict[str, Ran]) -> None:
    ledger = {row["unit"]: row for row in rows}
    assert len(ledger) == len(rows), "a unit is in the ledger twice"
    wrong: list[tuple[Any, ...]] = []
    spent = real = 0.0
    for unit, row in ledger.items():
        started, ended = seconds(row["started_at"]), seconds(row["ended_at"])
        spent += ended - started
        one = truth.get(unit)
        if one is None:
            if ended - started > NEVER_RAN:
                wrong.append((unit, "never ran", ended - started))
            continue
        assert one.ended is not None
        real += one.ended - one.started
        if abs(started - one.started) > 1 or abs(ended - one.ended) > 1:
            wrong.append((unit, one.kind, started - one.started, ended - one.ended, row["source"]))
    sources = dict(Counter(row["source"] for row in rows))
    print(f"{len(truth)} intervals of {real:.1f} s, charged {spent:.1f} s; {sources}")  # noqa: T201 - as above
    assert wrong == []
    assert {row["source"] for row in rows} == {"exact"}
    assert set(truth) <= set(ledger)
    assert abs(spent - real) <= real / 1000
