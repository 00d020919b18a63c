"""What a month cost me: asked with the person's own token, and passed on as the service says it."""

import pytest

from tests.server_ext.programs import Program


@pytest.mark.parametrize(("query", "month"), [("", "2026-11"), ("?month=2026-10", "2026-10")])
def test_a_month_is_passed_on(lab: Program, service: Program, query: str, month: str) -> None:  # noqa: ARG001 - it must answer
    """This month by default, or the one that was asked for."""
    answer = lab.call(f"gatehouse/costs{query}")
    assert (answer.status, answer.json["month"], answer.json["lines"]) == (200, month, [])


@pytest.mark.parametrize("month", ["x", "x%26month=2026-11", "x%23"])
def test_no_month_is_the_services_own_refusal(lab: Program, service: Program, month: str) -> None:  # noqa: ARG001 - as above
    """What was asked reaches the service as one word, whatever is in it, and its sentence comes back."""
    answer = lab.call(f"gatehouse/costs?month={month}")
    assert (answer.status, answer.json["error"]["reason"]) == (422, "invalid_request")


def test_a_dead_service_is_told(lab: Program, service: Program) -> None:
    """The one error shape, with its reason."""
    service.call("/control?scenario=away", "POST")
    answer = lab.call("gatehouse/costs")
    assert (answer.status, answer.json["error"]["reason"]) == (503, "service_unavailable")
