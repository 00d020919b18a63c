"""No route answers without login, right and XSRF token, and every refusal has the one shape."""

import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from hub_ext.contract.errors import ErrorBody
from hub_ext.contract.reasons import Reason
from server_ext.routes import routes
from tests.server_ext import programs
from tests.server_ext.programs import Answer, Program

VERBS = ("get", "post", "put", "patch", "delete")


def _calls() -> Iterator[tuple[str, str]]:
    """Return every verb of every route, with a path that matches it."""
    for pattern, handler in routes():
        path = re.sub(r"\(\?P<cluster>.*?\{0,127\}\)", "a1b2c3", pattern)
        assert re.fullmatch(pattern, path)
        yield from ((verb.upper(), path) for verb in VERBS if verb in vars(handler))


CALLS = list(_calls())
every_call = pytest.mark.parametrize(("verb", "path"), CALLS, ids=[f"{verb} {path}" for verb, path in CALLS])


def _error(answer: Answer) -> ErrorBody:
    assert answer.headers["content-type"] == "application/json"
    body = ErrorBody.model_validate_json(answer.text)
    assert body.error.status == answer.status
    return body


@pytest.fixture(scope="module")
def strict_lab(directory: Path) -> Iterator[Program]:
    """A Jupyter server whose authorizer denies everything."""
    option = "--ServerApp.authorizer_class=tests.server_ext.deny_all.DenyAll"
    with programs.jupyter_server(directory, option, PYTHONPATH=str(programs.ROOT)) as found:
        yield found


def test_the_table_holds_every_route() -> None:
    """The walk below sees every route."""
    assert CALLS == [
        ("GET", "gatehouse/account"),
        ("GET", "gatehouse/stream"),
        ("POST", "gatehouse/extend"),
        ("GET", "gatehouse/offers"),
        ("GET", "gatehouse/quote"),
        ("GET", "gatehouse/options"),
        ("POST", "gatehouse/clusters"),
        ("GET", "gatehouse/costs"),
        ("POST", "gatehouse/clusters/a1b2c3/environment"),
        ("GET", "gatehouse/clusters/a1b2c3/history"),
        ("GET", "gatehouse/clusters/a1b2c3/logs"),
        ("POST", "gatehouse/clusters/a1b2c3/stop"),
        ("POST", "gatehouse/clusters/a1b2c3/scale"),
        ("POST", "gatehouse/clusters/a1b2c3/adapt"),
        ("POST", "gatehouse/clusters/a1b2c3/restart"),
    ]


@every_call
@pytest.mark.parametrize("token", ["", "token wrong"], ids=["no token", "wrong token"])
def test_nobody_is_answered_without_login(bare_lab: Program, verb: str, path: str, token: str) -> None:
    """Without a valid token a route answers 403 and says to log in."""
    answer = bare_lab.call(path, verb, Authorization=token)
    assert answer.status == 403
    assert _error(answer).error.reason in {Reason.login_expired, Reason.forbidden}


@every_call
def test_the_authorizer_is_asked(strict_lab: Program, verb: str, path: str) -> None:
    """A person whom the server's authorizer denies is answered 403 with the resource's name."""
    answer = strict_lab.call(path, verb)
    assert answer.status == 403
    error = _error(answer).error
    assert error.reason is Reason.forbidden
    assert "resource: gatehouse" in error.message


@pytest.mark.parametrize(("verb", "path"), [call for call in CALLS if call[0] != "GET"])
def test_a_cookie_alone_cannot_act(bare_lab: Program, verb: str, path: str) -> None:
    """With the cookie of a login a change also needs the XSRF token: without it another site could have sent it."""
    cookies = CookieJar()
    with build_opener(HTTPCookieProcessor(cookies)).open(f"{bare_lab.url}api/status?token=secret") as page:
        page.read()
    found = {cookie.name: cookie.value or "" for cookie in cookies} | {"_xsrf": "2|a|b|1"}
    cookie = "; ".join(f"{name}={value}" for name, value in found.items())
    refused = bare_lab.call(path, verb, Authorization="", Cookie=cookie)
    assert refused.status == 403
    assert "_xsrf" in _error(refused).error.message


@every_call
def test_another_site_is_not_answered(bare_lab: Program, verb: str, path: str) -> None:
    """A request that names another origin is refused, whatever cookie it brings."""
    answer = bare_lab.call(path, verb, Authorization="", Origin="http://evil.example")
    assert answer.status in {403, 404}
    _error(answer)


@pytest.mark.parametrize("name", ["..%2F..%2Fapi", "a b", "-rf", "a/b", "x" * 129])
def test_a_cluster_name_is_only_a_name(bare_lab: Program, name: str) -> None:
    """What cannot be a cluster's name matches no route, so it never becomes a part of another address."""
    answer = bare_lab.call(f"gatehouse/clusters/{name.replace(' ', '%20')}/stop", "POST")
    assert answer.status == 404
    assert "DASK_GATEWAY" not in answer.text  # what the stop of a possible name answers here


def test_a_wrong_verb_is_an_error_of_the_same_shape(bare_lab: Program) -> None:
    """405 has the one shape too."""
    assert _error(bare_lab.call("gatehouse/account", "DELETE")).error.status == 405
