"""A choice is offered to the groups that the policy names, and refused to all others however it is asked for."""

import pytest

from hub_ext.contract.errors import Refused
from hub_ext.contract.reasons import Reason
from hub_ext.policy.admission import decide
from hub_ext.policy.choosing import choose, options_for
from hub_ext.policy.resolving import resolve
from tests.policy.kubernetes_samples import policy
from tests.policy.samples import NOW, alice, request, standing


def test_page_shows_what_the_group_may_choose() -> None:
    """Each group sees its own options, choices, field and default."""
    research = options_for(policy(), "research", "small")
    analysts = options_for(policy(), "analysts", "small")
    assert [(o.name, [c.name for c in o.choices], o.default, o.typed) for o in research] == [
        ("image", ["plain", "torch"], "torch", "Other")
    ]
    assert [(o.name, [c.name for c in o.choices], o.default, o.typed) for o in analysts] == [
        ("image", ["plain"], "plain", ""),
        ("disk", ["slow"], "slow", ""),
    ]
    assert options_for(policy(), "research", "steady") == ()


# id: (group, options, sentence)
FORGED = {
    "choice of another group": ("analysts", {"image": "torch"}, "Image 'torch' is not offered to Analysts."),
    "choice that is not there": ("research", {"image": "Torch"}, "Image 'Torch' is not offered to Research."),
    "option of another group": ("research", {"disk": "slow"}, "Small notebook has no option 'disk' for Research."),
    "typed where one chooses": (
        "analysts",
        {"image--unlisted-choice": "images.example.org/a:1"},
        "Image was typed, and Analysts can only choose from the list.",
    ),
    "typed, only its start fits": (
        "research",
        {"image--unlisted-choice": "images.example.org/a:1-evil"},
        "Image 'images.example.org/a:1-evil' cannot be used: write images.example.org/NAME:TAG.",
    ),
    "typed, fits and is no image": (
        "research",
        {"image--unlisted-choice": "images.example.org/a b:1"},
        "Image 'images.example.org/a b:1' cannot be used: write images.example.org/NAME:TAG.",
    ),
}


@pytest.mark.parametrize(("group", "options", "sentence"), FORGED.values(), ids=FORGED)
def test_what_is_not_offered_is_refused(group: str, options: dict[str, str], sentence: str) -> None:
    """A choice that the group is not offered is refused with its reason, also from an API."""
    with pytest.raises(Refused) as refused:
        choose(policy(), group, "small", options)
    assert (refused.value.message, refused.value.reason) == (sentence, Reason.option_not_offered)


@pytest.mark.parametrize(
    ("options", "image"),
    [
        ({}, "images.example.org/torch:2"),
        ({"image": "plain"}, "images.example.org/plain:1"),
        ({"image--unlisted-choice": "images.example.org/team/own:1.2"}, "images.example.org/team/own:1.2"),
    ],
    ids=["default", "chosen", "typed"],
)
def test_admission_places_what_was_chosen(options: dict[str, str], image: str) -> None:
    """The lease of an admitted start carries the pod's image, with the default where nothing was chosen."""
    entitlement = resolve(policy(), alice("/research"))
    asked = request("small").model_copy(update={"options": options})
    decision = decide(policy(), entitlement, asked, {"research": standing({})}, decision_id="d-7", now=NOW)
    assert decision.lease is not None
    assert decision.lease.placement is not None
    base = decision.lease.placement.base
    assert (base.image, base.labels["gatehouse/lease"], base.labels["gatehouse/group"]) == (image, "d-7", "research")


def test_admission_refuses_with_a_sentence() -> None:
    """The decision says what is not offered, and what to do."""
    entitlement = resolve(policy(), alice("/analysts"))
    asked = request("small").model_copy(update={"options": {"image": "torch"}})
    decision = decide(policy(), entitlement, asked, {"analysts": standing({})}, decision_id="d-7", now=NOW)
    assert (decision.allowed, decision.reason) == (False, Reason.option_not_offered)
    assert decision.message == (
        "Not started: Image 'torch' is not offered to Analysts. Choose one that is offered to you, or ask "
        "#data-platform."
    )
