"""The panel's words in other languages: nothing is out of date or missing, and a Jupyter server hands them out."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.server_ext import programs
from tests.support.language import language_pack, path_with

ROOT = Path(__file__).parents[2]


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "labextension" / "scripts" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = _script()
each_catalog = pytest.mark.parametrize("path", [pytest.param(path, id=path.parts[-3]) for path in SCRIPT.catalogs()])


def test_the_template_is_not_stale() -> None:
    """The template holds the messages of today's source; else: ``make messages``."""
    assert SCRIPT.TEMPLATE.read_text(encoding="utf-8") == SCRIPT.written(SCRIPT.template())


def test_the_settings_are_in_the_template() -> None:
    """Titles and descriptions of the settings are found where JupyterLab looks for them."""
    schema = {"title": "A", "jupyter.lab.setting-icon-label": "B", "properties": {"x": {"description": "C"}}, "d": "D"}
    found = [("A", "schema"), ("B", "settings"), ("C", "settings")]
    assert list(SCRIPT.schema_messages(schema)) == found


@each_catalog
def test_a_catalog_is_not_stale(path: Path) -> None:
    """A catalog has the messages of today's source, and is compiled as it stands; else: ``make messages``."""
    assert path.read_text(encoding="utf-8") == SCRIPT.written(SCRIPT.updated(path))
    assert path.with_suffix(".json").read_text(encoding="utf-8") == SCRIPT.compiled(path)


@each_catalog
def test_a_catalog_is_complete(path: Path) -> None:
    """Each message has a translation, with as many forms as the language has, and each shows the same values."""
    catalog = SCRIPT.read(path)
    for message in catalog:
        if not message.id:
            continue
        forms = SCRIPT.forms(message)
        texts = [message.id] if isinstance(message.id, str) else list(message.id)
        assert len(forms) == (catalog.num_plurals if len(texts) > 1 else 1), texts
        for form in forms:
            assert form.strip(), texts
            assert _edges(form) == _edges(texts[-1]), texts
        assert {_values(form) for form in forms} <= {_values(text) for text in texts}, texts
        assert _values(forms[-1]) == _values(texts[-1]), texts


def _values(text: str) -> tuple[str, ...]:
    """Return what is filled in, and the marks of code."""
    return tuple(sorted(re.findall(r"%\d+|\[\w+\]", text)))


def _edges(text: str) -> tuple[bool, bool]:
    """Return whether a text joins on to others."""
    return text[:1] in ", ", text[-1:] == " "


def test_a_server_hands_out_the_words(tmp_path: Path) -> None:
    """With JupyterLab's language pack installed, the server gives a page the panel's words in that language."""
    language_pack(tmp_path / "site", "de_DE")
    with programs.jupyter_server(tmp_path, PYTHONPATH=path_with(tmp_path / "site")) as server:
        languages = server.call("lab/api/translations/").json
        answer = server.call("lab/api/translations/de_DE").json
    assert set(languages["data"]) == {"en", "de_DE"}
    assert answer["message"] == ""
    words = answer["data"]["jupyterlab_gatehouse"]
    assert words["New cluster"] == ["Neuer Cluster"]
    assert words["%1 core"] == ["%1 Kern", "%1 Kerne"]
    assert words["settings\x04Fewer workers"] == ["Weniger Worker"]
