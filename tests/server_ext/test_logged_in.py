"""The page at which a login that was opened from the panel ends."""

import re

from tests.server_ext.programs import ROOT, Program

PATH = "gatehouse/logged-in"
SAYS = "You are logged in again"


def test_it_tells_the_panel_on_the_channel_that_it_listens_to(bare_lab: Program) -> None:
    """The one name that page and panel must agree on."""
    answer = bare_lab.call(PATH)
    assert answer.status == 200
    assert SAYS in answer.text
    panel = (ROOT / "labextension" / "src" / "login.ts").read_text(encoding="utf-8")
    channel = re.search("CHANNEL = '(.+)'", panel)
    assert channel
    assert f"BroadcastChannel('{channel[1]}')" in answer.text


def test_without_a_login_it_leads_to_one(bare_lab: Program) -> None:
    """Nobody reads it who is not logged in, and nobody is left with an error."""
    answer = bare_lab.call(PATH, Authorization="")
    assert answer.status == 200
    assert SAYS not in answer.text
    assert 'name="password"' in answer.text
