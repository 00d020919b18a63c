"""What axe-core finds wrong with a part of a page for people who do not see, or do not use a mouse."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """
async selector => {
    // Lab's body has no height and hides what overflows, so axe would take every text for invisible and pass over it.
    document.body.style.minHeight = '100vh';
    const answer = await axe.run({include: [[selector]]}, {resultTypes: ['violations']});
    document.body.style.minHeight = '';
    return answer.violations.map(({id, impact, help, nodes}) => (
        {id, impact, help, where: nodes.map(node => node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? ''))}
    ));
}
"""
_SERIOUS = {"serious", "critical"}


def serious(page: Page, selector: str) -> list[dict[str, Any]]:
    """Return the serious and critical violations in what a CSS selector names, by axe's own rules.

    Raises:
        playwright.sync_api.Error: nothing on the page is named so.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(_RUN, selector)
    return [one for one in found if one["impact"] in _SERIOUS]
