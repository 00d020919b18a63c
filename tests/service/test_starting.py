"""A service that cannot work does not start: one sentence at the end of its log says what is missing, from where."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub_ext.contract.errors import Unavailable
from hub_ext.service import starting
from hub_ext.service.policy_store import PolicyStore

POLICIES = Path(__file__).parents[1] / "policies"
GOOD = str(POLICIES / "minimal.yaml")
_TOKEN = {"JUPYTERHUB_API_TOKEN": "0" * 32}
_POD = {**_TOKEN, "KUBERNETES_SERVICE_HOST": "10.0.0.1"}


@pytest.mark.parametrize(
    ("environment", "policy", "sentence"),
    [
        pytest.param({}, GOOD, "There is no hub token, so nobody could be identified.", id="no token"),
        pytest.param(_POD, GOOD, "No database is named, and a file in this pod", id="no database"),
        pytest.param(_TOKEN, str(POLICIES / "broken.yaml"), "groups.analysts.quota.core (line 12)", id="wrong policy"),
    ],
)
def test_a_start_ends_with_one_sentence(
    tmp_path: Path, environment: dict[str, str], policy: str, sentence: str
) -> None:
    """The container ends with exit code 1, and the last line of its log says why."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTERHUB_", "GATEHOUSE_"))}
    command = [sys.executable, "-m", "hub_ext.cli.main", "service", f"--policy={policy}"]
    done = subprocess.run(
        command, cwd=tmp_path, env=kept | environment, capture_output=True, text=True, timeout=60, check=False
    )
    words = done.stderr.splitlines()[-1]
    assert (done.returncode, words.startswith("gatehouse service: "), sentence in words) == (1, True, True), words


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql://gatehouse:s3cret@db:port/x", "mysql://gatehouse:s3cret@db/x"]
)
def test_an_address_that_cannot_be_read_is_refused(url: str) -> None:
    """What is no address of a ledger is refused, and the password in it is not told."""
    with pytest.raises(Unavailable, match=r"The database address .* cannot be read\.") as refused:
        starting.require_database(url)
    assert "s3cret" not in refused.value.message


def test_the_environment_names_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address comes from the environment; without one it is a file, which only a pod refuses."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("GATEHOUSE_DATABASE_URL", "postgresql+psycopg://gatehouse@db/x")
    assert starting.database_address() == "postgresql+psycopg://gatehouse@db/x"
    monkeypatch.setenv("GATEHOUSE_DATABASE_URL", "")
    starting.require_database(starting.database_address())


@pytest.mark.parametrize(("file", "sentence"), [("/proc/nowhere", "cannot be read or made"), ("/dev/null", "is empty")])
def test_a_cookie_secret_must_be_one(file: str, sentence: str) -> None:
    """A secret that is not there, or is empty, is a sentence with the file's name."""
    with pytest.raises(Unavailable, match=f"The cookie secret {file} {sentence}"):
        starting.cookie_secret(file)


def test_a_renewed_config_map_is_read_again(tmp_path: Path) -> None:
    """A ConfigMap is renewed by one symbolic link that changes its target: the next look takes the new policy."""
    text = Path(GOOD).read_text(encoding="utf-8")
    _renew(tmp_path, "first", text)
    (tmp_path / "policy.yaml").symlink_to("..data/policy.yaml")
    store = PolicyStore(tmp_path / "policy.yaml")
    first = store.version

    assert not store.refresh()
    _renew(tmp_path, "second", text + "\n# another\n")
    assert store.refresh()
    assert store.version != first

    second = store.version
    _renew(tmp_path, "third", "nothing")
    assert not store.refresh()
    assert (store.version, len(store.mistakes) > 0) == (second, True)

    (tmp_path / "..data" / "policy.yaml").unlink()  # the key is gone from the ConfigMap
    assert not store.refresh()
    assert store.version == second
    assert "cannot be read" in store.mistakes[0]


def _renew(directory: Path, name: str, text: str) -> None:
    """Write a version of the volume, as the kubelet does: a directory of its own, then the link, in one step."""
    (directory / f"..{name}").mkdir()
    (directory / f"..{name}" / "policy.yaml").write_text(text, encoding="utf-8")
    (directory / "..data_tmp").symlink_to(f"..{name}")
    (directory / "..data_tmp").rename(directory / "..data")
