"""Money and times cross a door exactly."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pydantic import ValidationError

from hub_ext.contract.admission import Decision, Demand, Grant, LeaseState, LeaseUpdate
from hub_ext.contract.reasons import Reason


@pytest.mark.parametrize("amount", ["0.1", "1204.18", "0.000000000000001", "1E+3", "0"])
def test_money_crosses_as_text(amount: str) -> None:
    """Money is text in JSON, without an exponent, and the same amount afterwards."""
    grant = Grant(workers=0, wanted=0, price_per_hour=Decimal(amount))
    sent = grant.model_dump(mode="json")["price_per_hour"]
    assert isinstance(sent, str)
    assert "E" not in sent
    assert Grant.model_validate_json(grant.model_dump_json()).price_per_hour == Decimal(amount)


def test_time_becomes_utc() -> None:
    """A time of another zone is the same instant in UTC."""
    at = datetime(2026, 11, 20, 15, 0, tzinfo=timezone(timedelta(hours=1)))
    assert LeaseUpdate(state=LeaseState.bound, at=at).at == datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    assert LeaseUpdate(state=LeaseState.bound, at=at).at.tzinfo is UTC


def test_time_without_zone_is_refused() -> None:
    """A time without a zone is ambiguous."""
    with pytest.raises(ValidationError, match="without a zone"):
        LeaseUpdate.model_validate({"state": "bound", "at": "2026-11-20T14:00:00"})


@pytest.mark.parametrize("wanted", [True, -1, 1.5, "3", 1_000_001, float("nan")], ids=repr)
def test_wish_is_a_whole_number(wanted: object) -> None:
    """A cluster's wish is a whole number within reason, not something that looks like one."""
    with pytest.raises(ValidationError):
        Demand.model_validate({"wanted": wanted, "running": 0})


def test_refusal_of_a_decision() -> None:
    """A decision that says no becomes an error with the same text, code and id."""
    retry_at = datetime(2026, 12, 1, tzinfo=UTC)
    decision = Decision(
        id="d-7", allowed=False, reason=Reason.budget_exhausted, message="Not started: used up.", retry_at=retry_at
    )
    refusal = decision.refusal
    assert (refusal.line, refusal.retry_at) == ("Not started: used up. [budget_exhausted]", retry_at)
    assert refusal.decision == "d-7"
