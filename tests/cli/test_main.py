"""``gatehouse`` loads what a subcommand needs, and nothing else."""

import subprocess
import sys

import pytest
from traitlets.config import Application
from traitlets.utils.importstring import import_item

from hub_ext.cli.main import Gatehouse

FOREIGN = ("jupyterhub", "sqlalchemy", "dask_gateway_server", "oauthenticator", "tornado", "distributed")


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=False)


def test_policy_needs_no_framework() -> None:
    """The policy commands run where neither hub nor database is installed."""
    code = f"""
import sys
from hub_ext.cli.main import main
for name in {FOREIGN!r}:
    sys.modules[name] = None
main(["policy", "schema"])
"""
    done = python(code)
    assert (done.returncode, done.stdout[:1]) == (0, "{"), done.stderr


def test_missing_extra_is_one_sentence() -> None:
    """A subcommand whose packages are not installed says what to install."""
    code = """
import sys
from hub_ext.cli.main import main
sys.modules["sqlalchemy"] = None
main(["service"])
"""
    done = python(code)
    assert done.returncode == 1
    assert done.stderr == (
        "gatehouse service needs the package 'sqlalchemy'; install it with: "
        'pip install "jupyterhub-gatehouse[service]"\n'
    )


@pytest.mark.parametrize("name", Gatehouse.subcommands)
def test_subcommand_exists(name: str) -> None:
    """Each import string names an application that has a description."""
    app = import_item(Gatehouse.subcommands[name][0])
    assert issubclass(app, Application)
    assert app.description
