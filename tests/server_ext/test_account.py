"""The service's answers reach the browser as they are, at once, and its absence is said in words."""

import http.client
from urllib.parse import urlsplit

import pytest

from hub_ext.contract.account import Account
from hub_ext.contract.errors import ErrorBody
from hub_ext.contract.reasons import Reason
from tests.server_ext.programs import Program, until
from tests.support.panel_service import SCENARIOS, scenario


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.json")))
def test_every_scenario_is_an_account(name: str) -> None:
    """The files that the panel is tested with are what the service would send."""
    assert scenario(name).contact


def test_the_account_is_passed_on(lab: Program, service: Program) -> None:
    """The person's own token brings the person's own account."""
    service.call("/control?scenario=empty", "POST")
    answer = lab.call("gatehouse/account")
    assert Account.model_validate_json(answer.text) == scenario("empty")


@pytest.mark.parametrize("path", ["gatehouse/account", "gatehouse/stream"])
@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("away", (503, Reason.service_unavailable, "The usage service is not answering.")),
        ("expired", (401, Reason.login_expired, "The hub no longer accepts this server's token,")),
    ],
)
def test_what_the_service_refuses_is_passed_on(
    lab: Program, service: Program, path: str, said: str, refusal: tuple[int, Reason, str]
) -> None:
    """A refusal keeps its status and code; where no login helps, and for a dead service's page, the words are ours."""
    service.call(f"/control?scenario={said}", "POST")
    answer = lab.call(path)
    error = ErrorBody.model_validate_json(answer.text).error
    assert answer.status == error.status
    assert (error.status, error.reason) == refusal[:2]
    assert error.message.startswith(refusal[2])


@pytest.mark.parametrize("path", ["gatehouse/account", "gatehouse/stream"])
def test_a_server_without_a_hub_says_so(bare_lab: Program, path: str) -> None:
    """Without GATEHOUSE_URL the answer names it and says that notebooks work."""
    answer = bare_lab.call(path)
    assert answer.status == 404
    assert "GATEHOUSE_URL" in answer.json["error"]["message"]


def _open_stream(lab: Program) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(urlsplit(lab.url).netloc, timeout=10)
    headers = {**lab.headers, "Accept-Encoding": "identity"}
    connection.request("GET", "/gatehouse/stream", headers=headers)
    return connection, connection.getresponse()


def _event(response: http.client.HTTPResponse) -> Account:
    lines = []
    while line := response.readline().decode().rstrip("\n"):
        lines.append(line)
    assert lines[0] == "event: account"
    return Account.model_validate_json(lines[1].removeprefix("data: "))


def _listening(service: Program, count: int) -> bool:
    return bool(service.call("/control").json["streams"] == count)


def test_the_stream_brings_each_event_at_once(lab: Program, service: Program) -> None:
    """The account comes first, and a change is there before the next comment, 15 s later, would push it out."""
    connection, response = _open_stream(lab)
    assert response.headers["Content-Type"] == "text/event-stream"
    assert _event(response) == scenario("normal")
    service.call("/control?scenario=empty", "POST")
    assert _event(response) == scenario("empty")
    connection.close()
    response.close()


def test_the_stream_ends_when_the_browser_goes_away(lab: Program, service: Program) -> None:
    """The service does not keep a stream that nobody reads."""
    until("nobody listens", lambda: _listening(service, 0))
    connection, response = _open_stream(lab)
    _event(response)
    assert _listening(service, 1)
    response.close()
    connection.close()
    until("the service was let go", lambda: _listening(service, 0), within=5)


def test_the_stream_ends_when_the_service_goes_away(lab: Program, service: Program) -> None:
    """The browser learns by the end of the stream that the service is gone."""
    connection, response = _open_stream(lab)
    _event(response)
    service.call("/control?scenario=away", "POST")
    assert response.read() == b""
    connection.close()


def test_looking_is_not_working(lab: Program, service: Program) -> None:  # noqa: ARG001 - it must answer
    """An open panel does not count as activity, so it does not keep an idle server alive."""
    quiet = lab.call("api/status?no_track_activity=1").json["last_activity"]
    lab.call("gatehouse/account")
    assert lab.call("api/status?no_track_activity=1").json["last_activity"] == quiet


def test_another_idle_time_is_passed_on(lab: Program, service: Program) -> None:
    """A wish reaches the service with the person's own token, and its answer or refusal comes back as it is."""
    service.call("/control?scenario=normal", "POST")
    kept = lab.call("gatehouse/extend", "POST", {"lease": "lease-0", "idle_seconds": 7200})
    assert (kept.status, kept.json["message"]) == (200, "This server now stops after 2 h without use.")
    refused = lab.call("gatehouse/extend", "POST", {"lease": "lease-0", "idle_seconds": 86400})
    assert (refused.status, refused.json["error"]["reason"]) == (409, "capped")


@pytest.mark.parametrize("body", [{}, {"lease": "x"}, {"lease": "x", "idle_seconds": -1}, {"lease": 1, "more": 2}])
def test_a_malformed_wish_goes_nowhere(lab: Program, body: dict[str, object]) -> None:
    """What is no wish is refused here, with its reason."""
    answer = lab.call("gatehouse/extend", "POST", body)
    assert (answer.status, answer.json["error"]["reason"]) == (422, "invalid_request")
