"""Who may call what: every route, with every kind of token."""

import json
from pathlib import Path

import pytest

from hub_ext.contract.errors import ErrorBody
from hub_ext.service.openapi import CALLS, document
from tests.service.test_doors import ask, release
from tests.support.service import Answer, Service

OPENAPI = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
ROUTES = [(method.upper(), path.replace("{", "").replace("}", ""), scope) for method, path, scope, *_ in CALLS]
CLOSED = [route for route in ROUTES if route[2]]
BODIES: dict[str, dict[str, str]] = {"POST": {}, "PUT": {}}


def _is_refusal(answer: Answer, status: int) -> bool:
    """The answer is the one error shape with this status."""
    return ErrorBody.model_validate(answer.json).error.status == answer.status == status


@pytest.mark.parametrize(("method", "path", "scope"), CLOSED, ids=[f"{m} {p}" for m, p, _ in CLOSED])
def test_nobody_enters_without_a_valid_login(service: Service, method: str, path: str, scope: str) -> None:
    """No token and a made-up token get 401 and are told to log in again."""
    for token in ("", "made-up"):
        answer = service.call(method, path, BODIES.get(method), token)
        assert _is_refusal(answer, 401), scope
        assert "log in again" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [r for r in CLOSED if r[2] != "self"],
    ids=[f"{m} {p}" for m, p, s in CLOSED if s != "self"],
)
def test_a_person_without_the_scope_is_refused(service: Service, method: str, path: str, scope: str) -> None:
    """Alice's own token, with all of her rights, opens no door and no administrator's page."""
    answer = service.as_("alice", method, path, BODIES.get(method))
    assert _is_refusal(answer, 403)
    assert scope in answer.json["error"]["message"]


def test_an_administrator_is_no_door(service: Service) -> None:
    """Adam may read and operate, but cannot ask for decisions in somebody's name."""
    assert _is_refusal(service.as_("adam", "POST", "api/v1/offers", {"identity": {"name": "alice"}}), 403)


def test_a_token_that_may_not_reach_the_service_is_refused(service: Service) -> None:
    """A valid token without the access scope gets 403 with the missing scope."""
    narrow = service.hub.token("alice", "read:users:name!user=alice")
    answer = service.call("GET", "api/v1/account", token=narrow)
    assert _is_refusal(answer, 403)
    assert "access:services!service=gatehouse" in answer.json["error"]["message"]


def test_an_account_is_ones_own(service: Service) -> None:
    """Bob's account holds his name and groups, and nothing that is Alice's, who reserved a server."""
    lease = ask(service, "small").json["lease"]["id"]
    account = service.as_("bob", "GET", "api/v1/account").json
    release(service, lease)
    assert account["identity"] == {"name": "bob", "groups": ["/analysts"]}
    assert "alice" not in json.dumps(account)


def test_offers_are_ones_own(service: Service) -> None:
    """A person reads what they may start themselves: bob's offers are his group's, whatever he asks along."""
    answer = service.as_("bob", "GET", "api/v1/offers?name=alice", None)
    assert answer.json["identity"] == {"name": "bob", "groups": ["/analysts"]}
    assert {group["group"] for group in answer.json["groups"]} == {"analysts"}


def test_an_unknown_path_answers_in_the_one_shape(service: Service) -> None:
    """A path that does not exist gets 404 as JSON, with or without a login."""
    for token in ("", service.hub.token("alice")):
        assert _is_refusal(service.call("GET", "api/v1/nothing/here", token=token), 404)


def test_health_tells_status_and_version(service: Service) -> None:
    """Health needs no login."""
    answer = service.call("GET", "api/v1/health")
    assert (answer.status, answer.json["status"], answer.json["database"]) == (200, "ok", "sqlite")
    assert answer.json["version"]


def test_the_published_api_description_is_the_real_one(service: Service) -> None:
    """docs/reference/openapi.json and what the service answers are what the code says."""
    assert json.loads(OPENAPI.read_text()) == document()
    assert service.call("GET", "api/v1/openapi.json").json == document()
