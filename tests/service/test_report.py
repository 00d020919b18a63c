"""Reports of the real service, on both databases: figures, files for controllers, closing a month, refusals."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from hub_ext.cost.focus import COLUMNS, COLUMNS_1_3, OWN_COLUMNS
from tests.service.test_doors import ask, bind, event, release
from tests.service.waiting import until
from tests.support.focus_validator import violations
from tests.support.service import Service

pytestmark = pytest.mark.parametrize("ledger", ["sqlite", "postgresql"], indirect=True, scope="module")

NOW = datetime.now(UTC)
THIS_MONTH = (NOW - timedelta(hours=2)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
LAST_MONTH = (THIS_MONTH - timedelta(days=1)).replace(day=1)
FROM, TO = f"{LAST_MONTH:%Y-%m-%d}", f"{THIS_MONTH:%Y-%m-%d}"
SPAN = f"from={FROM}&to={TO}"
RECENT = f"from={TO}&to={NOW + timedelta(days=1):%Y-%m-%d}"
"""Since last month; it has been over for two hours at least."""


def ran(service: Service, profile: str, start: datetime, end: datetime | None, *, user: str = "alice") -> str:
    """Let something run from start to end; return its lease."""
    lease: str = ask(service, profile, {"name": user, "groups": ["/research", "/gpu"]}).json["lease"]["id"]
    kind = "scheduler" if profile == "standard" else "server"
    bind(service, lease, f"c-{uuid4().hex[:8]}" if profile == "standard" else f"{user}/")
    tell(service, lease, lease, kind, start, end)
    if profile == "standard":
        tell(service, lease, f"{lease}-w1", "worker", start + timedelta(seconds=2.5), end)
    release(service, lease)
    return lease


def tell(  # noqa: PLR0917 - an event and its two times
    service: Service, lease: str, unit: str, kind: str, start: datetime | None, end: datetime | None
) -> None:
    """Report the events of a unit."""
    happened = [("started", start), ("ended", end)]
    events = [event(lease, unit, kind, type_, at) for type_, at in happened if at is not None]
    assert service.door("POST", "api/v1/events", {"events": events}).status == 200


def report(service: Service, query: str, who: str = "adam") -> Any:
    """Return a report as JSON."""
    answer = service.as_(who, "GET", f"api/v1/admin/report?{query}")
    assert answer.status == 200, answer.json
    return answer.json


def file(service: Service, query: str) -> str:
    """Return a report as a file."""
    request = Request(  # noqa: S310 - our own service
        f"{service.url}api/v1/admin/report?{query}", headers={"Authorization": f"token {service.hub.token('adam')}"}
    )
    with urlopen(request, timeout=180) as answer:  # noqa: S310 - our own service
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        text: str = answer.read().decode()
    return text


def close(service: Service, who: str) -> subprocess.CompletedProcess[str]:
    """Close last month with the command."""
    return subprocess.run(
        [sys.executable, "-m", "hub_ext.cli.main", "report", "close", f"{LAST_MONTH:%Y-%m}", f"--url={service.url}"],
        env={**os.environ, "JUPYTERHUB_API_TOKEN": service.hub.token(who)},
        capture_output=True,
        text=True,
        check=False,
    )


def cost(found: Any) -> Decimal:
    """Return the only total of a report."""
    [total] = found["totals"]
    return Decimal(total["cost"])


@pytest.fixture(scope="module")
def month(service: Service) -> Service:
    """The service after two people's work of last month, some of it over its end."""
    ran(service, "small", LAST_MONTH + timedelta(days=3), LAST_MONTH + timedelta(days=3, hours=1))
    ran(service, "small", LAST_MONTH + timedelta(days=3), LAST_MONTH + timedelta(days=4, minutes=30), user="dan")
    ran(service, "standard", LAST_MONTH + timedelta(days=5), LAST_MONTH + timedelta(days=5, minutes=7, seconds=1.25))
    ran(service, "standard", THIS_MONTH - timedelta(hours=1.5), THIS_MONTH + timedelta(seconds=30))
    return service


def test_every_grouping_has_the_same_total(month: Service) -> None:
    """Lines by person, group, profile, cluster and day, and all of them at once, add up to one total."""
    names = ("", "user", "group", "profile", "cluster", "day", "day,user,group,profile,cluster")
    found = [report(month, f"{SPAN}&by={by}") for by in names]

    assert len({cost(one) for one in found}) == 1
    assert cost(found[0]) > 0
    for one in found:
        assert sum(Decimal(line["cost"]) for line in one["lines"]) == cost(one)
    assert [line["user"] for line in found[1]["lines"]] == ["alice", "dan"]
    assert found[5]["lines"][0]["day"] == f"{LAST_MONTH + timedelta(days=3):%Y-%m-%d}"
    assert report(month, f"{SPAN}&by=user&user=dan")["lines"] == [found[1]["lines"][1]]
    assert report(month, f"{SPAN}&group=analysts")["lines"] == []


def test_the_ledger_page_and_the_report_agree(month: Service) -> None:
    """The page's total, told interval by interval, is within a step of the grid for each of its rows."""
    page = month.as_("adam", "GET", f"api/v1/admin/ledger?month={LAST_MONTH:%Y-%m}").json

    assert abs(Decimal(page["total"]) - cost(report(month, SPAN))) <= len(page["rows"]) * Decimal("1E-15")


def test_csv_is_the_same_report(month: Service) -> None:
    """The CSV file has the lines of the JSON."""
    rows = list(csv.DictReader(io.StringIO(file(month, f"{SPAN}&by=day,user&format=csv"))))
    lines = report(month, f"{SPAN}&by=day,user")["lines"]

    assert [(row["day"], row["user"], row["cost"]) for row in rows] == [
        (line["day"], line["user"], line["cost"]) for line in lines
    ]


def test_the_published_validator_accepts_the_focus_export(month: Service, tmp_path: Path) -> None:
    """The FOCUS 1.2 file has no violation, its rows add up to the report, and the validator can say no."""
    text = file(month, f"{SPAN}&format=focus")
    rows = list(csv.DictReader(io.StringIO(text)))
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(text)
    with bad.open("w", newline="") as out:
        broken = csv.DictWriter(out, list(rows[0]))
        broken.writeheader()
        broken.writerows({**row, "ContractedUnitPrice": "9", "ServiceCategory": "Tips"} for row in rows)

    assert tuple(rows[0]) == (*COLUMNS, *OWN_COLUMNS)
    assert len(COLUMNS) == 57
    assert sum(Decimal(row["BilledCost"]) for row in rows) == cost(report(month, SPAN))
    assert violations(good) == []
    told = violations(bad)
    assert {rule.split("-")[0] for rule in told} >= {"ContractedUnitPrice", "ServiceCategory"}


def test_focus_1_3_names_service_provider_and_host(month: Service) -> None:
    """The two provider columns of 1.3 come after those of 1.2 and before ours."""
    head = file(month, f"{SPAN}&format=focus&focus_version=1.3").splitlines()[0].split(",")
    assert head == [*COLUMNS, *COLUMNS_1_3, *OWN_COLUMNS]


def test_gatehouse_report_tells_the_same(month: Service, ledger: str, policy: Path) -> None:
    """The command reads the service's database: its totals, its CSV and its FOCUS rows are those of the API."""
    database = ledger or f"sqlite:///{month.directory}/ledger.sqlite"

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "hub_ext.cli.main", "report", f"--database={database}", f"--policy={policy}"]
        done = subprocess.run(
            [*command, f"--from={FROM}", f"--to={TO}", *words],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ,
        )
        assert done.stderr == ""
        return done.stdout

    told = json.loads(run("--format=json", "--by=user,day"))
    asked = report(month, f"{SPAN}&by=user,day")
    assert (told["lines"], told["totals"]) == (asked["lines"], asked["totals"])
    assert run("--format=csv", "--by=user,day") == file(month, f"{SPAN}&by=user,day&format=csv").replace("\r\n", "\n")
    assert run("--format=focus") == file(month, f"{SPAN}&format=focus").replace("\r\n", "\n")
    assert f"{cost(asked):,.2f}" in run("--by=user").splitlines()[-1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=yesterday", "from is 'yesterday', which is no day; write 2026-11-01."),
        (f"from={TO}&to={FROM}", "before it begins"),
        ("by=team", "Nothing is reported by 'team'; take some of day, group, user, profile, cluster."),
        ("format=xml", "There is no format 'xml'; take one of json, csv, focus."),
        ("format=focus&focus_version=0.9", "There is no FOCUS 0.9 here; take 1.2 or 1.3."),
    ],
    ids=["no day", "backwards", "no key", "no format", "no version"],
)
def test_wrong_words_are_explained(month: Service, query: str, words: str) -> None:
    """Each mistake is one sentence with its remedy."""
    answer = month.as_("adam", "GET", f"api/v1/admin/report?{query}")
    assert (answer.status, answer.json["error"]["reason"]) == (422, "invalid_request")
    assert words in answer.json["error"]["message"]


def test_reports_and_closing_need_their_rights(month: Service) -> None:
    """Alice reads no report, and nobody closes a month without the right to budgets."""
    assert month.as_("alice", "GET", f"api/v1/admin/report?{SPAN}").status == 403
    body = {"month": f"{LAST_MONTH:%Y-%m}"}
    assert month.as_("alice", "POST", "api/v1/admin/report/close", body).status == 403
    running = month.as_("adam", "POST", "api/v1/admin/report/close", {"month": f"{NOW:%Y-%m}"})
    assert (running.status, running.json["error"]["reason"]) == (422, "invalid_request")
    assert "can be closed from" in running.json["error"]["message"]


def test_a_change_of_currency_is_never_added_up(month: Service, policy: Path) -> None:
    """With prices in EUR from this month on a report has two totals, and budgets and running cost are in EUR alone."""
    rules = policy.read_text()
    entry = f"core_hour: 3.6, gib_hour: 0}}\n  - {{from: {TO}, currency: EUR, core_hour: 1}}"
    policy.write_text(rules.replace("core_hour: 3.6, gib_hour: 0}", entry))
    until(lambda: month.as_("alice", "GET", "api/v1/account").json["currency"] == "EUR")
    both = report(month, f"from={FROM}&to={NOW + timedelta(days=1):%Y-%m-%d}&by=user")
    account = month.as_("alice", "GET", "api/v1/account").json
    rows = list(csv.DictReader(io.StringIO(file(month, f"{RECENT}&format=focus"))))
    policy.write_text(rules)
    until(lambda: month.as_("alice", "GET", "api/v1/account").json["currency"] == "USD")

    minute = Decimal(60) / 3600  # scheduler and worker ran 30 s into this month
    tiny = Decimal("1E-12")
    assert [one["currency"] for one in both["totals"]] == ["EUR", "USD"]
    assert abs(Decimal(both["totals"][0]["cost"]) - minute) < tiny
    assert Decimal(both["totals"][1]["cost"]) == cost(report(month, SPAN))
    assert abs(max(Decimal(one["cost"]) for one in account["clusters"]) - minute) < tiny
    assert {row["BillingCurrency"] for row in rows} == {"EUR"}


def test_a_closed_month_stays_and_what_is_found_is_a_row_of_this_month(
    month: Service, policy: Path, tmp_path: Path
) -> None:
    """After closing, neither a start that was reported late nor an edited price changes last month's report.

    What was found is a row of this month, at last month's price.
    """
    late = ran(month, "small", THIS_MONTH - timedelta(hours=3), None, user="eve")
    tell(month, late, late, "server", None, THIS_MONTH - timedelta(hours=1))
    before, before_now = report(month, f"{SPAN}&by=user"), report(month, f"{RECENT}&by=user")
    alices, adams = (close(month, who) for who in ("alice", "adam"))
    assert (alices.returncode, alices.stdout, "[forbidden]" in alices.stderr) == (1, "", True)
    assert (adams.returncode, adams.stderr) == (0, "")
    assert adams.stdout.startswith(f"{LAST_MONTH:%Y-%m} is closed since {datetime.now(UTC):%Y-}")
    assert "by adam; its report stays." in adams.stdout
    earlier = event(late, late, "server", "started", THIS_MONTH - timedelta(hours=4)) | {"id": f"{late}-earlier"}
    assert month.door("POST", "api/v1/events", {"events": [earlier]}).status == 200

    after, after_now = report(month, f"{SPAN}&by=user"), report(month, f"{RECENT}&by=user")
    assert after["lines"] == before["lines"]
    rules = policy.read_text()
    policy.write_text(rules.replace("core_hour: 3.6", "core_hour: 7.2"))
    until(lambda: cost(report(month, RECENT)) == cost(after_now) * 2 - Decimal("3.6"))
    assert report(month, f"{SPAN}&by=user")["lines"] == before["lines"]
    policy.write_text(rules)
    until(lambda: cost(report(month, RECENT)) == cost(after_now))
    assert after["closed"] == [f"{LAST_MONTH:%Y-%m}"]
    [line] = [line for line in after_now["lines"] if line["user"] == "eve"]
    assert (Decimal(line["cost"]), Decimal(line["corrections"])) == (Decimal("3.6"), Decimal("3.6"))
    assert cost(after_now) == (cost(before_now) if before_now["totals"] else 0) + Decimal("3.6")

    rows = list(csv.DictReader(io.StringIO(file(month, f"{RECENT}&format=focus"))))
    [row] = [row for row in rows if row["ChargeClass"] == "Correction"]
    assert (row["BilledCost"], row["x_User"], row["x_CorrectedMonth"]) == ("3.6", "eve", f"{LAST_MONTH:%Y-%m}")
    assert row["ChargePeriodStart"] == f"{THIS_MONTH - timedelta(hours=4):%Y-%m-%dT%H:%M:%SZ}"
    assert row["BillingPeriodStart"] == f"{datetime.now(UTC):%Y-%m-01T00:00:00Z}"
    closed = list(csv.DictReader(io.StringIO(file(month, f"{SPAN}&format=focus"))))
    assert sum(Decimal(one["BilledCost"]) for one in closed) == cost(before)
    export = tmp_path / "corrected.csv"
    export.write_text(file(month, f"{RECENT}&format=focus"))
    assert violations(export) == []
