"""A language pack for JupyterLab: the least that makes a server offer the language. JupyterLab's own are large."""

import os
from pathlib import Path

from jupyterlab_server.translation_utils import JUPYTERLAB_LANGUAGEPACK_ENTRY


def language_pack(site: Path, language: str) -> None:
    """Install a pack without words into a folder that stands on ``PYTHONPATH``."""
    module = f"jupyterlab_language_pack_{language}"
    info = site / f"{module}-4.6.dist-info"
    for folder in (site / module, info):
        folder.mkdir(parents=True)
    (site / module / "__init__.py").touch()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 4.6\n")
    (info / "entry_points.txt").write_text(f"[{JUPYTERLAB_LANGUAGEPACK_ENTRY}]\n{language} = {module}\n")


def path_with(site: Path) -> str:
    """Return ``PYTHONPATH`` with a folder before what stands there already."""
    return os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
