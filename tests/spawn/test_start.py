"""Every way in: the form, the API, the ``opt-`` link and stored options; on a real hub."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.gatehouse_hub import GatehouseHub, StandIn, wait_for

QUOTA = "Not started: Research has used all 64 cores of its quota (carol 24, dan 16, you 24). Likely free at 14:40."
FULL = {"large": ["quota_exceeded", QUOTA]}


def started(hub: GatehouseHub, user: str) -> bool:
    """Say whether the person's server is ready."""
    servers = hub.api("GET", f"users/{user}").json["servers"]
    return bool(servers and servers[""]["ready"])


def environment_of(hub: GatehouseHub, user: str) -> dict[str, Any]:
    """Return what the server wrote down at its start."""
    seen: dict[str, Any] = json.loads((hub.home(user) / "environment.json").read_text())
    return seen


def only_lease(service: StandIn) -> dict[str, Any]:
    """Return the one lease that there was."""
    leases = list(service.seen["leases"].values())
    assert len(leases) == 1
    lease: dict[str, Any] = leases[0]
    return lease


def test_the_form_starts_what_it_says(hub: GatehouseHub, service: StandIn) -> None:
    """Profile and group of the form reach the service, and the lease's size reaches the server."""
    page = hub.visitor("alice").start({"profile": "large", "charge_to": "research"})
    assert page.status == 200
    wait_for(lambda: started(hub, "alice"), "the server")
    asked = service.seen["admissions"][0]
    assert (asked["profile"], asked["charge_to"], asked["kind"]) == ("large", "research", "server")
    assert asked["identity"] == {"name": "alice", "groups": ["/gpu", "/research"]}
    lease = only_lease(service)
    wait_for(lambda: only_lease(service)["history"] == ["reserved", "bound"], "the lease to be bound")
    assert only_lease(service)["ref"] == "alice/"
    env = environment_of(hub, "alice")["environment"]
    assert (env["MEM_LIMIT"], env["CPU_LIMIT"]) == (str(16 * 2**30), "4.0")
    assert (env["GATEHOUSE_LEASE"], env["GATEHOUSE_GROUP"], env["GATEHOUSE_PROFILE"]) == (
        lease["id"],
        "research",
        "large",
    )


def test_a_row_of_another_group_is_charged_to_it(hub: GatehouseHub, service: StandIn) -> None:
    """The form's hidden field carries the group that the row names."""
    form = {"profile": "gpu-notebook", "charge_to": "research", "offered_by:gpu-notebook": "gpu"}
    hub.visitor("alice").start(form)
    assert service.seen["admissions"][0]["charge_to"] == "gpu"


def refused_page(hub: GatehouseHub, way: str) -> Any:
    """Ask for the large notebook in one way."""
    visitor = hub.visitor("alice")
    if way == "form":
        return visitor.start({"profile": "large", "charge_to": "research"})
    return visitor.get("/hub/spawn?opt-profile=large" if way == "link" else "/hub/spawn?profile=large")


@pytest.mark.parametrize("way", ["form", "link", "old link"])
def test_a_refusal_is_a_page_with_its_reason(hub: GatehouseHub, service: StandIn, way: str) -> None:
    """Whatever the way in, people read what, why and what now, and choose again on the same page."""
    service.table(refused=FULL)
    page = refused_page(hub, way)
    assert page.status == 409
    for part in ("Large notebook was not started", "carol 24, dan 16, you 24", "[quota_exceeded]", "d-81c04e"):
        assert part in page.text
    assert "Choose another profile" in page.text
    assert 'value="small"' in page.text
    assert not service.seen["leases"]


def test_a_refusal_through_the_api_is_json_with_the_same_line(hub: GatehouseHub, service: StandIn) -> None:
    """Programs get the status and the sentence with its code."""
    service.table(refused=FULL)
    answer = hub.api("POST", "users/alice/server", {"profile": "large"})
    assert answer.status == 409
    assert answer.json == {"status": 409, "message": f"{QUOTA} [quota_exceeded]"}


def test_refusals_do_not_end_the_hub(hub: GatehouseHub, service: StandIn) -> None:
    """However many there are in a row: JupyterHub 5 would count them as failures of its own, and end at the fifth."""
    service.table(refused=FULL)
    for _ in range(6):
        assert hub.api("POST", "users/alice/server", {"profile": "large"}).status == 409
    assert "consecutive spawn" not in hub.log


def test_a_slow_refusal_is_a_page_too(hub: GatehouseHub, service: StandIn) -> None:
    """A decision that takes longer than the hub waits ends on the page of the start that is under way."""
    service.table(refused=FULL, slow=2.0)
    visitor = hub.visitor("alice")
    page = visitor.start({"profile": "large", "charge_to": "research"})
    assert "/hub/spawn-pending/alice" in page.url
    wait_for(lambda: visitor.get("/hub/spawn-pending/alice").status == 409, "the refusal")
    page = visitor.get("/hub/spawn-pending/alice")
    assert "Large notebook was not started" in page.text
    assert 'href="/hub/spawn/alice' in page.text


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        pytest.param({"profile": "gpu-notebook"}, 409, "profile_not_offered", id="a profile of another group"),
        pytest.param({"profile": "small", "charge_to": "research"}, 409, "profile_not_offered", id="another's group"),
        pytest.param({"profile": "nope"}, 409, "profile_not_offered", id="no profile at all"),
        pytest.param({"profile": 7}, 422, "invalid_request", id="a number"),
        pytest.param({"profile": ["small", "large"]}, 422, "invalid_request", id="two"),
        pytest.param({"profile": {"$ne": ""}}, 422, "invalid_request", id="an object"),
    ],
)
def test_a_forged_request_is_refused_in_words(
    hub: GatehouseHub, service: StandIn, options: dict[str, Any], status: int, reason: str
) -> None:
    """Bob cannot have what his groups do not offer, and nonsense is no 500."""
    answer = hub.api("POST", "users/bob/server", options)
    assert (answer.status, answer.json["message"].endswith(f"[{reason}]")) == (status, True)
    assert not service.seen["leases"]


def test_a_stored_choice_that_is_gone_blocks_nothing(hub: GatehouseHub, service: StandIn) -> None:
    """The page opens without an error, and the next choice starts."""
    hub.api("POST", "users/bob/server", {"profile": "gone"})
    page = hub.visitor("bob").get("/hub/spawn")
    assert page.status == 200
    assert "was not started" not in page.text
    hub.visitor("bob").start({"profile": "small", "charge_to": "analysts"})
    wait_for(lambda: started(hub, "bob"), "the server")
    assert only_lease(service)["profile"] == "small"


def test_stored_options_are_checked_like_any(hub: GatehouseHub) -> None:
    """The hub starts with the last options when a request has none; they are no way around."""
    hub.api("POST", "users/bob/server", {"profile": "gpu-notebook"})
    answer = hub.api("POST", "users/bob/server")
    assert answer.status == 409
    assert "gpu-notebook" in answer.json["message"]


def test_a_request_without_options_gets_the_first_profile(hub: GatehouseHub, service: StandIn) -> None:
    """Somebody who never chose starts what the page would open with."""
    assert hub.api("POST", "users/dan/server", {}).status in {201, 202}
    assert only_lease(service)["profile"] == "small"


def test_a_person_without_groups_is_refused(hub: GatehouseHub) -> None:
    """An administrator may log in; without a group that offers servers there is none to start."""
    answer = hub.api("POST", "users/adam/server", {})
    assert answer.status == 422
    assert "none of your groups offers a notebook server" in answer.json["message"]


def test_nothing_starts_while_the_service_is_away(hub: GatehouseHub, service: StandIn) -> None:
    """Page and API say so with 503 and the reason."""
    service.table(away=True)
    answer = hub.api("POST", "users/alice/server", {"profile": "small"})
    assert answer.status == 503
    assert answer.json["message"].endswith("[service_unavailable]")
    page = hub.visitor("alice").get("/hub/spawn")
    assert "Nothing can be started now." in page.text
    page = hub.visitor("alice").get("/hub/spawn?opt-profile=small")
    assert page.status == 503


def test_a_server_that_ends_while_it_starts_is_said_at_once(hub: GatehouseHub, service: StandIn) -> None:
    """The hub does not wait out its timeout, and the lease comes back."""
    hub.home("alice").mkdir(parents=True, exist_ok=True)
    (hub.home("alice") / "die-at-start").touch()
    answer = hub.api("POST", "users/alice/server", {"profile": "small"})
    assert answer.status == 500
    assert "ended while it was starting, with status 3" in answer.json["message"]
    wait_for(lambda: only_lease(service)["history"] == ["reserved", "bound", "released"], "the lease to come back")
    events = service.events(only_lease(service)["id"])
    assert events["started"].at <= events["ended"].at


def test_the_server_knows_no_secret_of_the_hub(hub: GatehouseHub) -> None:
    """Its environment holds its own token and nothing that the hub uses."""
    hub.api("POST", "users/dan/server", {"profile": "small"})
    wait_for(lambda: started(hub, "dan"), "the server")
    seen = environment_of(hub, "dan")
    text = json.dumps(seen["environment"])
    for secret in ("ab" * 32, "h" * 32, "s" * 32, "g" * 32, "t" * 32, "HUB_TOLD", "CRYPT_KEY", "CONFIGPROXY"):
        assert secret not in text
    assert seen["environment"]["GATEHOUSE_URL"] == f"{hub.url}/services/gatehouse/"
    assert seen["environment"]["DASK_GATEWAY__AUTH__TYPE"] == "jupyterhub"


def test_the_server_lives_in_its_own_home_session_and_group(hub: GatehouseHub) -> None:
    """The home is private and below the data directory; as root the server is told that this is meant."""
    hub.api("POST", "users/dan/server", {"profile": "small"})
    wait_for(lambda: started(hub, "dan"), "the server")
    seen = environment_of(hub, "dan")
    home = Path(hub.told["data_dir"]) / "homes" / "dan"
    assert (seen["directory"], seen["environment"]["HOME"]) == (str(home), str(home))
    assert home.stat().st_mode & 0o777 == 0o700
    assert os.getsid(seen["pid"]) == os.getpgid(seen["pid"]) == seen["pid"]
    assert ("--allow-root" in seen["args"]) is (os.geteuid() == 0)
