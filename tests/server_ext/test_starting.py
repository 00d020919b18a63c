"""A new cluster: what may be chosen, what it would cost, and the start itself, through a real gateway."""

from typing import Any

import pytest
from dask_gateway import GatewayClusterError, GatewayServerError

from hub_ext.contract.errors import GatehouseError, InvalidRequest, NotFound, Refused, Unavailable
from hub_ext.contract.funds import Quote
from hub_ext.contract.offers import Offers
from hub_ext.contract.reasons import Reason
from hub_ext.contract.starting import ClusterFields
from server_ext.starting import start_error
from tests.server_ext.programs import Program, until


def test_the_offers_are_passed_on(lab: Program, service: Program) -> None:  # noqa: ARG001 - it must answer
    """The person's own token brings what they may start."""
    assert Offers.model_validate_json(lab.call("gatehouse/offers").text).contact == "#data"


def test_a_quote_is_passed_on_with_its_question(lab: Program, service: Program) -> None:  # noqa: ARG001 - as above
    """Profile, workers and group reach the service, also where they must be quoted."""
    answer = lab.call("gatehouse/quote?profile=a%26b&workers=3&charge_to=research&other=1")
    quote = Quote.model_validate_json(answer.text)
    assert (quote.profile, quote.workers, quote.group) == ("a&b", 3, "research")


@pytest.mark.parametrize(
    "query", ["", "workers=2", "profile=x&workers=0", "profile=x&workers=1e9", "profile=x&workers=-1", "profile=a%0Ab"]
)
def test_a_malformed_question_goes_nowhere(lab: Program, query: str) -> None:
    """What is no question is refused here, with its reason."""
    answer = lab.call(f"gatehouse/quote?{query}")
    assert (answer.status, answer.json["error"]["reason"]) == (422, "invalid_request")


def test_the_fields_are_the_gateways_own(lab: Program) -> None:
    """Every field comes with its type, default and bounds; one that no form can show keeps its default."""
    fields = {f.name: f for f in ClusterFields.model_validate_json(lab.call("gatehouse/options").text).fields}
    assert list(fields) == ["profile", "name", "workers", "hours", "spot"]
    assert (fields["profile"].type, fields["profile"].choices) == ("select", ("standard", "highmem"))
    assert (fields["workers"].type, fields["workers"].min, fields["workers"].max) == ("int", 0, 20)
    assert (fields["hours"].type, fields["hours"].default, fields["hours"].max) == ("float", 1.5, 12)
    assert (fields["spot"].label, fields["spot"].type, fields["spot"].default) == ("Spot machines", "bool", False)


def test_a_start_starts(lab: Program, gateway: Program) -> None:
    """The answer is the cluster's name, before it runs; choices and workers are the gateway's from the first moment."""
    chosen = {"profile": "highmem", "name": "join", "hours": 2, "spot": True}
    answer = lab.call("gatehouse/clusters", "POST", {"options": chosen, "workers": 3})
    assert answer.status == 200, answer.text
    path = f"/api/v1/clusters/{answer.json['cluster']}"
    options = gateway.call(path).json["options"]
    assert {name: options[name] for name in (*chosen, "workers")} == {**chosen, "workers": 3}
    gateway.call(path, "DELETE")
    until("the cluster has stopped", lambda: gateway.call(path).json["status"] in {"STOPPED", "FAILED"})


@pytest.mark.parametrize(
    ("body", "status", "reason", "words"),
    [
        pytest.param({"options": {"name": "one too many"}}, 422, "quota_exceeded", "all 4 clusters", id="refused"),
        pytest.param({"options": {"profile": "gpu"}}, 422, "invalid_request", "gpu", id="no such choice"),
        pytest.param({"options": {"colour": "red"}}, 422, "invalid_request", "colour", id="no such field"),
        pytest.param({"options": {"cluster_options": "x"}}, 422, "invalid_request", "no option", id="reserved"),
        pytest.param({"options": {"a b": "x"}}, 422, "invalid_request", "Name options", id="no name"),
        pytest.param({"workers": -1}, 422, "invalid_request", "Name options", id="fewer than none"),
        pytest.param({"options": {"name": ["x"]}}, 422, "invalid_request", "Name options", id="no value"),
        pytest.param([], 422, "invalid_request", "Name options", id="no mapping"),
    ],
)
def test_a_start_that_is_refused_keeps_the_gateways_words(
    lab: Program, body: Any, status: int, reason: str, words: str
) -> None:
    """Sentence and code are the gateway's; what is no request at all is refused before it."""
    answer = lab.call("gatehouse/clusters", "POST", body)
    error = answer.json["error"]
    assert (answer.status, error["reason"]) == (status, reason)
    assert words in error["message"]
    assert "[" not in error["message"] or reason == "invalid_request"


@pytest.mark.parametrize(("verb", "path"), [("GET", "options"), ("POST", "clusters")])
def test_a_server_without_a_gateway_says_so(bare_lab: Program, verb: str, path: str) -> None:
    """Without DASK_GATEWAY__ADDRESS the answer names it."""
    answer = bare_lab.call(f"gatehouse/{path}", verb, {"workers": 0} if verb == "POST" else None)
    assert answer.status == 404
    assert "DASK_GATEWAY__ADDRESS" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("raised", "kind", "reason", "text"),
    [
        (GatewayClusterError("Not started: full. [user_limit]"), Refused, Reason.user_limit, "Not started: full."),
        (GatewayClusterError("No code."), Refused, Reason.invalid_request, "No code."),
        (GatewayClusterError("Odd. [no_such_code]"), Refused, Reason.invalid_request, "Odd. [no_such_code]"),
        (ValueError("Gone. [not_found]"), NotFound, Reason.not_found, "Gone."),
        (ValueError("Wrong. [invalid_request]"), InvalidRequest, Reason.invalid_request, "Wrong."),
        (GatewayServerError("Broken."), Unavailable, Reason.service_unavailable, "Broken."),
    ],
)
def test_each_error_has_its_kind(raised: Exception, kind: type[GatehouseError], reason: Reason, text: str) -> None:
    """The code leaves the sentence and becomes the reason; what is no code of ours stays where it is."""
    error = start_error(raised)
    assert type(error) is kind
    assert isinstance(error, GatehouseError)
    assert (error.reason, error.message) == (reason, text)


def test_a_defect_stays_a_defect() -> None:
    """An error that nobody foresaw is not dressed up as the gateway's."""
    defect = KeyError("x")
    assert start_error(defect) is defect
