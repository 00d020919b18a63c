"""``make bench-panel``: what the panel weighs, what it takes while nothing happens, and how soon it shows an event.

The real stack of the demo and Debian's Chromium. *Idle*: the processor time of the page's tasks (the browser's own
``TaskDuration``) in stretches with the panel shown and with it hidden, in turns A B B A, so that what Lab itself does
is left out. *Event*: from the sending of a request that changes the account (another idle time) to the panel's text, as
the page's own clock sees it: both the way in and the way out are in it.
"""

import gzip
import tempfile
from pathlib import Path
from statistics import mean

from playwright.sync_api import CDPSession, Page

from benchmarks import streams
from benchmarks.figures import percentile, tell
from tests.support.browsing import chromium
from tests.support.stack import running_demo
from tests.support.windows import Windows, open_panel, run_cell

STRETCH, ROUNDS, EVENTS = 20, 3, 60
"""Seconds of each stretch; rounds of A B B A; events."""
_STATIC = Path(__file__).parents[1] / "server_ext" / "labextension" / "static"
_EVENT = """
async ({lease, seconds, words}) => {
    const [, token] = document.cookie.match(/_xsrf=([^;]*)/) ?? [];
    const panel = document.querySelector('#gatehouse-panel');
    const shown = new Promise(resolve => {
        const watcher = new MutationObserver(() => {
            if (panel.innerText.includes(words)) { watcher.disconnect(); resolve(performance.now()); }
        });
        watcher.observe(panel, {subtree: true, childList: true, characterData: true, attributes: true});
    });
    const begun = performance.now();
    const answer = await fetch(location.pathname.replace(/[/]lab.*/, '/gatehouse/extend'), {
        method: 'POST', body: JSON.stringify({lease, idle_seconds: seconds}), headers: {'X-XSRFToken': token},
    });
    if (!answer.ok) { throw new Error(await answer.text()); }
    return await shown - begun;
}
"""


def _kilobytes() -> float:
    """Return the size of everything that a browser loads of the panel, compressed, in kB."""
    files = [file for file in _STATIC.rglob("*") if file.suffix in {".js", ".css"}]
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) / 1000


def _busy(session: CDPSession) -> float:
    """Return the seconds that the page's tasks have taken so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def _idle(page: Page) -> tuple[float, float]:
    """Return the percent of a core that the page takes with the panel shown, and with it hidden."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    tab = page.locator(".jp-SideBar .lm-TabBar-tab[title=Gatehouse]")
    taken: dict[bool, list[float]] = {True: [], False: []}
    shown = page.locator("#gatehouse-panel").is_visible()
    for wanted in (True, False, False, True) * ROUNDS:
        if wanted is not shown:
            tab.click()
            shown = wanted
        page.wait_for_timeout(2_000)
        before = _busy(session)
        page.wait_for_timeout(STRETCH * 1_000)
        taken[wanted].append((_busy(session) - before) / STRETCH * 100)
    return mean(taken[True]), mean(taken[False])


def _events(page: Page, lease: str) -> list[float]:
    """Return the milliseconds from each event to the screen."""
    found = []
    for number in range(EVENTS):
        seconds, words = ((7200, "Stops after 2 h"), (3600, "Stops after 1 h"))[number % 2]
        found.append(page.evaluate(_EVENT, {"lease": lease, "seconds": seconds, "words": words}))
    return found


def main() -> None:
    """Measure all of it and tell the figures."""
    tell("panel_bundle_gzip_kb", _kilobytes(), "kB", target=150, compared_with="all scripts and styles")
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        base = Path(name)
        with running_demo(base / "data", base / "output.txt") as stack:
            people = Windows(stack, browser, None)
            people.log_in("alice")
            page = people.lab("alice")
            run_cell(page, "from dask_gateway import Gateway\ncluster = Gateway().new_cluster()\ncluster.scale(1)")
            panel = open_panel(page)
            panel.get_by_role("button", name="Details of This server").click()
            lease = people.get("alice", "account")["json"]["servers"][0]["lease"]
            page.wait_for_timeout(15_000)
            events = _events(page, lease)
            shown, hidden = _idle(page)
    beside = f"{shown:.2f} % with the panel, {hidden:.2f} % without; a server and a cluster run"
    tell("panel_idle_cpu_percent", max(0.0, shown - hidden), "% of a core", target=1, compared_with=beside)
    middle = f"median {percentile(events, 0.5):.0f} ms; {EVENTS} events, from the request to the screen"
    tell("event_to_screen_p95_ms", percentile(events, 0.95), "ms", target=1000, compared_with=middle)
    streams.measure()


if __name__ == "__main__":
    main()
