"""People of the demo in a real browser: each with a window, that is cookies, of their own."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.support.browsing import SLOW
from tests.support.stack import Stack


@dataclass
class Windows:
    """Everybody's windows on one running demo."""

    stack: Stack
    browser: Browser
    pictures: Path | None
    """Where screenshots for the docs go; None: they are not wanted."""
    windows: dict[str, BrowserContext] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)

    def window(self, name: str) -> BrowserContext:
        """Return the person's own window, with their own cookies."""
        if name not in self.windows:
            window = self.browser.new_context(viewport={"width": 1280, "height": 860})
            window.set_default_timeout(SLOW)
            self.windows[name] = window
        return self.windows[name]

    def page(self, name: str) -> Page:
        """Return the person's page."""
        if name not in self.pages:
            self.pages[name] = self.window(name).new_page()
        return self.pages[name]

    def log_in(self, name: str) -> Page:
        """Log in at the identity provider, as a person does."""
        page = self.page(name)
        page.goto(f"{self.stack.base_url}/hub/")
        page.get_by_role("link", name="Sign in").or_(page.get_by_role("button", name="Sign in")).click()
        self.identify(page, name)
        page.wait_for_url(f"{self.stack.base_url}/**")
        return page

    def identify(self, page: Page, name: str) -> None:
        """Fill in what the identity provider asks for."""
        page.locator("input[name=login]").fill(name)
        page.keyboard.press("Enter")
        page.locator("input[name=password]").fill(self.stack.people[name].password)
        page.keyboard.press("Enter")

    def lab(self, name: str, profile: str = "Small notebook", notebook: str = "First cluster.ipynb") -> Page:
        """Return the person's page with Lab on a notebook and the panel open; starts the server where it must."""
        page = self.page(name)
        page.goto(f"{self.stack.base_url}/hub/spawn")
        start = page.get_by_role("radio", name=profile)
        if start.count():
            start.check()
            page.get_by_role("button", name="Start").click()
        page.wait_for_url(f"**/user/{name}/lab**", timeout=SLOW)
        page.goto(f"{self.stack.base_url}/user/{name}/lab/tree/{notebook}?reset")
        expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=SLOW)
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=SLOW)  # Lab has come to rest
        open_panel(page)
        self.widen(page)
        return page

    def widen(self, page: Page) -> None:
        """Give the panel the width that the docs show, where pictures are wanted."""
        if self.pictures is not None:
            handle = page.locator("#jp-main-split-panel > .lm-SplitPanel-handle:not(.lm-mod-hidden)").first
            handle.drag_to(page.locator("#jp-main-dock-panel"), target_position={"x": 80, "y": 300})

    def picture(self, page: Page, name: str) -> None:
        """Keep a screenshot for the docs, where they are wanted."""
        if self.pictures is not None:
            page.screenshot(path=self.pictures / f"{name}.png")

    def get(self, name: str, path: str) -> Any:
        """Ask the service's API with the person's own login."""
        page = self.window(name).new_page()
        page.goto(f"{self.stack.base_url}/services/gatehouse/")
        answer = page.evaluate(
            """async path => {
                const xsrf = document.cookie.match(/_xsrf=([^;]*)/);
                const meta = document.querySelector('meta[name=xsrf-token],meta[name=gh-xsrf]');
                const token = (meta && meta.content) || (xsrf && xsrf[1]) || '';
                const answer = await fetch(path, {headers: {'X-XSRFToken': token}});
                return {status: answer.status, json: await answer.json()};
            }""",
            f"/services/gatehouse/api/v1/{path}",
        )
        page.close()
        return answer


def stop_server(page: Page) -> None:
    """Press the hub's button. Before the hub's script has come it does nothing, so it may be pressed again."""
    button = page.get_by_text("Stop My Server")
    for _ in range(5):
        page.wait_for_load_state("networkidle")
        button.click()
        with suppress(PlaywrightTimeout):
            button.wait_for(state="hidden", timeout=30_000)
            return
    raise AssertionError("the hub does not stop the server")


def open_panel(page: Page) -> Locator:
    """Return Lab's Gatehouse panel, opened."""
    found = page.get_by_role("complementary", name="Gatehouse")
    if not found.is_visible():
        page.locator(".jp-SideBar .lm-TabBar-tab[title=Gatehouse]").click()
    expect(found).to_be_visible()
    return found


def run_cell(page: Page, code: str) -> str:
    """Run code in a new last cell of the open notebook and return its text output."""
    cells = page.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    cells.last.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Escape")
    expect(page.locator(".jp-Notebook.jp-mod-commandMode")).to_be_visible()
    page.keyboard.press("b")
    expect(cells).to_have_count(before + 1)
    page.keyboard.press("Enter")
    expect(page.locator(".jp-Notebook.jp-mod-editMode")).to_be_visible()
    page.keyboard.insert_text(code)
    expect(cells.last.locator(".cm-content")).to_contain_text(code.splitlines()[-1])
    page.keyboard.press("Control+Enter")
    expect(cells.last.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"), timeout=SLOW)
    return "\n".join(cells.last.locator(".jp-OutputArea-output").all_inner_texts())


def command(page: Page, label: str) -> None:
    """Run a command by its name in the palette, with the keyboard."""
    page.keyboard.press("Control+Shift+C")
    expect(page.locator("#modal-command-palette input")).to_be_focused()
    page.keyboard.insert_text(label)
    item = page.locator(".lm-CommandPalette-item").filter(has_text=label).first
    expect(item).to_be_visible()
    page.keyboard.press("Enter")


def theme(page: Page, name: str) -> None:
    """Choose a theme, such as ``JupyterLab Dark``, and wait until Lab shows it."""
    if page.locator("body").get_attribute("data-jp-theme-name") != name:
        command(page, f"Use Theme: {name}")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", name)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
