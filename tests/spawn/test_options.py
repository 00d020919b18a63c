"""Start options, however they come."""

from typing import Any

import pytest

from hub_ext.contract.errors import InvalidRequest
from hub_ext.spawn.options import Choice, options_from_form, read_options


@pytest.mark.parametrize(
    ("options", "choice"),
    [
        pytest.param({"profile": "small", "charge_to": "gpu"}, Choice(profile="small", charge_to="gpu"), id="JSON"),
        pytest.param({"profile": ["small"]}, Choice(profile="small"), id="a query, as the hub passes it on"),
        pytest.param({}, Choice(), id="nothing"),
        pytest.param(None, Choice(), id="null"),
        pytest.param({"profile": ""}, Choice(), id="an empty field"),
        pytest.param({"image": "x", "profile": None}, Choice(), id="another spawner's options of long ago"),
        pytest.param(
            {"options": {"image": "torch", "disk": ""}}, Choice(options={"image": "torch"}), id="of a profile"
        ),
        pytest.param({"options": {}}, Choice(), id="none of a profile"),
    ],
)
def test_options_hold_one_choice(options: Any, choice: Choice) -> None:
    """Our two keys are read, others are left alone."""
    assert read_options(options) == choice


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["small"], id="a list"),
        pytest.param("small", id="a string"),
        pytest.param({"profile": 7}, id="a number"),
        pytest.param({"profile": {"a": 1}}, id="an object"),
        pytest.param({"profile": ["small", "large"]}, id="two profiles"),
        pytest.param({"charge_to": ["a", "b"]}, id="two groups"),
        pytest.param({"profile": True}, id="a yes"),
        pytest.param({"profile": "x" * 256}, id="far too long"),
        pytest.param({"profile": "a\nb"}, id="a line break"),
        pytest.param({"profile": "a\x00"}, id="a null byte"),
        pytest.param({"options": ["image"]}, id="options that are a list"),
        pytest.param({"options": {"image": {"a": 1}}}, id="an option that is an object"),
        pytest.param({"options": {str(n): "x" for n in range(33)}}, id="far too many options"),
    ],
)
def test_what_is_no_choice_is_refused_in_words(options: Any) -> None:
    """Malformed options become a refusal with a reason, not an exception that nobody reads."""
    with pytest.raises(InvalidRequest, match="Not started"):
        read_options(options)


def test_a_form_says_profile_and_group() -> None:
    """The form's two fields are the options; the hub's own are not."""
    form = {"profile": ["small"], "charge_to": ["research"], "_xsrf": ["x"], "offered_by:small": ["research"]}
    assert options_from_form(form) == {"profile": "small", "charge_to": "research"}


@pytest.mark.parametrize(
    ("charge_to", "charged"),
    [
        pytest.param("research", "gpu", id="another group is chosen above"),
        pytest.param("lab", "lab", id="a group that offers it is chosen"),
        pytest.param("", "gpu", id="none is chosen"),
    ],
)
def test_a_row_is_charged_to_a_group_that_offers_it(charge_to: str, charged: str) -> None:
    """The row said so on screen, and the options hold the group by name."""
    form = {"profile": ["l4"], "charge_to": [charge_to], "offered_by:l4": ["gpu lab"]}
    assert options_from_form(form)["charge_to"] == charged


def test_a_link_is_taken_literally() -> None:
    """An ``opt-`` query has no hidden fields: its group is the one that is asked for."""
    assert options_from_form({"profile": ["l4"], "charge_to": ["research"]})["charge_to"] == "research"


def test_a_link_means_the_same_on_every_hub() -> None:
    """JupyterHub 6 takes the prefix off, 5 hands it on."""
    assert options_from_form({"opt-profile": ["l4"]}) == options_from_form({"profile": ["l4"]}) == {"profile": "l4"}


FORM = {
    "profile": ["small"],
    "charge_to": ["research"],
    "option:research:small:image": ["torch"],
    "option:gpu:small:image": ["cuda"],
    "option:research:large:image": ["huge"],
    "option:research:small:disk": [""],
}


@pytest.mark.parametrize(
    ("more", "options"),
    [
        pytest.param({}, {"image": "torch"}, id="of the row and its group alone"),
        pytest.param({"offered_by:small": ["gpu"]}, {"image": "cuda"}, id="of the group that the row names"),
        pytest.param(
            {"option:research:small:image--unlisted-choice": ["own:1"]}, {"image": "torch"}, id="typed and left"
        ),
        pytest.param(
            {
                "option:research:small:image": ["--unlisted-choice"],
                "option:research:small:image--unlisted-choice": ["own:1"],
            },
            {"image--unlisted-choice": "own:1"},
            id="typed",
        ),
    ],
)
def test_a_form_says_what_was_chosen_within_the_profile(more: dict[str, list[str]], options: dict[str, str]) -> None:
    """The page holds the options of every row and group; those of the start are the ones that count."""
    assert options_from_form({**FORM, **more})["options"] == options


def test_a_link_may_choose_within_the_profile() -> None:
    """It names neither group nor profile again."""
    link = {"opt-profile": ["small"], "opt-option:image": ["torch"]}
    assert options_from_form(link) == {"profile": "small", "options": {"image": "torch"}}
