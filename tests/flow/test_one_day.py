"""The product as one day, in a real browser, on the real stack.

The tests are the hours of the day: each goes on where the one before ended, so they run in their order.
"""

import csv
import re
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.flow.conftest import Day
from tests.support.browsing import SLOW
from tests.support.focus_validator import violations
from tests.support.windows import open_panel, run_cell, stop_server


def _cost_so_far(item: Locator) -> Decimal:
    """Read what a cluster of the panel has cost."""
    found = re.search(r"Cost so far\s*\$([\d,]+\.\d+)", item.inner_text())
    assert found, item.inner_text()
    return Decimal(found[1].replace(",", ""))


def _ended(day: Day, count: int) -> list[dict[str, Any]]:
    """Return the intervals of schedulers and workers, once there are so many and all have ended."""
    rows = [row for row in day.get("adam", "admin/ledger?limit=1000")["json"]["rows"] if row["kind"] != "server"]
    return rows if len(rows) == count and all(row["ended_at"] for row in rows) else []


def test_alice_logs_in_and_sees_what_she_may_start_with_its_price(day: Day) -> None:
    """After the login at the identity provider the spawn page offers her groups' profiles with prices and budget."""
    page = day.log_in("alice")

    expect(page.get_by_role("heading", name="Start a server")).to_be_visible()
    expect(page.locator("form")).to_contain_text("Small notebook")
    expect(page.locator("form")).to_contain_text("$0.45/h")
    expect(page.locator("form")).to_contain_text("Notebook with one L4")
    expect(page.locator("form")).to_contain_text("left this month")
    day.picture(page, "spawn")


def test_a_profile_of_another_group_is_refused_with_the_reason_on_screen(day: Day) -> None:
    """Bob opens a link that starts Research's large notebook and reads why it does not start, and whom to ask."""
    page = day.log_in("bob")
    page.goto(f"{day.stack.base_url}/hub/spawn?opt-profile=large")

    expect(page.get_by_role("alert")).to_contain_text("Large notebook")
    expect(page.locator("body")).to_contain_text("[profile_not_offered]")
    expect(page.locator("body")).to_contain_text("#data-platform")
    expect(page.locator("body")).not_to_contain_text("500")
    day.picture(page, "refused")


def test_a_person_without_a_group_is_told_so(day: Day) -> None:
    """Carol's login works, but the page says that no group lets her start anything, and whom to ask."""
    page = day.log_in("carol")

    expect(page.get_by_role("heading", name="You are logged in, but no group lets you start a server")).to_be_visible()
    expect(page.locator("body")).to_contain_text("[no_group]")
    expect(page.locator("body")).to_contain_text("#data-platform")
    day.picture(page, "no-group")


def test_alice_starts_the_small_notebook_and_opens_lab(day: Day) -> None:
    """The chosen profile starts; Lab opens with the welcome notebook and the panel."""
    page = day.page("alice")
    page.goto(f"{day.stack.base_url}/hub/spawn")
    page.get_by_role("radio", name="Small notebook").check()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/user/alice/lab**", timeout=SLOW)
    page.goto(f"{day.stack.base_url}/user/alice/lab/tree/First cluster.ipynb")
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=SLOW)
    panel = open_panel(page)

    expect(panel).to_contain_text("Usage service is live")
    expect(panel).to_contain_text("No clusters")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("$0.45/h")


def test_a_notebook_makes_a_cluster_without_an_argument_and_computes(day: Day) -> None:
    """``Gateway().new_cluster()`` gives a cluster of her first profile; two workers compute."""
    page = day.page("alice")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=SLOW)
    made = run_cell(page, "from dask_gateway import Gateway\ncluster = Gateway().new_cluster()\nprint(cluster.name)")
    day.notes["cluster"] = made.strip().splitlines()[-1]
    computed = run_cell(
        page,
        "cluster.scale(2)\nclient = cluster.get_client()\nclient.wait_for_workers(2, timeout=180)\n"
        "import dask.array as da\nx = da.random.random((2000, 2000), chunks=(500, 500))\n"
        "print('mean', round(float((x + x.T).mean().compute()), 1))",
    )

    assert re.fullmatch(r"[0-9a-f]{32}", day.notes["cluster"])
    assert "mean 1.0" in computed


def test_the_panel_shows_the_cluster_and_its_cost_grows(day: Day) -> None:
    """Without a reload the cluster appears with its workers and its rate, and its cost grows while one looks."""
    page = day.page("alice")
    panel = open_panel(page)
    item = panel.get_by_role("listitem").filter(has_text="standard").first

    expect(item).to_contain_text("running")
    expect(item).to_contain_text("2 workers")
    expect(item).to_contain_text("$1.35/h")
    before = _cost_so_far(item)
    deadline = time.monotonic() + 180
    while _cost_so_far(item) <= before and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert _cost_so_far(item) > before
    expect(panel.get_by_role("region", name="Environment")).to_contain_text("equal", timeout=SLOW)


def test_more_than_the_quota_is_granted_in_part_with_the_reason_on_screen(day: Day) -> None:
    """Of nine wanted workers four fit below her limit of six cores; panel and API say what binds."""
    page = day.page("alice")
    run_cell(page, "cluster.scale(9)")
    panel = open_panel(page)
    item = panel.get_by_role("listitem").filter(has_text="standard").first

    expect(item).to_contain_text("4 of 9 workers", timeout=SLOW)
    expect(item).to_contain_text("[user_limit]")
    overrun = run_cell(
        page, "try:\n    Gateway().new_cluster()\nexcept Exception as error:\n    print(type(error).__name__, error)"
    )
    assert overrun.startswith("GatewayClusterError Not started:")
    assert "[user_limit]" in overrun


def test_bob_sees_none_of_it(day: Day) -> None:
    """Bob's account, pages and gateway know nothing of Alice's cluster; what he may not see is refused."""
    page = day.page("bob")
    page.goto(f"{day.stack.base_url}/services/gatehouse/")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Analysts")

    assert "alice" not in page.locator("body").inner_text()
    assert "alice" not in str(day.get("bob", "account")["json"])
    for path in ("overview", "servers", "clusters", "decisions", "ledger"):
        answer = day.get("bob", f"admin/{path}")
        assert (answer["status"], answer["json"]["error"]["reason"]) == (403, "forbidden")
    direct = page.request.get(f"{day.stack.base_url}/services/dask-gateway/api/v1/clusters/{day.notes['cluster']}")
    assert direct.status in {401, 403, 404}


def test_adam_sees_everything_and_stops_the_cluster(day: Day) -> None:
    """The admin page lists Alice's server and cluster with group and cost; a stop with a reason ends the cluster."""
    page = day.log_in("adam")
    page.goto(f"{day.stack.base_url}/services/gatehouse/")
    expect(page.get_by_role("row", name=re.compile("Research"))).to_be_visible()
    day.picture(page, "admin")
    page.get_by_role("link", name=re.compile("^Servers")).first.click()
    expect(page.get_by_role("row", name=re.compile("alice.*Research|Research.*alice")).first).to_contain_text("Small")
    page.get_by_role("link", name=re.compile("^Clusters")).first.click()
    row = page.get_by_role("row", name=re.compile("standard.*alice"))
    expect(row).to_contain_text("Research")
    day.picture(page, "admin-clusters")
    row.get_by_role("button", name=re.compile("^Stop")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("The machine is needed for the release")
    day.picture(page, "admin-stop")
    dialog.get_by_role("button", name=re.compile("^Stop")).click()

    expect(row).to_contain_text(re.compile("Stopping|Stopped"), timeout=SLOW)
    panel = open_panel(day.page("alice"))
    expect(panel).to_contain_text("stopped", timeout=SLOW)
    expect(panel).to_contain_text("adam")
    units = [one for one in day.witness.seen if one.kind != "server"]
    deadline = time.monotonic() + 180
    while not (rows := _ended(day, len(units))) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    expect(panel).to_contain_text(f"${sum(Decimal(row['cost']) for row in rows):,.2f} in all")


def test_the_day_ends(day: Day) -> None:
    """Alice stops her server at the hub; nothing of the day runs any longer."""
    page = day.page("alice")
    page.goto(f"{day.stack.base_url}/hub/home")
    stop_server(page)
    expect(page.locator("#start")).not_to_have_text("My Server", timeout=SLOW)
    deadline = time.monotonic() + 180
    while any(one.ended is None for one in day.witness.seen) and time.monotonic() < deadline:
        page.wait_for_timeout(100)

    assert [one for one in day.witness.seen if one.ended is None] == []


def test_the_ledger_equals_what_the_operating_system_saw(day: Day) -> None:
    """Every server, scheduler and worker of the day has an interval right to a second; the sum is the shown cost."""
    page = day.page("adam")
    deadline = time.monotonic() + 20
    rows = day.get("adam", "admin/ledger?limit=1000")["json"]["rows"]
    while any(row["ended_at"] is None for row in rows) and time.monotonic() < deadline:
        rows = day.get("adam", "admin/ledger?limit=1000")["json"]["rows"]
    told = day.get("adam", "admin/ledger?limit=1000")["json"]
    ledger = {row["unit"]: row for row in told["rows"]}
    seen = {one.unit: one for one in day.witness.finish()}

    assert sorted({one.kind for one in seen.values()}) == ["scheduler", "server", "worker"]
    assert sorted(ledger) == sorted(seen)
    for unit, one in seen.items():
        started, ended = (datetime.fromisoformat(ledger[unit][key]).timestamp() for key in ("started_at", "ended_at"))
        assert started == pytest.approx(one.started, abs=1), unit
        assert ended == pytest.approx(one.ended, abs=1), unit
        assert ledger[unit]["source"] == "exact"
    by_hand = sum(
        Decimal(repr(round(row["seconds"], 6))) / 3600 * (Decimal("0.4") * Decimal(str(row["cores"])) + Decimal("0.05"))
        for row in ledger.values()
    )
    assert abs(by_hand - Decimal(told["total"])) < Decimal("0.000001")
    page.goto(f"{day.stack.base_url}/services/gatehouse/ledger")
    figure = page.locator(".gh-figures .gh-value").first
    expect(figure).to_have_text(f"${Decimal(told['total']):,.2f}")
    account = day.get("alice", "account")["json"]
    assert abs(Decimal(account["balances"][0]["mine"]) - Decimal(told["total"])) < Decimal("0.000001")
    day.picture(page, "ledger")


def test_the_books_of_the_day_pass_the_published_validator(day: Day, tmp_path: Path) -> None:
    """Adam saves the month as FOCUS from the Reports page: no rule is violated, and the rows are what the day cost."""
    page = day.page("adam")
    page.goto(f"{day.stack.base_url}/services/gatehouse/reports")
    total = day.get("adam", "admin/report?by=user,cluster")["json"]["totals"][0]["cost"]
    expect(page.locator(".gh-figures .gh-value").first).to_have_text(f"${Decimal(total):,.2f}")
    day.picture(page, "reports")
    with page.expect_download() as download:
        page.get_by_role("button", name="FOCUS 1.2").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    with file.open(newline="") as text:
        rows = list(csv.DictReader(text))

    assert {row["x_User"] for row in rows} == {"alice"}
    assert {row["ResourceId"] for row in rows} == {one.unit for one in day.witness.seen}
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal(total)
    assert violations(file) == []
