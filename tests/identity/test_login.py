"""Logging in: a real canaille, a real hub, from the first click to the removal of the last group."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.identity.conftest import SignOn
from tests.support.canaille import sign_in
from tests.support.gatehouse_hub import Visitor

REFRESH = 1.2
"""Seconds after which the hub reads groups again; canaille also wants a second between two logins of one person."""


def groups_of(sign_on: SignOn, user: str) -> set[str]:
    """Return what the hub says."""
    return set(sign_on.hub.api("GET", f"users/{user}").json["groups"])


@pytest.fixture(autouse=True)
def as_at_first(sign_on: SignOn) -> Iterator[None]:
    """Let each test find the service as it was."""
    yield
    sign_on.service.reset()
    if sign_on.idp.process is None:
        sign_on.idp.start()


def test_a_provider_that_starts_after_the_hub_is_found(sign_on: SignOn) -> None:
    """Before, people read that it does not answer; afterwards they log in, without a new start of the hub."""
    away = sign_on.hub.visitor().get("/hub/oauth_login")
    assert away.status == 503
    assert "does not answer. Repeat in a minute." in away.text
    assert "[service_unavailable]" in away.text
    sign_on.idp.start()
    page = sign_in(sign_on.hub.visitor(), "alice")
    assert (page.status, page.url) == (200, f"{sign_on.hub.url}/hub/spawn")


def test_groups_arrive_with_the_login(sign_on: SignOn) -> None:
    """The hub knows the groups of the claim, in their one spelling, and no admin flag."""
    sign_in(sign_on.hub.visitor(), "bob")
    assert groups_of(sign_on, "bob") == {"/analysts"}
    assert sign_on.hub.api("GET", "users/bob").json["admin"] is False


def test_a_login_uses_pkce_and_no_secret_in_an_address(sign_on: SignOn) -> None:
    """The browser carries a challenge (RFC 7636) and the client's name, not its secret."""
    page = sign_on.hub.visitor().get("/hub/oauth_login")
    assert page.url.startswith(sign_on.idp.provider.issuer)
    assert "code_challenge" in sign_on.hub.log
    assert sign_on.idp.provider.keys.client_secret not in sign_on.hub.log


def test_a_person_without_a_group_reads_who_they_are_and_whom_to_ask(sign_on: SignOn) -> None:
    """The refusal is a page in the hub's frame: name, groups, what would help, whom to ask, a line to send."""
    page = sign_in(sign_on.hub.visitor(), "carol")
    assert page.status == 403
    for part in ("carol (carol@example.org)", "Research, GPU, Analysts", "<b>#data-platform</b>", "[no_group]"):
        assert part in page.text
    assert "403 : Forbidden" not in page.text
    assert 'href="/hub/oauth_login">Read my groups again' in page.text


def test_a_refused_person_has_no_session(sign_on: SignOn) -> None:
    """The hub keeps no user and no cookie for somebody whom it did not let in."""
    visitor = sign_on.hub.visitor()
    time.sleep(REFRESH)
    sign_in(visitor, "carol")
    assert "/hub/login" in visitor.get("/hub/home").url
    assert sign_on.hub.api("GET", "users/carol").status == 404


def test_reading_the_groups_again_lets_in_without_a_password(sign_on: SignOn) -> None:
    """Once somebody has added the group, one click is enough."""
    visitor = sign_on.hub.visitor()
    time.sleep(REFRESH)
    assert sign_in(visitor, "carol").status == 403
    sign_on.idp.set_groups("carol", "/analysts")
    time.sleep(REFRESH)
    page = visitor.get("/hub/oauth_login")
    assert (page.status, page.url) == (200, f"{sign_on.hub.url}/hub/spawn")
    sign_on.idp.set_groups("carol")


def test_a_lost_group_is_gone_in_a_running_session(sign_on: SignOn) -> None:
    """The next request after the refresh age sees the new groups; the session goes on with what is left."""
    visitor = signed_in(sign_on, "alice")
    sign_on.idp.set_groups("alice", "/research")
    time.sleep(REFRESH)
    page = visitor.get("/hub/spawn")
    assert groups_of(sign_on, "alice") == {"/research"}
    assert "Notebook with one L4" not in page.text
    sign_on.idp.set_groups("alice", "/research", "/gpu")


def test_the_last_group_lost_ends_the_session(sign_on: SignOn) -> None:
    """The person is sent to the login, and the hub's database holds no group that a token could still use."""
    visitor = signed_in(sign_on, "bob")
    token = sign_on.hub.api("POST", "users/bob/tokens").json["token"]
    sign_on.idp.set_groups("bob")
    time.sleep(REFRESH)
    assert "/hub/login" in visitor.get("/hub/home").url
    assert groups_of(sign_on, "bob") == set()
    assert "_token_authenticated" not in sign_on.hub.log
    time.sleep(REFRESH)
    answer = sign_on.hub.api("GET", "user", token=token)
    assert answer.status == 403 or answer.json["groups"] == []
    sign_on.idp.set_groups("bob", "/analysts")


def test_people_get_in_while_the_service_is_away(sign_on: SignOn) -> None:
    """What runs must stay reachable; nothing can start then, and the page says so."""
    sign_on.service.table(away=True)
    time.sleep(REFRESH)
    page = sign_in(sign_on.hub.visitor(), "alice")
    assert page.status == 200
    assert "Nothing can be started now." in page.text
    assert "[service_unavailable]" in page.text


def test_a_session_outlives_a_short_absence_of_the_provider(sign_on: SignOn) -> None:
    """Groups cannot change while the provider is away, and work goes on."""
    visitor = signed_in(sign_on, "alice")
    sign_on.idp.stop()
    time.sleep(REFRESH)
    page = visitor.get("/hub/home")
    assert (page.status, page.url) == (200, f"{sign_on.hub.url}/hub/home")


def test_a_provider_that_refuses_the_hub_is_a_sentence(sign_on: SignOn) -> None:
    """A code that the provider did not issue leads to a page that says so, not to a naked 500."""
    visitor = sign_on.hub.visitor()
    state = parse_qs(urlsplit(visitor.redirect_of("/hub/oauth_login")).query)["state"][0]
    page = visitor.get("/hub/oauth_callback?" + urlencode({"code": "forged", "state": state}))
    assert page.status == 503
    assert "refused this login with 400" in page.text
    assert "client id, secret or callback address" in page.text


def test_administrators_get_their_scopes_from_their_group(sign_on: SignOn) -> None:
    """Rights are roles of groups; the hub's admin flag plays no part."""
    sign_in(sign_on.hub.visitor(), "adam")
    adam = sign_on.hub.api("GET", "users/adam").json
    assert adam["admin"] is False
    token = sign_on.hub.api("POST", "users/adam/tokens").json
    assert "custom:gatehouse:operate" in scopes_of(sign_on, token["token"])
    bob = sign_on.hub.api("POST", "users/bob/tokens").json
    assert not any(scope.startswith("custom:gatehouse") for scope in scopes_of(sign_on, bob["token"]))


def signed_in(sign_on: SignOn, name: str) -> Visitor:
    """Return a browser in which somebody is logged in."""
    visitor = sign_on.hub.visitor()
    time.sleep(REFRESH)
    page = sign_in(visitor, name)
    assert page.status == 200, page.text
    return visitor


def scopes_of(sign_on: SignOn, token: str) -> list[str]:
    """Return what a token may do."""
    scopes: list[str] = sign_on.hub.api("GET", "user", token=token).json["scopes"]
    return scopes
