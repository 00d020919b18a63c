"""``gatehouse backup``, ``restore``, ``move``, ``usage verify``: one sentence for each outcome, and its exit code."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from hub_ext.cli.backup import BackupCommand, MoveCommand, RestoreCommand
from hub_ext.cli.main import Gatehouse, main
from hub_ext.cli.verify import UsageCommand, VerifyCommand
from hub_ext.contract.usage import EventType
from hub_ext.usage import leases, ledger
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.usage.samples import NOON, cluster_lease, event


def run(*words: str) -> int:
    """Run the command line in this process; return its exit code."""
    for command in (Gatehouse, BackupCommand, RestoreCommand, MoveCommand, UsageCommand, VerifyCommand):
        command.clear_instance()  # traitlets keeps one of each for the process
    try:
        main([*words])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a ledger in which one worker ran for a minute."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    database = Database(url)
    database.migrate()
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        ledger.record(connection, [event("w", EventType.started, 0), event("w", EventType.ended, 60)], NOON)
    database.close()
    return url


def test_backup_and_restore(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each says what it holds, on one line, and nothing on standard error where nobody looks."""
    file, copy = f"{tmp_path}/ledger.backup", f"sqlite:///{tmp_path}/copy.sqlite"
    codes = [run("backup", file, "--database", url), run("restore", file, f"--database={copy}")]
    out, err = capsys.readouterr()
    written, restored = out.splitlines()

    assert (codes, err) == ([0, 0], "")
    assert written.startswith(f"{file} holds 7 rows of ")
    assert written.endswith("; it was read again and is whole")
    assert restored.startswith("restored 7 rows of ")
    assert run("usage", "verify", "--database", copy) == 0


def test_move(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The new database can be used, and the sentence says how to go on."""
    copy = f"sqlite:///{tmp_path}/copy.sqlite"
    assert run("move", "--from", url, "--to", copy) == 0
    assert capsys.readouterr().out.endswith("every row was compared. Start the service with the new address\n")
    assert run("usage", "verify", "--database", copy) == 0


def test_progress_is_shown_where_somebody_looks(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal one line tells the table and its rows, and is taken away at the end."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run("backup", f"{tmp_path}/ledger.backup", "--database", url) == 0
    err = capsys.readouterr().err
    assert "\r\033[Kwriting events, 2 rows" in err
    assert err.endswith("\r\033[K")


def test_verify_and_repair(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A difference is a line and exit code 1; repaired, it is told once more and gone."""
    database = Database(url)
    with database.write() as connection:
        connection.execute(text("UPDATE group_days SET ticks = 2 * ticks"))
    database.close()
    codes = [run("usage", "verify", *more, f"--database={url}") for more in ((), ("--repair",), ())]
    out, err = capsys.readouterr()
    difference, again, repaired, good = out.splitlines()

    assert codes == [1, 0, 0]
    assert difference == again
    assert difference.startswith("the sum of group research on 2026-11-20 at rate ")
    assert difference.endswith(" is 0:02:00, and 0:01:00 were counted")
    assert err == "differences: 1; count the daily sums anew with --repair\n"
    assert repaired == "differences: 1; the daily sums were counted anew"
    assert good == "the daily sums agree with the intervals"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("backup",), 2, "gatehouse backup: one file is needed, 0 are named"),
        (("backup", "a", "b"), 2, "gatehouse backup: one file is needed, 2 are named"),
        (("backup", "a", "--forc"), 2, "gatehouse backup: there is no option '--forc'; did you mean '--force'?"),
        (("backup", "a", "--database", "nonsense"), 1, "gatehouse backup: 'nonsense' is no address of a ledger."),
        (
            ("backup", "a", "--database", "sqlite:////nowhere/x"),
            1,
            "gatehouse backup: /nowhere/x cannot be read: No such",
        ),
        (
            ("backup", "a", "--database", f"sqlite:///{__file__}"),
            1,
            f"gatehouse backup: {__file__} is no SQLite database",
        ),
        (("restore", "a"), 2, "gatehouse restore: name the empty database with --database"),
        (
            ("restore", "/nowhere/a", "--database", "sqlite:////x"),
            1,
            "gatehouse restore: /nowhere/a cannot be read: No",
        ),
        (("move", "--from", "sqlite:////x"), 2, "gatehouse move: name both databases"),
        (("move", "--from", "sqlite:////x", "--to", "sqlite:////x"), 1, "gatehouse move: Both addresses are the same."),
        (("usage", "verfy"), 2, "gatehouse usage: there is no subcommand 'verfy'; did you mean 'verify'?"),
        (("usage", "verify", "a"), 2, "gatehouse usage verify: it takes no file"),
    ],
    ids=lambda given: " ".join(given)[:40].replace("/", "_") if isinstance(given, tuple) else "",
)
def test_what_goes_wrong_is_one_sentence(
    words: tuple[str, ...], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong command line ends with 2, anything else with 1; neither with a traceback."""
    assert run(*words) == code
    assert capsys.readouterr().err.startswith(sentence)


def test_a_database_that_does_not_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that is away is one sentence with its reason code."""
    address = "postgresql+psycopg://nobody@127.0.0.1:9/nowhere"
    assert run("backup", f"{tmp_path}/a.backup", "--database", address) == 1
    assert capsys.readouterr().err.endswith("[service_unavailable]\n")
    assert list(tmp_path.iterdir()) == []
