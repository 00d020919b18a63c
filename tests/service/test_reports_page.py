"""The Reports page in a real browser: what the API answers, as figures, chart, table and file."""

import re

from playwright.sync_api import expect

from hub_ext.contract.units import format_money
from tests.service.visiting import Visit, column
from tests.support.page_figures import HOSTILE
from tests.support.page_reports import report


def test_reports_show_lines_chart_and_total(visit: Visit) -> None:
    """The lines of a report are those of its JSON, largest first; the chart has a bar for each day and group."""
    page = visit("reports?span=2026-11")
    told = report("2026-11-01", "2026-12-01", "group", "")
    expect(page.locator(".gh-figures .gh-value").first).to_have_text(format_money(told.totals[0].cost, "USD"))
    lines = sorted(told.lines, key=lambda line: -line.cost)
    assert column(page, "By group", 6) == [f"{line.cost:,.2f}" for line in lines]
    days = report("2026-11-01", "2026-12-01", "day,group", "")
    bars = page.locator("svg.gh-chart[role=img] rect")
    expect(bars).to_have_count(len(days.lines))
    expect(page.locator("svg.gh-chart")).to_have_attribute("aria-label", re.compile(r"Cost per day in November 2026"))


def test_reports_by_person_and_of_a_closed_month(visit: Visit) -> None:
    """Another grouping is another table; the filter reaches the API, and a closed month is said to stay."""
    page = visit("reports?span=2026-10")
    page.get_by_role("combobox", name="Sums by").select_option("user")
    assert HOSTILE in column(page, "By person", 1)
    expect(page.get_by_text("October 2026 is closed and stays so.")).to_be_visible()
    page.get_by_role("combobox", name="Group").select_option("research")
    expect(page.locator("tfoot th")).to_have_text("All 2")
    assert sorted(column(page, "By person", 1)) == ["alice", "dan"]
    told = report("2026-10-01", "2026-11-01", "user", "research")
    shares = {f"{100 * line.cost / told.totals[0].cost:.1f} %" for line in told.lines}
    assert set(column(page, "By person", 4)) == shares
    page.get_by_role("combobox", name="Month or year").select_option("2026")
    expect(page.get_by_role("heading", name="Cost per month")).to_be_visible()


def test_a_report_is_saved_as_the_service_writes_it(visit: Visit) -> None:
    """Both buttons ask the service for a file of what is shown, and keep its name."""
    page = visit("reports?span=2026-11&group=research")
    column(page, "By group", 1)
    names = {}
    for button in ("CSV", "FOCUS 1.2"):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        names[button] = download.value.suggested_filename

    assert names == {
        "CSV": "gatehouse-csv-2026-11-01-2026-12-01.csv",
        "FOCUS 1.2": "gatehouse-focus-2026-11-01-2026-12-01.csv",
    }
