"""A person chooses among what their groups offer, and learns in words what does not fit."""

from typing import Any

import pytest

from hub_ext.cluster.options import cluster_options, offered, settle
from hub_ext.contract.errors import GatehouseError
from hub_ext.contract.identity import Identity
from hub_ext.contract.offers import Offers, OffersRequest
from hub_ext.contract.reasons import Reason
from tests.cluster.stand_in import offers_for

ALICE = ("/research", "/gpu")
DAN = ("/research",)


def offers(*groups: str) -> Offers:
    """Return what the stand-in's table offers to somebody in these groups."""
    return offers_for(OffersRequest(identity=Identity(name="someone", groups=groups)))


def test_fields_hold_only_what_the_groups_offer() -> None:
    """Profiles and groups come in policy order, the first is the default, servers' profiles are left out."""
    fields = {field["field"]: field for field in cluster_options(offers(*ALICE)).get_specification()}
    assert fields["profile"]["spec"]["options"] == ["standard", "highmem"]
    assert fields["profile"]["default"] == "standard"
    assert fields["charge_to"]["spec"]["options"] == ["research", "gpu"]
    assert fields["charge_to"]["default"] == "research"
    assert fields["name"]["default"] == ""
    assert (fields["workers"]["default"], fields["workers"]["spec"]["max"]) == (0, 12)


def test_one_group_leaves_no_choice_of_whom_to_charge() -> None:
    """The group to charge is asked for only where there is a choice."""
    assert [field["field"] for field in cluster_options(offers(*DAN)).get_specification()] == [
        *("profile", "name", "workers")
    ]


def test_nobody_without_a_cluster_profile_gets_an_empty_choice() -> None:
    """A person whom no group offers a cluster sees no fields at all."""
    assert cluster_options(offers("/analysts")).get_specification() == []


@pytest.mark.parametrize(
    ("groups", "request_", "profile", "group", "name"),
    [
        pytest.param(ALICE, {}, "standard", "research", "standard", id="no argument"),
        pytest.param(ALICE, {"profile": "highmem"}, "highmem", "research", "highmem", id="profile"),
        pytest.param(ALICE, {"charge_to": "gpu"}, "standard", "gpu", "standard", id="second group"),
        pytest.param(DAN, {"charge_to": "research"}, "standard", "", "standard", id="the only group, named"),
        pytest.param(DAN, {"name": " sales join "}, "standard", "", "sales join", id="name"),
        pytest.param(("/vault", "/gpu"), {"profile": "secret"}, "secret", "vault", "secret", id="first that offers it"),
    ],
)
def test_choices(groups: tuple[str, ...], request_: dict[str, Any], profile: str, group: str, name: str) -> None:
    """What a person leaves open is filled in: first profile, first group that offers it, name of the profile."""
    fields, mine = cluster_options(offers(*groups)), offers(*groups)
    parsed = fields.parse_options(settle(mine, request_))
    chosen = fields.get_configuration(parsed, None)
    assert chosen == {"profile": profile, "charge_to": group, "title": name, "first_workers": 0}


def test_workers_of_the_start_are_counted() -> None:
    """A number of workers is kept with the cluster; none below zero or above every profile's most is taken."""
    mine = offers(*DAN)
    fields = cluster_options(mine)
    parsed = fields.parse_options(settle(mine, {"workers": 3}))
    assert fields.get_configuration(parsed, None)["first_workers"] == 3
    for wrong in (-1, 13, 2.5, "2"):
        with pytest.raises((TypeError, ValueError)):
            fields.parse_options(settle(mine, {"workers": wrong}))


@pytest.mark.parametrize(
    ("groups", "request_", "reason", "words"),
    [
        pytest.param((), {}, Reason.no_group, "your groups: none", id="no group"),
        pytest.param(("/strangers",), {}, Reason.no_group, "your groups: /strangers", id="unknown group"),
        pytest.param(
            ("/analysts",), {}, Reason.profile_not_offered, "(Analysts) offers Dask clusters", id="no cluster"
        ),
        pytest.param(("/analysts",), {"profile": "standard"}, Reason.profile_not_offered, "Ask #data", id="not theirs"),
        pytest.param(DAN, {"profile": "secret"}, Reason.profile_not_offered, "standard, highmem", id="other profile"),
        pytest.param(DAN, {"profile": "tiny-notebook"}, Reason.profile_not_offered, "Choose", id="a server's profile"),
        pytest.param(
            DAN, {"charge_to": "vault"}, Reason.profile_not_offered, "Charge it to: research", id="other group"
        ),
        pytest.param(
            ALICE, {"profile": "highmem", "charge_to": "gpu"}, Reason.profile_not_offered, "Gpu cannot", id="no pair"
        ),
        pytest.param(DAN, {"name": "x" * 65}, Reason.invalid_request, "at most 64", id="long name"),
        pytest.param(DAN, {"name": "a\nb"}, Reason.invalid_request, "one line", id="two lines"),
        pytest.param(DAN, {"profile": "x" * 5000}, Reason.profile_not_offered, "...'", id="a page of text"),
        pytest.param(DAN, ["standard"], Reason.invalid_request, "mapping", id="a list"),
        pytest.param(DAN, None, Reason.invalid_request, "mapping", id="null"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    groups: tuple[str, ...], request_: Any, reason: Reason, words: str
) -> None:
    """A refusal carries its code and says what to do, on one line of bearable length."""
    with pytest.raises(GatehouseError) as refused:
        settle(offers(*groups), request_)
    assert refused.value.reason is reason
    assert refused.value.message.startswith("Not started: ")
    assert words in refused.value.message
    assert len(refused.value.message) < 300


@pytest.mark.parametrize("value", [True, 3, float("nan"), None, ["standard"], {"a": 1}])
def test_a_choice_of_another_type_is_refused(value: Any) -> None:
    """A profile that is no text never reaches the policy."""
    mine = offers(*DAN)
    with pytest.raises((TypeError, ValueError)):
        cluster_options(mine).parse_options(settle(mine, {"profile": value}))


def test_an_environment_cannot_be_asked_for() -> None:
    """There is no field by which a person could set variables of the gateway's processes."""
    mine = offers(*DAN)
    with pytest.raises(ValueError, match="Unknown fields"):
        cluster_options(mine).parse_options(settle(mine, {"environment": {"LD_PRELOAD": "/tmp/x.so"}}))  # noqa: S108 - bait


def test_a_price_is_that_of_the_group() -> None:
    """A profile is found as the charged group offers it, and not through another group."""
    assert offered(offers(*ALICE), "highmem", "research") is not None
    assert offered(offers(*ALICE), "highmem", "gpu") is None
