"""The pages in a real browser: they show what the API answers, nothing else, and stop what they are told to."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from hub_ext.contract.errors import Unavailable
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_cores, format_duration, format_money, format_rate, format_size
from hub_ext.service.pages import PLACES
from tests.service.visiting import Visit, column
from tests.support.page_figures import HOSTILE, STOPS_SOON
from tests.support.page_server import Program

REFRESHED = 8_000
"""Milliseconds in which the next figures are there for certain: they come every 5 s."""


def test_overview_shows_the_figures_of_the_api(visit: Visit, program: Program) -> None:
    """Burn rate, month, servers, clusters and workers on the page equal the JSON."""
    page = visit()
    figures = page.locator(".gh-figures .gh-value")
    expect(figures).to_have_count(5)
    told = program.overview
    assert figures.all_inner_texts() == [
        f"{format_money(told.burn_rate, 'USD')} /h",
        format_money(told.spent, "USD"),
        f"{told.servers:,}",
        f"{told.clusters:,}",
        f"{told.workers:,}",
    ]


def test_overview_warns_of_budgets_and_mistakes(visit: Visit) -> None:
    """The service's sentences about budgets, the worst first; waiting clusters; a policy file that was not loaded."""
    page = visit()
    expect(page.locator(".gh-list > li")).to_have_count(5)
    facts = page.locator(".gh-list > li .gh-strong").all_inner_texts()
    assert facts[0] == "97 % of Analysts' budget of $1,200 for November is spent."
    assert "81 % of Research's budget of $10,000 for November is spent." in facts
    expect(page.locator(".gh-list > li").first).to_contain_text("At 100 %, running work ends. [budget_warning]")
    assert "A newer policy file was not loaded: 2 mistakes." in facts
    assert "alice's sales-join waits for 60 of 200 workers." in facts


def test_groups_show_their_burst_credits(visit: Visit) -> None:
    """Below its name stands what a group has saved up, and where it is going; who needs no credits has no line."""
    page = visit("groups")
    cells = [cell.splitlines() for cell in column(page, "Groups", 1)]
    assert ["Research", "3,120 credits", "empty in 41 min"] in cells
    assert ["Machine learning", "-840 credits", "overdrawn"] in cells
    assert ["Earth observation"] in cells
    expect(page.get_by_text("3,120 credits")).to_have_attribute("title", re.compile("^3,120 of 5,000 core-minutes"))


def test_groups_show_what_is_borrowed_and_lent(visit: Visit) -> None:
    """A group's meter says what it borrows, or what of its quota others use; the legend says which fill is which."""
    page = visit("groups")
    expect(page.get_by_role("meter", name="716 of 640 cores, 76 borrowed")).to_be_visible()
    expect(page.get_by_role("meter", name="312 of 400 cores, 60 lent to others")).to_be_visible()
    assert page.locator(".gh-legend span").all_inner_texts() == [
        "used within quota",
        "borrowed",
        "lent to others",
        "free",
        "quota",
    ]


@pytest.mark.parametrize("place", [place.path for place in PLACES], ids=[place.name for place in PLACES])
def test_every_place_of_the_navigation_opens(visit: Visit, place: str) -> None:
    """Each link of the navigation leads to a page that fills itself and marks its place."""
    page = visit()
    page.locator(f'.gh-nav a[href$="/services/gatehouse/{place}"]').click()
    expect(page.locator('.gh-nav a[aria-current="page"]')).to_have_attribute("href", f"/services/gatehouse/{place}")
    expect(page.get_by_text("Asking for the figures.")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_clusters_show_rows_and_sums_of_the_api(visit: Visit, program: Program) -> None:
    """Every cluster that runs has a row, and the foot holds their exact sums."""
    page = visit("clusters")
    alive = [view for view in program.clusters.clusters if view.ended_at is None]
    assert sorted(column(page, "Clusters", 1)) == sorted(view.name for view in alive)
    foot = page.locator("tfoot tr > *").all_inner_texts()
    total = [
        sum((getattr(view, name) for view in alive), Decimal(0)) for name in ("price_per_hour", "cost", "idle_cost")
    ]
    assert foot[-4:-1] == [f"{value:,.2f}" for value in total]


def test_sort_by_a_head_button(visit: Visit) -> None:
    """The head button sorts numbers as numbers, a second press turns the order, and aria-sort says so."""
    page = visit("clusters")
    assert column(page, "Clusters", 1)[:2] == ["survey-merge", "churn-xgb"]
    head = page.get_by_role("columnheader", name="So far $")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column(page, "Clusters", 1)[:3] == ["prices-live", "orders-stream", "churn-xgb"]
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert column(page, "Clusters", 11)[0] == "0.02"
    assert page.locator("[aria-sort]").count() == 1


def test_filter_narrows_and_stands_in_the_address(visit: Visit) -> None:
    """The slash key leads to the filter; what is typed narrows rows and sums and stays after a reload."""
    page = visit("clusters")
    column(page, "Clusters", 1)
    page.keyboard.press("/")
    page.keyboard.type("dan research")
    assert column(page, "Clusters", 1) == ["backtest-eu"]
    assert page.locator("tfoot tr > :first-child").all_inner_texts() == ["These 1", "All 13"]
    page.reload()
    assert column(page, "Clusters", 1) == ["backtest-eu"]
    page.get_by_label("Filter").get_by_role("searchbox").fill("")
    page.get_by_role("combobox", name="Group").select_option("earth")
    assert column(page, "Clusters", 1) == ["tiles-2026"]


def test_ended_clusters_show_on_demand(visit: Visit) -> None:
    """What ended in the last ten minutes is hidden until the state filter asks for it."""
    page = visit("clusters")
    assert "old-run" not in column(page, "Clusters", 1)
    page.get_by_role("combobox", name="State").select_option("stopped")
    assert column(page, "Clusters", 1) == ["old-run"]


def test_a_hostile_name_is_text(visit: Visit) -> None:
    """A name made of markup is shown letter by letter, on page and dialog, and makes no element."""
    page = visit("clusters")
    assert HOSTILE in column(page, "Clusters", 1)
    page.get_by_role("button", name=f"Stop {HOSTILE} of mallory").click()
    expect(page.get_by_role("heading", name=f"Stop {HOSTILE}?")).to_be_visible()
    assert page.locator('img[src="x"]').count() == 0


def test_stop_posts_the_reason_and_the_row_goes(visit: Visit, program: Program) -> None:
    """Stop needs a reason of eight characters, sends it once, shows stopping, and the row goes when it has ended."""
    page = visit("clusters")
    page.get_by_role("button", name="Stop sales-join of alice").click()
    dialog = page.get_by_role("dialog", name="Stop sales-join?")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    expect(dialog).to_contain_text("140 workers of alice stop.")
    expect(dialog).to_contain_text("141 cores and 282 GiB come free to Research. $7.05/h ends")
    dialog.get_by_label("Reason").fill("  short ")
    dialog.get_by_role("button", name="Stop cluster").click()
    expect(dialog.get_by_role("alert")).to_have_text("Write a reason of at least 8 characters.")
    assert program.stops == []
    dialog.get_by_label("Reason").fill("The price run needs the cores; agreed with alice.")
    dialog.get_by_role("button", name="Stop cluster").click()
    row = page.locator("tr", has_text="sales-join")
    expect(row).to_contain_text("Stopping")
    expect(row.get_by_role("button")).to_have_count(0)
    lease = next(view.lease for view in program.clusters.clusters if view.name == "sales-join")
    assert [(stop.lease, stop.note) for stop in program.stops] == [
        (lease, "The price run needs the cores; agreed with alice.")
    ]
    program.finish(lease)
    expect(row).to_have_count(0, timeout=REFRESHED)


def test_escape_keeps_it_running(visit: Visit, program: Program) -> None:
    """Esc closes the dialog, nothing is stopped, and the focus is where it was."""
    page = visit("servers")
    button = page.get_by_role("button", name="Stop plots of alice")
    button.click()
    page.get_by_label("Reason").fill("A long enough reason")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    assert program.stops == []


def test_a_refused_stop_says_why(visit: Visit, program: Program) -> None:
    """When the service cannot stop it, the dialog stays with the service's sentence and its code."""
    program.refuse_stop = Unavailable("The Dask Gateway is not answering, so nothing was stopped. Repeat in a minute.")
    page = visit("clusters")
    page.get_by_role("button", name="Stop sales-join of alice").click()
    page.get_by_label("Reason").fill("A long enough reason")
    page.get_by_role("button", name="Stop cluster").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "The Dask Gateway is not answering, so nothing was stopped. Repeat in a minute. [service_unavailable]"
    )


def test_reading_alone_offers_no_stop(visit: Visit) -> None:
    """A person with the scope to read, but not to operate, sees everybody's clusters and no Stop."""
    page = visit("clusters", who="rita")
    assert "sales-join" in column(page, "Clusters", 1)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


def test_an_account_shows_the_warnings_of_its_budgets(visit: Visit) -> None:
    """The service's own sentence with its code stands above the figures."""
    page = visit("account", who="alice")
    expect(page.locator(".gh-notice-warn")).to_contain_text(
        "81 % of Research's budget of $10,000 for November is spent. At 100 %, nothing new starts. [budget_warning]"
    )


def test_a_top_up_is_sent_with_its_reason(visit: Visit, program: Program) -> None:
    """A wrong amount or a short reason is said at once; then amount, end and reason are sent, once."""
    page = visit("groups")
    page.get_by_role("button", name="Top up Research...").click()
    dialog = page.get_by_role("dialog", name="Top up Research?")
    expect(dialog.get_by_label("Research's budget")).to_be_focused()
    expect(dialog).to_contain_text(
        "$8,131.42 of $10,000 are spent this month. The month is expected to cost $12,197.13."
    )
    submit = dialog.get_by_role("button", name="Top up")
    dialog.get_by_label("Amount in USD").fill("-5")
    submit.click()
    expect(dialog.get_by_role("alert")).to_have_text("Write an amount above zero, such as 250.")
    dialog.get_by_label("Amount in USD").fill("250.50")
    submit.click()
    expect(dialog.get_by_role("alert")).to_have_text("Write a reason of at least 8 characters.")
    assert program.topups == []
    dialog.get_by_label("Reason").fill("Deadline of the sales report")
    dialog.get_by_label("Ends on").fill("2026-11-28")
    submit.click()
    expect(page.get_by_text("Research has $250.50 more this month.")).to_be_visible()
    [sent] = program.topups
    assert (sent.group, sent.amount, sent.reason) == ("research", Decimal("250.50"), "Deadline of the sales report")
    assert sent.id
    assert sent.expires_at == datetime(2026, 11, 28, tzinfo=UTC)


def test_reading_alone_offers_no_top_up(visit: Visit) -> None:
    """A person with the scope to read sees the groups and what they are expected to cost, and no button."""
    page = visit("groups", who="rita")
    assert "Production" in column(page, "Groups", 1)
    expect(page.get_by_role("row", name="Research")).to_contain_text("12,197.13")
    expect(page.get_by_role("button", name="Top up")).to_have_count(0)


def test_alice_sees_her_account_alone(visit: Visit, program: Program) -> None:
    """Without the scope there is no navigation, nothing of others, and no call to an administrator's path."""
    page = visit(who="alice")
    assert column(page, "Your servers", 1) == ["default", "plots"]
    assert column(page, "Your clusters", 1) == ["sales-join"]
    assert column(page, "Budgets", 2) == ["$812.75 / 1,500", "$41.20"]
    expect(page.locator(".gh-figures .gh-value").nth(1)).to_have_text("$853.95")
    expect(page.get_by_role("navigation", name="Gatehouse")).to_have_count(0)
    text = page.locator("body").inner_text()
    assert "#data-platform" in text
    assert STOPS_SOON in text
    assert not [name for name in ("erik", "mallory", "nadia") if name in text]
    assert set(program.calls) == {"GET api/v1/account"}


@pytest.mark.parametrize("path", [place.path for place in PLACES if place.audience == "administrators" and place.path])
def test_a_place_of_administrators_refuses_others(visit: Visit, path: str) -> None:
    """Who opens an administrator's address without the scope gets 403, a sentence, and their own account."""
    page = visit(path, who="alice")
    expect(page.get_by_text("is for administrators.")).to_be_visible()
    expect(page.get_by_role("heading", name="Your account", level=1)).to_be_visible()
    assert page.request.get(page.url).status == 403


def test_a_person_without_group_learns_whom_to_ask(visit: Visit) -> None:
    """Without a policy group the page says so, what the login service sent, whom to ask, and the line to send."""
    page = visit(who="carol")
    expect(page.get_by_text("You are logged in, but no group lets you start a server.")).to_be_visible()
    expect(page.get_by_text("carol has no group in Gatehouse: /contractors, /vpn [no_group]")).to_be_visible()
    expect(page.get_by_text("#data-platform")).to_be_visible()


def test_who_is_not_let_in_reads_why(visit: Visit) -> None:
    """A login that does not cover the service gets a readable page with the sentence, its code and a way back."""
    page = visit(who="stranger")
    expect(page.get_by_role("alert")).to_contain_text("This token is not allowed to reach Gatehouse. [forbidden]")
    expect(page.get_by_role("link", name="To the hub's home")).to_have_attribute("href", "/hub/home")


def test_the_service_away_leaves_the_last_figures(visit: Visit, program: Program) -> None:
    """When the service is gone the figures stay, a strip says since when, and it goes when the service is back."""
    page = visit()
    figure = page.locator(".gh-figures .gh-value").first
    expect(figure).to_have_text("$121.36 /h")
    program.away = True
    strip = page.locator("#gh-strip")
    expect(strip).to_contain_text("Gatehouse has not answered since 14:12:05 UTC.", timeout=REFRESHED)
    expect(strip).to_contain_text("[service_unavailable]")
    expect(figure).to_have_text("$121.36 /h")
    program.away = False
    expect(strip).to_be_empty(timeout=REFRESHED)


def test_an_expired_login_leads_to_a_new_one(visit: Visit, program: Program) -> None:
    """When the login has expired the page says so and links to a new login, which leads back here."""
    program.expired = True
    page = visit("servers")
    link = page.locator("#gh-strip").get_by_role("link", name="Log in again")
    expect(link).to_have_attribute("href", f"{program.url}servers")
    program.expired = False
    link.click()
    assert column(page, "Servers", 1)


def test_nothing_is_asked_while_hidden(visit: Visit, program: Program) -> None:
    """A page in the background asks nothing, and asks at once when it is looked at again."""
    page = visit(who="alice")
    page.clock.install()
    page.reload()
    column(page, "Your servers", 1)
    with page.expect_response("**/api/v1/account"):
        page.clock.run_for(5_000)
    page.wait_for_timeout(200)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    before = len(program.calls)
    page.clock.run_for(60_000)
    page.wait_for_timeout(200)
    assert len(program.calls) == before
    page.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    with page.expect_response("**/api/v1/account"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_ledger_filters_and_saves(visit: Visit, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The ledger's filters reach the API, its sum is that of the JSON, and the file holds every interval."""
    page = visit("ledger")
    expect(page.locator(".gh-figures .gh-value").first).to_have_text("$21.46")
    page.get_by_role("combobox", name="Group").select_option("analysts")
    expect(page.locator(".gh-figures .gh-value").first).to_have_text("$3.54")
    assert set(column(page, "Intervals", 3)) == {"bob"}
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    path = tmp_path_factory.mktemp("csv") / download.value.suggested_filename
    download.value.save_as(path)
    lines = path.read_text().splitlines()
    assert path.name == "gatehouse-ledger-2026-11.csv"
    assert lines[0].startswith("unit,kind,user,group,")
    assert len(lines) == 1 + 24


def test_decisions_show_sentence_and_code(visit: Visit) -> None:
    """Decisions come newest first, each with what the person read and its code; answers narrow them."""
    page = visit("decisions")
    assert column(page, "Latest decisions", 1)[:2] == ["14:12:01", "14:09:44"]
    assert column(page, "Latest decisions", 6)[0].endswith("Ask #data-platform. [quota_exceeded]")
    page.get_by_role("combobox", name="Answer").select_option("part")
    assert column(page, "Latest decisions", 2) == ["ravi"]


def test_policy_lists_every_mistake_with_its_line(visit: Visit) -> None:
    """The policy page says which version is in force and lists a newer file's mistakes by line and path."""
    page = visit("policy")
    assert column(page, "Mistakes", 1) == ["63", "88"]
    assert column(page, "Mistakes", 2) == ["groups.analysts.quota.core", "groups.research.budget.grace"]
    expect(page.get_by_role("alert")).to_contain_text("a1b2c3d45e6f stays in force.")


def test_theme_is_the_hubs(visit: Visit) -> None:
    """The toggle turns the page and keeps the choice where the hub's own pages keep it."""
    page = visit(color_scheme="dark")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.get_by_role("button", name="Toggle dark mode").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "light"
    assert page.evaluate("localStorage.getItem('jupyterhub-bs-theme')") == "light"
    page.reload()
    assert page.locator("html").get_attribute("data-bs-theme") == "light"


@pytest.mark.parametrize("path", [place.path for place in PLACES], ids=[place.name for place in PLACES])
def test_no_place_scrolls_sideways_at_900_px(visit: Visit, path: str) -> None:
    """At 900 px every place fits the window's width."""
    page = visit(path)
    page.set_viewport_size({"width": 900, "height": 900})
    expect(page.get_by_text("Asking for the figures.")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    scrolls = "[...document.querySelectorAll('.gh-scroll')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert page.evaluate(scrolls) == 0


def test_the_pages_policy_allows_only_our_own_files(visit: Visit) -> None:
    """The Content-Security-Policy forbids inline scripts and other hosts."""
    page = visit()
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; img-src 'self';")
    assert "unsafe" not in policy


AMOUNTS = ["0", "0.005", "1.005", "2.675", "-0.001", "-1.005", "1204.185", "999999.995", "0.0449999999999999999", "12"]


def test_units_are_written_as_in_python(visit: Visit) -> None:
    """Money, rates, sizes, cores and durations read on the page exactly as the service writes them in its messages."""
    page = visit()
    sizes, cores, seconds = [0, 2**20, 1536 * 2**20, 2**40], [0.5, 1, 64, 1234], [0, 90, 120, 5400, 7200, 176400]
    script = """async ([amounts, sizes, cores, seconds]) => {
        const f = await import("/services/gatehouse/static/format.js");
        return [
            amounts.map((a) => f.money(a, "USD")), amounts.map((a) => f.rate(a, "CHF")),
            sizes.map(f.size), cores.map(f.cores), seconds.map(f.duration),
        ];
    }"""
    assert page.evaluate(script, [AMOUNTS, sizes, cores, seconds]) == [
        [format_money(Decimal(amount), "USD") for amount in AMOUNTS],
        [format_rate(Decimal(amount), "CHF") for amount in AMOUNTS],
        [format_size(size) for size in sizes],
        [format_cores(Decimal(str(number))).replace("1234", "1,234") for number in cores],
        [format_duration(number) for number in seconds],
    ]


def test_every_reason_code_has_a_meaning(visit: Visit) -> None:
    """The page explains every reason code of the contract, and no other."""
    page = visit()
    script = 'async () => Object.keys((await import("/services/gatehouse/static/reasons.js")).MEANINGS)'
    assert set(page.evaluate(script)) == {reason.value for reason in Reason}


def test_a_saved_name_is_no_formula(visit: Visit, tmp_path_factory: pytest.TempPathFactory) -> None:
    """In a saved file a name that starts like a formula is text, and a negative number stays a number."""
    page = visit()
    script = 'async (rows) => (await import("/services/gatehouse/static/csv.js")).csv("names.csv", rows)'
    with page.expect_download() as download:
        page.evaluate(script, [["=1+1", "@sum", "-5.20", 'a "b", c']])
    path = tmp_path_factory.mktemp("csv") / "names.csv"
    download.value.save_as(path)
    assert path.read_text() == '\'=1+1,\'@sum,-5.20,"a ""b"", c"\n'


def test_g_and_a_letter_lead_to_a_place(visit: Visit) -> None:
    """The keys g and l open the ledger; typed into a filter they are letters."""
    page = visit("clusters")
    column(page, "Clusters", 1)
    page.keyboard.press("/")
    page.keyboard.type("gl")
    assert page.url.endswith("clusters?q=gl")
    page.keyboard.press("Tab")
    page.locator("main").focus()
    page.keyboard.type("gl")
    expect(page.get_by_role("heading", name="Ledger", level=1)).to_be_visible()
