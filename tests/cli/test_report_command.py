"""``gatehouse report`` as a command: its table, and one sentence with an exit code for what cannot be reported."""

from pathlib import Path

import pytest

from hub_ext.cli.closing import CloseCommand
from hub_ext.cli.main import Gatehouse, main
from hub_ext.cli.report import ReportCommand, table
from hub_ext.contract.errors import Unavailable
from hub_ext.contract.report import By
from hub_ext.usage.database import Database
from tests.cost.samples import interval
from tests.cost.test_reporting import report

POLICY = Path(__file__).parents[1] / "policies" / "minimal.yaml"


def run(*words: str) -> int:
    """Run the command line in this process; return its exit code."""
    for command in (Gatehouse, ReportCommand, CloseCommand):
        command.clear_instance()  # traitlets keeps one of each for the process
    try:
        main(["report", *words])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    """The address of an empty ledger."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    database = Database(url)
    database.migrate()
    database.close()
    return url


def test_a_table_is_aligned_and_has_totals() -> None:
    """Words stand left, figures right, and the totals below the lines."""
    found = report(
        [interval("9 12:00", "9 13:30"), interval("9 22:00", "10 12:00", user="bob-the-builder")], (By.day, By.user)
    )

    assert list(table(found)) == [
        "day         user             hours  core-hours  cost",
        "----------  ---------------  -----  ----------  ----  ---",
        "2026-11-09  alice             1.50        1.50  0.06  USD",
        "2026-11-09  bob-the-builder   2.00        2.00  0.08  USD",
        "2026-11-10  bob-the-builder  12.00       12.00  0.72  USD",
        "----------  ---------------  -----  ----------  ----  ---",
        "total                        15.50       15.50  0.86  USD",
    ]


def test_nothing_is_said_so(ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A report of nothing is its head and a sentence; it goes into a file where one is named."""
    assert run(f"--database={ledger}", f"--policy={POLICY}", "--from=2026-10-01") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Nothing ran."
    file = Path(ledger.removeprefix("sqlite:///")).with_name("report.csv")
    assert run(f"--database={ledger}", f"--policy={POLICY}", "--format=csv", f"--output={file}") == 0
    assert file.read_text() == "group,currency,seconds,core_seconds,cost,corrections\n"
    assert capsys.readouterr().out == ""


def test_nothing_is_written_into_the_database(ledger: str) -> None:
    """A database that is opened for reading refuses to be written."""
    database = Database(ledger, read_only=True)
    with pytest.raises(Unavailable), database.write() as connection:
        connection.exec_driver_sql("insert into closed_months values ('2026-10', '2026-11-01', 'x', '[]')")
    database.close()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--from=soon"], 2, "gatehouse report: from is 'soon', which is no day; write 2026-11-01."),
        (["--from=2026-11-02", "--to=2026-11-01"], 2, "before it begins"),
        (["--by=team"], 2, "Nothing is reported by 'team'"),
        (["--format=xml"], 2, "there is no format 'xml'; there is table, json, csv, focus"),
        (["--format=focus", "--focus-version=1"], 2, "There is no FOCUS 1 here"),
        (["--form=csv"], 2, "there is no option '--form'; did you mean '--format'?"),
        (["november"], 2, "there is no subcommand 'november'"),
        (["--database=sqlite:///nowhere.sqlite"], 1, "there is no database nowhere.sqlite; name the service's with"),
        (["--database=nonsense"], 1, "the address of the database cannot be read"),
        (["--policy=nowhere.yaml"], 1, "The policy file nowhere.yaml cannot be read"),
        (["--output=/nowhere/report"], 1, "/nowhere/report: No such file or directory"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_what_cannot_be_reported_is_one_sentence(
    ledger: str, words: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 for a wrong command line, 1 for what is not there; no traceback."""
    given = [f"--{word.split('=')[0].strip('-')}" for word in words]
    usual = [f"--database={ledger}", f"--policy={POLICY}"]
    assert run(*words, *(word for word in usual if word.split("=")[0] not in given)) == code
    out, err = capsys.readouterr()
    assert told in err
    assert (out, "Traceback" in err) == ("", False)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "one month is needed, such as 2026-10; 0 are named"),
        (["2026-10"], 2, "name the service with --url"),
        (["2026-10", "--url=http://127.0.0.1:9/"], 1, "http://127.0.0.1:9/ does not answer"),
    ],
    ids=["no month", "no address", "nobody there"],
)
def test_closing_says_what_it_needs(
    words: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A month cannot be closed without its name, the service's address and somebody who answers there."""
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "t")
    assert run("close", *words) == code
    assert told in capsys.readouterr().err


def test_another_schema_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A database of an earlier version is not read half."""
    url = f"sqlite:///{tmp_path}/old.sqlite"
    database = Database(url)
    database.migrate("0003")
    database.close()
    assert run(f"--database={url}", f"--policy={POLICY}") == 1
    assert "start the service once" in capsys.readouterr().err


def test_the_services_configuration_says_where_everything_is(
    ledger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the service's own configuration file nothing else needs to be named."""
    config = tmp_path / "gatehouse_config.py"
    config.write_text(
        f"c.GatehouseService.database_url = {ledger!r}\nc.GatehouseService.policy_file = {str(POLICY)!r}\n"
    )
    assert run(f"--config={config}") == 0
    assert "Nothing ran." in capsys.readouterr().out
