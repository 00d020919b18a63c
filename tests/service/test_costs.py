"""A person's own month on the real service, on both databases: lines, sums, months, and nothing of anybody else."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.service.test_doors import ask
from tests.service.test_report import LAST_MONTH, THIS_MONTH, ran
from tests.support.service import Service

pytestmark = pytest.mark.parametrize("ledger", ["sqlite", "postgresql"], indirect=True, scope="module")

MINUTE = 60_000_000


def costs(service: Service, month: str = "", who: str = "alice") -> Any:
    """Return somebody's month."""
    answer = service.as_(who, "GET", f"api/v1/costs?month={month}")
    assert answer.status == 200, answer.json
    return answer.json


@pytest.fixture(scope="module")
def month(service: Service) -> Service:
    """The service after two people's work of the last hours and of last month."""
    now = datetime.now(UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start = max(today, now - timedelta(hours=2))
    ran(service, "small", start, start + (now - start) / 2)
    cluster = ran(service, "standard", start, start + (now - start) / 3)
    ran(service, "small", start, now, user="dan")
    ran(service, "small", LAST_MONTH + timedelta(days=3), LAST_MONTH + timedelta(days=4, hours=1))
    used = {"unit": f"{cluster}-w1", "busy": 0, "idle": 1_000_000, "starting": 500_000, "cpu": 0, "memory_peak": 0}
    ref = next(c["id"] for c in service.as_("alice", "GET", "api/v1/account").json["clusters"] if c["lease"] == cluster)
    assert service.door("PUT", f"api/v1/clusters/{ref}/activity", {"units": [used]}).status == 200
    return service


def test_lines_add_up_to_the_account(month: Service) -> None:
    """Servers and clusters of the month, each with its days, are what the account says I spent."""
    found = costs(month)
    account = month.as_("alice", "GET", "api/v1/account").json
    [balance] = account["balances"]
    kinds = {line["kind"] for line in found["lines"]}

    assert Decimal(found["total"]) == Decimal(balance["mine"]) == sum(Decimal(line["cost"]) for line in found["lines"])
    assert (kinds, found["currency"], found["month"]) == ({"server", "cluster"}, "USD", balance["month"])
    days = [sum(Decimal(line["daily"][day]) for line in found["lines"]) for day in range(found["days"])]
    assert days == [Decimal(day) for day in balance["daily"]]
    assert {(line["title"], line["group_title"], line["count"]) for line in found["lines"]} == {
        ("Small notebook", "Research", 1),
        ("Standard workers", "Research", 1),
    }


def test_a_month_before_can_be_chosen(month: Service) -> None:
    """Last month is offered and has 25 hours of a server on two of its days."""
    name = f"{LAST_MONTH:%Y-%m}"
    found = costs(month, name)
    [line] = found["lines"]

    assert found["months"] == [f"{THIS_MONTH:%Y-%m}", name]
    assert (found["days"], float(found["total"])) == ((THIS_MONTH - LAST_MONTH).days, 90.0)
    assert [float(day) for day in line["daily"][3:5]] == [86.4, 3.6]


def test_nobody_sees_anybody_else(month: Service) -> None:
    """Dan has a line of his own server alone; adam, who may read everything, has no lines of his own."""
    assert [line["kind"] for line in costs(month, who="dan")["lines"]] == ["server"]
    adam = costs(month, who="adam")
    assert (adam["lines"], float(adam["total"]), len(adam["months"])) == ([], 0, 1)


def test_what_runs_is_in_it(month: Service) -> None:
    """A server that runs has a line that grows, and only for whoever runs it."""
    with_one = ask(month, "small", {"name": "bob", "groups": ["/analysts"]}).json["lease"]["id"]
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    happened = {
        "id": f"{with_one}-s",
        "unit": with_one,
        "kind": "server",
        "lease": with_one,
        "type": "started",
        "at": at,
    }
    assert month.door("POST", "api/v1/events", {"events": [happened]}).status == 200
    [line] = costs(month, who="bob")["lines"]
    assert Decimal(line["cost"]) >= Decimal("0.06")
    assert Decimal(costs(month, who="bob")["total"]) > Decimal(line["cost"])
    assert with_one not in {line["lease"] for line in costs(month, who="dan")["lines"]}


@pytest.mark.parametrize(("name", "words"), [("2026-13", "is no month"), ("9000-01", "has not begun")])
def test_no_such_month(month: Service, name: str, words: str) -> None:
    """What is no month is refused with an example."""
    answer = month.as_("alice", "GET", f"api/v1/costs?month={name}")
    assert (answer.status, answer.json["error"]["reason"]) == (422, "invalid_request")
    assert words in answer.json["error"]["message"]


def test_the_account_tells_a_forecast_of_ones_own_and_what_idle_time_cost(month: Service) -> None:
    """A person's own forecast is at least what they spent and less than their group's; 1.5 idle seconds cost 0.0015."""
    [balance] = month.as_("alice", "GET", "api/v1/account").json["balances"]
    assert Decimal(balance["mine"]) <= Decimal(balance["my_forecast"]) < Decimal(balance["forecast"])
    assert Decimal(balance["my_idle_cost"]) == Decimal("0.0015")


def test_the_account_tells_of_starts_that_were_refused(month: Service) -> None:
    """A refusal stays for some minutes with its sentence and reason; what was allowed is not among them."""
    refused = ask(month, "large", {"name": "bob", "groups": ["/analysts"]}).json
    [told] = month.as_("bob", "GET", "api/v1/account").json["refused"]
    assert (told["id"], told["reason"], told["message"]) == (refused["id"], "profile_not_offered", refused["message"])
    assert (told["kind"], told["title"]) == ("server", "Large notebook")
    assert month.as_("alice", "GET", "api/v1/account").json["refused"] == []
