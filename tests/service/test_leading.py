"""Leads on the real service: their own groups' people, and nobody's money but these people's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.service.test_doors import ask, bind, event, release
from tests.support.hub import Hub
from tests.support.service import Service, running_service

MONTH = "budget: {monthly: 1000, on_exhausted: deny_new}"
LED = "budget: {monthly: 1000, per_user: 10, on_exhausted: deny_new}\n    leads: [/gpu, /nobody]"
ANALYSTS = "match: [/analysts]"
ADAMS = "match: [/analysts]\n    leads: [/platform-admins, /nobody]\n    budget: {monthly: 100, per_user: 5}"
DAN = {"name": "dan", "groups": ["/research"]}


@pytest.fixture(scope="module")
def led(hub: Hub, policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Alice leads Research, whose people are alice and dan; adam, who may read and operate, leads Analysts: bob.

    Carol, who is in neither, leads both.
    """
    directory = tmp_path_factory.mktemp("led")
    changed = directory / "policy.yaml"
    changed.write_text(policy.read_text().replace(MONTH, LED).replace(ANALYSTS, ADAMS))
    with running_service(hub, directory, changed) as service:
        yield service


def wish(group: str, user: str, **more: Any) -> dict[str, Any]:
    """Return a top-up as a lead asks for it."""
    return {"group": group, "user": user, "amount": "20", "reason": "Deadline of the sales report", **more}


@pytest.mark.parametrize(
    ("who", "group", "user", "says"),
    [
        ("alice", "analysts", "bob", "you do not lead a group analysts"),
        ("dan", "research", "alice", "you do not lead a group research"),
        ("bob", "research", "dan", "you do not lead a group research"),
        ("adam", "research", "dan", "you do not lead a group research"),
        ("alice", "nothing", "dan", "you do not lead a group nothing"),
        ("alice", "research", "", "the budget of Research is not one"),
        ("alice", "research", "alice", "nobody tops up their own budget"),
        ("alice", "research", " Alice ", "nobody tops up their own budget"),
    ],
    ids=[
        "the lead of another group",
        "a member who is no lead",
        "a stranger",
        "an administrator who leads another group",
        "a group that does not exist",
        "the group's own budget",
        "oneself",
        "oneself, in capitals",
    ],
)
def test_what_is_not_a_leads_to_give(led: Service, who: str, group: str, user: str, says: str) -> None:
    """It is refused with its reason, and nothing is added."""
    refused = led.as_(who, "POST", "api/v1/led/topup", wish(group, user))

    assert (refused.status, refused.json["error"]["reason"]) == (403, "forbidden")
    assert says in refused.json["error"]["message"]
    assert led.as_("adam", "GET", "api/v1/admin/topups").json["topups"] == []


def test_a_lead_reads_the_people_of_the_group_and_tops_one_up(led: Service) -> None:
    """Alice sees dan's row and no other group; what she adds counts for dan, is in the list, and is added once."""
    lease = ask(led, "small", DAN).json["lease"]["id"]
    bind(led, lease, "dan/")
    started = event(lease, lease, "server", "started", datetime.now(UTC) - timedelta(hours=1))
    assert led.door("POST", "api/v1/events", {"events": [started]}).status == 200
    bobs = ask(led, "small", {"name": "bob", "groups": ["/analysts"]}).json["lease"]["id"]

    [group] = led.as_("alice", "GET", "api/v1/led").json["groups"]
    [dan] = group["members"]
    assert (group["group"], dan["user"], dan["servers"], float(dan["budget"])) == ("research", "dan", 1, 10)
    assert 0 < float(dan["spent"]) <= 3.7
    assert float(group["balance"]["mine"]) == 0

    for _ in range(2):
        answer = led.as_("alice", "POST", "api/v1/led/topup", wish("research", "dan", id="once"))
        assert (answer.status, answer.json["author"]) == (200, "alice")
    [group] = led.as_("alice", "GET", "api/v1/led").json["groups"]
    assert float(group["members"][0]["budget"]) == 30
    assert [(one["user"], one["author"]) for one in group["topups"]] == [("dan", "alice")]
    assert float(led.as_("dan", "GET", "api/v1/account").json["balances"][0]["my_budget"]) == 30

    stolen = led.as_("adam", "POST", "api/v1/led/topup", wish("analysts", "bob", id="once"))
    assert stolen.status == 422
    assert "dan" not in str(stolen.json)
    release(led, lease)
    release(led, bobs)


def test_who_leads_two_groups_reads_each_with_its_own(led: Service) -> None:
    """Carol sees dan and his top-up in Research alone, and bob in Analysts alone."""
    dans = ask(led, "small", DAN).json["lease"]["id"]
    bobs = ask(led, "small", {"name": "bob", "groups": ["/analysts"]}).json["lease"]["id"]
    assert led.as_("carol", "POST", "api/v1/led/topup", wish("research", "dan", id="carols")).status == 200
    groups = {one["group"]: one for one in led.as_("carol", "GET", "api/v1/led").json["groups"]}
    people = {name: [member["user"] for member in one["members"]] for name, one in groups.items()}
    assert people == {"research": ["dan"], "analysts": ["bob"]}
    authors = {name: {one["author"] for one in group["topups"]} for name, group in groups.items()}
    assert (authors["research"] >= {"carol"}, authors["analysts"]) == (True, set())
    assert {name: group["cores"]["used"] for name, group in groups.items()} == {"research": 1, "analysts": 1}
    release(led, dans)
    release(led, bobs)


def test_who_leads_nothing_reads_nothing(led: Service) -> None:
    """Dan's and bob's list of led groups is empty; their accounts say so too."""
    for who in ("dan", "bob"):
        assert led.as_(who, "GET", "api/v1/led").json["groups"] == []
        assert led.as_(who, "GET", "api/v1/account").json["leads"] == []
    assert led.as_("alice", "GET", "api/v1/account").json["leads"] == ["research"]


def test_a_lead_who_starts_nothing_is_let_in(led: Service) -> None:
    """Offers to a lead without a group of their own are empty, and name what the lead leads."""
    offers = led.door("POST", "api/v1/offers", {"identity": {"name": "lea", "groups": ["/gpu"]}}).json
    assert (offers["groups"], offers["leads"]) == ([], ["research"])
