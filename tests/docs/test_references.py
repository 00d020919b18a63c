"""The reference cannot drift: what the code has stands in docs/reference, and every link leads somewhere."""

import re
from pathlib import Path

import pytest
from traitlets.config import Config

from docs import generate
from docs.generating.configuration import configurables, own_traits
from docs.generating.figures import metric_rows
from docs.generating.scopes import scope_holders
from hub_ext.contract import paths
from hub_ext.contract.reasons import Reason

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / ".github").glob("*.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts),
]
TARGET = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^()\s]+)\)")
README_BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def _page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def _targets(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [target for target in TARGET.findall(text) if not re.match(r"[a-z]+:", target)]


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    """The committed page is the one that `python -m docs.generate` writes; run it, and commit what it wrote."""
    assert _page(name) == generate.PAGES[name]()


@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.value)
def test_every_reason_is_explained(reason: Reason) -> None:
    """Each code has a row of its own."""
    assert f"| `{reason.value}` |" in _page("reasons.md")


def test_every_metric_is_explained() -> None:
    """Each metric stands there with a sentence."""
    page = _page("metrics.md")
    for name, _, _, meaning in metric_rows():
        assert f"`{name}`" in page
        assert meaning.endswith("."), name


@pytest.mark.parametrize("scope", paths.CUSTOM_SCOPES)
def test_every_scope_is_explained(scope: str) -> None:
    """Each scope stands there, and somebody holds it."""
    assert f"`{scope}`" in _page("scopes.md")
    assert scope_holders()[scope]


@pytest.mark.parametrize("kind", configurables(), ids=lambda kind: kind.__name__)
def test_every_trait_has_help_and_stands_in_the_reference(kind: type) -> None:
    """A trait without help is one that nobody can use."""
    page = _page("configuration.md")
    for name, trait in own_traits(kind).items():
        assert trait.help.strip(), f"{kind.__name__}.{name} has no help"
        assert f"`c.{kind.__name__}.{name}`" in page


def test_the_classes_that_administrators_configure_are_found() -> None:
    """Looking for traits finds the classes of every process."""
    found = {kind.__name__ for kind in configurables()}
    assert found >= {
        "GatehouseSettings",
        "GatehouseOIDCAuthenticator",
        "GatehouseLocalSpawner",
        "GatehouseGatewayAuthenticator",
        "GatehouseLocalBackend",
        "GatehouseService",
        "GatehouseExtension",
    }


def test_every_key_of_the_policy_has_a_sentence() -> None:
    """No row of the policy's tables ends without a meaning."""
    rows = [line for line in _page("policy.md").splitlines() if line.startswith("| `")]
    assert len(rows) > 80
    assert [row for row in rows if row.endswith("|  |")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """Links to files exist; links to anchors of the same page are Sphinx's to check."""
    missing = [
        target
        for target in _targets(page)
        if not target.startswith("#") and not (page.parent / target.partition("#")[0]).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_image_says_what_it_shows(page: Path) -> None:
    """A person who cannot see the image reads its text."""
    assert [target for text, target in IMAGE.findall(page.read_text(encoding="utf-8")) if len(text) < 10] == []


def test_the_table_of_rooms_names_every_room_and_its_tests() -> None:
    """Each folder of the code stands in README's table, and each folder of tests that it names is there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = {f"hub_ext/{path.parent.name}" for path in (ROOT / "hub_ext").glob("*/__init__.py")}
    assert {room for room in rooms if f"[`{room}`]" not in text} == set()
    assert {named for named in re.findall(r"`(tests/\w+)`", text) if not (ROOT / named).is_dir()} == set()


def test_the_ten_lines_of_the_readme_configure_a_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are about ten, and set up login, spawner, services, rights and the environment of servers."""
    block = README_BLOCK.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert block is not None
    (tmp_path / "policy.yaml").write_text((ROOT / "hub_ext" / "demo" / "policy.yaml").read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    for name in ("JUPYTERHUB_CRYPT_KEY", "OIDC_CLIENT_SECRET", "GATEHOUSE_TOKEN", "GATEHOUSE_HUB_TOKEN"):
        monkeypatch.setenv(name, "0" * 64)
    monkeypatch.setenv("DASK_GATEWAY_TOKEN", "1" * 64)
    c = Config()
    exec(compile(block[1], "README.md", "exec"), {"c": c})  # noqa: S102 - the page's own code
    lines = [line for line in block[1].splitlines() if line.strip()]
    assert len(lines) <= 15
    assert c.JupyterHub.authenticator_class == "gatehouse-oidc"
    assert c.JupyterHub.spawner_class == "gatehouse-local"
    assert {service["name"] for service in c.JupyterHub.services} == {"gatehouse", "gatehouse-hub", "dask-gateway"}
    assert "gatehouse-administrators-operate" in {role["name"] for role in c.JupyterHub.load_roles}
    assert "GATEHOUSE_URL" in c.Spawner.environment
