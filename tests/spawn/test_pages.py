"""The fragments that the hub shows inside its frame."""

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from hub_ext.contract.errors import Refused, Unavailable
from hub_ext.contract.offers import ChoiceOffer, Offers, OptionOffer
from hub_ext.contract.reasons import Reason
from hub_ext.spawn.pages import away_html, form_html, refusal_html
from hub_ext.spawn.profiles import spawn_form
from tests.spawn.samples import NOW, group, offers, profile


class Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one."""
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements that match."""
        return [a for t, a in self.found if t == tag and all(a.get(key) == value for key, value in attributes.items())]


def drawn(mine: Offers) -> Elements:
    """Return the elements of a person's form."""
    return Elements(form_html(spawn_form(mine)))


def test_the_form_has_plain_fields() -> None:
    """It works without a script: radio buttons ``profile`` and a select ``charge_to``."""
    page = drawn(offers(group("research", profile("small"), profile("large")), group("gpu", profile("l4"))))
    assert [radio["value"] for radio in page.all("input", type="radio", name="profile")] == ["small", "large", "l4"]
    assert [option["value"] for option in page.all("option")] == ["research", "gpu"]
    assert page.all("select")[0]["name"] == "charge_to"
    assert page.all("input", type="hidden", name="offered_by:l4")[0]["value"] == "gpu"


def test_one_group_needs_no_choice() -> None:
    """The group to charge is then a sentence and a hidden field."""
    page = drawn(offers(group("research", profile("small"))))
    assert not page.all("select")
    assert page.all("input", name="charge_to")[0] == {"type": "hidden", "name": "charge_to", "value": "research"}


def test_an_unavailable_profile_points_to_its_reason() -> None:
    """The radio is disabled and names the element that says why."""
    mine = offers(group("research", profile("small"), profile("wide", refused="Not started: no room.")))
    page = drawn(mine)
    radio = page.all("input", value="wide")[0]
    assert "disabled" in radio
    reason = page.all("span", id=str(radio["aria-describedby"]))[0]
    assert "hidden" not in reason
    assert "Not now: no room." in form_html(spawn_form(mine))


def test_nothing_to_start_is_a_sentence_and_no_button() -> None:
    """A person whose groups offer no server reads whom to ask."""
    html = form_html(spawn_form(offers()))
    assert "None of your groups offers a notebook server" in html
    assert "#data-platform" in html
    assert not Elements(html).all("button")


def test_an_administrator_without_a_profile_is_led_to_the_overview() -> None:
    """Who has nothing to start but may read everything finds the way; somebody else is not shown it."""
    page = "/services/gatehouse/"
    links = Elements(form_html(spawn_form(offers(may=("read",))), page)).all("a")

    assert [link["href"] for link in links] == [page]
    assert not Elements(form_html(spawn_form(offers()), page)).all("a")


def test_the_absent_service_is_a_sentence_and_no_button() -> None:
    """The form is never empty, or the hub would start something by itself."""
    html = away_html(Unavailable("The Gatehouse service is not answering."))
    assert "The Gatehouse service is not answering." in html
    assert "[service_unavailable]" in html
    assert not Elements(html).all("button")


IMAGE = OptionOffer(
    name="image",
    title="Image",
    choices=(ChoiceOffer(name="plain", title="Plain"), ChoiceOffer(name="torch", title="PyTorch")),
    default="plain",
    typed="Another",
)


def test_the_form_has_each_groups_options() -> None:
    """A select for each option of a row and group, with what was chosen before; and a field for what is not listed."""
    mine = offers(group("research", profile("small", options=(IMAGE,))), group("gpu", profile("small")))
    page = Elements(form_html(spawn_form(mine, "small", "research", {"image": "torch"})))
    assert [one["data-group"] for one in page.all("fieldset", **{"class": "gh-options"})] == ["research"]
    assert page.all("select")[1]["name"] == "option:research:small:image"
    assert [one["value"] for one in page.all("option") if "selected" in one] == ["research", "torch"]
    assert page.all("input", type="text")[0]["name"] == "option:research:small:image--unlisted-choice"


@pytest.mark.parametrize(
    ("before", "chosen", "typed"),
    [
        pytest.param({}, "plain", "", id="nothing"),
        pytest.param({"image": "gone"}, "plain", "", id="what is offered no more"),
        pytest.param({"image--unlisted-choice": "own:1"}, "", "own:1", id="a typed value"),
    ],
)
def test_an_option_opens_with_what_can_be_had(before: dict[str, str], chosen: str, typed: str) -> None:
    """The stored choice counts only while it is offered."""
    [row] = spawn_form(offers(group("research", profile("small", options=(IMAGE,)))), "small", None, before).rows
    [option] = row.options[0].rows
    assert (option.chosen, option.typed) == (chosen, typed)


NASTY = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(
            form_html(
                spawn_form(offers(group("research", profile("x", title=NASTY, description=NASTY, refused=NASTY))))
            ),
            id="form",
        ),
        pytest.param(away_html(Unavailable(NASTY)), id="away"),
        pytest.param(refusal_html(Refused(NASTY), offers=None, profile=NASTY, charge_to=NASTY, now=NOW), id="refusal"),
    ],
)
def test_what_people_wrote_stays_text(html: str) -> None:
    """Titles, messages and options never become markup."""
    assert NASTY not in html
    assert "&lt;script&gt;alert(1)" in html


def refusal(**changes: Any) -> str:
    """Return the page for a refused large notebook."""
    mine = offers(group("research", profile("large", refused="full"), profile("small")), group("gpu", profile("l4")))
    message = "Not started: Research has used all 640 cores. Likely free at 13:11."
    error = Refused(message, retry_at=NOW + timedelta(minutes=6), decision="d-81c04e", **changes)
    return " ".join(refusal_html(error, offers=mine, profile="large", charge_to="research", now=NOW).split())


@pytest.mark.parametrize(
    "part",
    [
        "Large notebook was not started",
        "Research has used all 640 cores. Likely free at 13:11. <span",
        "[quota_exceeded]",
        "13:11 UTC</time></b> (in 6 min)",
        "Small notebook, $0.24/h, charged to Research; L4 notebook, $0.24/h, charged to Gpu.",
        "#data-platform. Give them <code>d-81c04e</code>.",
        'aria-valuetext="531 of 640 cores in use, 109 free; 4 cores yours"',
    ],
)
def test_a_refusal_says_what_why_and_what_now(part: str) -> None:
    """Fact, cause, next steps, and the code to quote."""
    assert part in refusal()


def test_a_refusal_about_money_shows_no_cores() -> None:
    """The meter stands only where cores are what binds."""
    assert 'role="meter"' not in refusal(reason=Reason.budget_exhausted)


def test_the_same_profile_charged_to_another_group_is_a_way_out() -> None:
    """What was refused is not suggested again, unless somebody else pays."""
    mine = offers(group("research", profile("large")), group("lab", profile("large")))
    html = refusal_html(Refused("Not started: no."), offers=mine, profile="large", charge_to="research", now=NOW)
    assert "Large notebook, $0.24/h, charged to Lab." in html
    assert "charged to Research" not in html
