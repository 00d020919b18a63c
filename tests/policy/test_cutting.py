"""Which grants in part are worth a row."""

from datetime import timedelta
from decimal import Decimal

import pytest

from hub_ext.contract.admission import Grant
from hub_ext.contract.reasons import Reason
from hub_ext.policy.cutting import is_new, key
from tests.policy.samples import NOW, lease


def cut(workers: int = 12, wanted: int = 40, reason: Reason | None = Reason.quota_exceeded) -> Grant:
    """Return a grant."""
    return Grant(workers=workers, wanted=wanted, reason=reason, message="Why.", price_per_hour=Decimal(0))


@pytest.mark.parametrize(
    ("grant", "before", "new"),
    [
        (cut(reason=None), (None, 0, 0), False),
        (cut(), (None, 0, 0), True),
        (cut(), (Reason.quota_exceeded, 12, 40), False),
        (cut(), (Reason.borrowing_limit, 12, 40), True),
        (cut(workers=13, wanted=41), (Reason.quota_exceeded, 12, 40), False),
        (cut(workers=4), (Reason.quota_exceeded, 12, 40), True),
        (cut(workers=0), (Reason.quota_exceeded, 1, 40), True),
        (cut(wanted=200), (Reason.quota_exceeded, 12, 40), True),
    ],
    ids=[
        "in full",
        "first",
        "the same",
        "another reason",
        "a little more",
        "far fewer",
        "none left",
        "far more wanted",
    ],
)
def test_a_cut_is_new(grant: Grant, before: tuple[Reason | None, int, int], *, new: bool) -> None:
    """It has another reason, or its grant or wish has doubled or halved."""
    reason, workers, wanted = before
    assert is_new(grant, reason=reason, workers=workers, wanted=wanted) is new


def test_the_same_cut_is_the_same_for_ten_minutes() -> None:
    """Within the ten minutes the key stays; a scheduler that swings between two wishes makes two rows, not more."""
    ours = lease()
    keys = {key(ours, cut(wanted=40 + 60 * (n % 2)), NOW + timedelta(seconds=n)) for n in range(300)}
    assert len(keys) == 2
    assert key(ours, cut(), NOW) != key(ours, cut(), NOW + timedelta(minutes=10))
    assert len(key(ours.model_copy(update={"id": "x" * 128}), cut(reason=Reason.profile_not_offered), NOW)) <= 128
