"""Lab in German: the panel, its commands and its settings."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server_ext import programs
from tests.support.browsing import SLOW
from tests.support.language import language_pack, path_with
from tests.support.panel_service import TOKEN
from tests.support.windows import command, open_panel

BUNDLES = Path(__file__).parents[2] / "server_ext"
SETTINGS = {
    "translation-extension/plugin": {"locale": "de_DE"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Page]:
    """Lab on a person's own server, with German chosen, the panel beside it; what it shows is a sample."""
    tmp_path = tmp_path_factory.mktemp("german")
    language_pack(tmp_path / "site", "de_DE")
    for name, chosen in SETTINGS.items():
        file = tmp_path / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(chosen))
    (tmp_path / "bundles").mkdir()
    (tmp_path / "bundles" / "jupyterlab-gatehouse").symlink_to(BUNDLES / "labextension")
    with (
        programs.panel_service(tmp_path) as service,
        programs.jupyter_server(
            tmp_path,
            f"--LabApp.user_settings_dir={tmp_path / 'settings'}",
            f"--LabApp.extra_labextensions_path={tmp_path / 'bundles'}",
            PYTHONPATH=path_with(tmp_path / "site"),
            GATEHOUSE_URL=f"{service.url}/services/gatehouse/",
            JUPYTERHUB_API_TOKEN=TOKEN,
        ) as server,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(f"{server.url}lab?token=secret")
        at_rest(page)
        yield page
        page.close()


def at_rest(page: Page) -> None:
    """Wait until Lab has restored its layout: the launcher is the last to come, and takes the focus."""
    expect(page.locator(".jp-LauncherCard").first).to_be_visible(timeout=SLOW)


def test_translated_settings_are_kept(page: Page) -> None:
    """What is closed stays closed on a page that is loaded anew: translating the settings changes no value."""
    caret = open_panel(page).get_by_role("region", name="Umgebung").get_by_role("button", name="Umgebung", exact=True)
    expect(caret).to_have_attribute("aria-expanded", "true")
    with page.expect_response(
        lambda answer: answer.request.method == "PUT" and "gatehouse:panel" in unquote(answer.url)
    ):
        caret.click()
    page.reload()
    at_rest(page)
    open_panel(page)

    expect(caret).to_have_attribute("aria-expanded", "false")


def test_lab_in_german(page: Page) -> None:
    """Headings, money, month and states of the panel are German, and so are its commands and its settings."""
    panel = open_panel(page)
    expect(panel.get_by_role("region", name="Geld")).to_contain_text("Jetzt")
    expect(panel.get_by_role("region", name="Cluster")).to_contain_text("läuft")
    expect(panel).to_contain_text("Nutzungsdienst antwortet")

    command(page, "Tageskosten zeigen")
    expect(page.get_by_role("tab", name="Tageskosten")).to_be_visible()

    command(page, "Settings Editor")
    page.locator(".jp-PluginList-entry", has_text="Gatehouse-Benachrichtigungen").click()
    expect(page.locator(".jp-SettingsPanel")).to_contain_text("Ein Server oder Cluster durfte nicht starten.")
