"""The identity provider: a real canaille, made once, seeded once, and seeded again only when the seed changes."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from tornado.httpclient import AsyncHTTPClient

from hub_ext.demo import health, idp_environment
from hub_ext.demo.failure import CannotStart
from hub_ext.demo.idp import IdentityProvider, seed_document
from hub_ext.demo.idp_environment import cache_directory, ensure_environment
from hub_ext.demo.keys import Keys
from hub_ext.demo.people import PEOPLE
from hub_ext.demo.ports import is_free
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> IdentityProvider:
    """A provider that knows the sample people."""
    directory = tmp_path_factory.mktemp("idp")
    programs = ensure_environment(cache_directory(directory), directory / "log", lambda _: None)
    callback = f"http://127.0.0.1:{free_port()}/hub/oauth_callback"
    made = IdentityProvider(directory, programs, free_port(), Keys(), callback, directory / "log")
    assert made.prepare(PEOPLE)
    return made


def test_an_environment_is_made_once(provider: IdentityProvider, tmp_path: Path) -> None:
    """A second call finds the environment made, says nothing and needs no package index."""
    said: list[str] = []
    cache = provider.programs.parent.parent
    assert ensure_environment(cache, tmp_path / "log", said.append) == provider.programs
    assert not said
    assert not (tmp_path / "log").exists()


def test_an_environment_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed installation shows pip's last lines, and is not taken for an environment later."""
    wrong = tmp_path / "requirements.txt"
    wrong.write_text("./no-such-package\n")
    monkeypatch.setattr(idp_environment, "REQUIREMENTS", wrong)
    for _ in range(2):
        with pytest.raises(CannotStart, match=r"(?s)could not be made; .* index, once\. Last lines .*no-such-package"):
            ensure_environment(tmp_path, tmp_path / "log", lambda _: None)


def test_the_cache_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments lie in the user's cache, where every data directory finds them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory(Path("/elsewhere")) == tmp_path / "gatehouse"


def test_without_a_home_the_data_directory_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whose cache cannot be made keeps environments in the data directory."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache_directory(tmp_path) == tmp_path


def test_an_unchanged_seed_is_kept(provider: IdentityProvider) -> None:
    """What people changed at the provider survives the next start."""
    database = provider.directory / "canaille.sqlite"
    before = database.stat().st_ino
    assert not provider.prepare(PEOPLE)
    assert database.stat().st_ino == before


def test_a_new_address_seeds_again(provider: IdentityProvider, tmp_path: Path) -> None:
    """Another callback address is another seed: the provider would refuse the hub otherwise."""
    elsewhere = replace(provider, directory=tmp_path, log=tmp_path / "log")
    assert elsewhere.prepare(PEOPLE[:1])
    moved = replace(elsewhere, callback_url="http://127.0.0.1:9/hub/oauth_callback")
    assert moved.prepare(PEOPLE[:1])
    assert not moved.prepare(PEOPLE[:1])


def test_the_seed_holds_every_person_and_group() -> None:
    """The seed names each person once, and each group with its members; who is in no group is in none."""
    provider = IdentityProvider(Path(), Path(), 1, Keys(), "http://127.0.0.1:2/hub/oauth_callback", Path())
    seed = seed_document(PEOPLE, provider)
    assert [user["user_name"] for user in seed["user"]] == ["alice", "bob", "carol", "adam"]
    assert {group["display_name"]: group["members"] for group in seed["group"]} == {
        "/analysts": ["bob"],
        "/gpu": ["alice"],
        "/platform-admins": ["adam"],
        "/research": ["alice"],
    }
    assert seed["client"][0]["client_uri"] == "http://127.0.0.1:2"


@pytest.fixture
def running(provider: IdentityProvider) -> Iterator[psutil.Process]:
    """The provider's process, answering; it ends on request with status 0."""
    environment = {**os.environ, **provider.environment}
    with provider.log.open("ab") as log:
        process = subprocess.Popen(provider.command, env=environment, cwd=provider.directory, stdout=log, stderr=log)
    deadline = time.monotonic() + 20
    while is_free(provider.port) and time.monotonic() < deadline:
        time.sleep(0.1)
    yield psutil.Process(process.pid)
    process.terminate()
    assert process.wait(10) == 0


async def test_its_health_is_its_identity(provider: IdentityProvider, running: psutil.Process) -> None:
    """The provider is healthy under its own name only, shows the sample organisation, and is one process."""
    assert await health.identity_provider(provider.issuer)()
    assert not await health.identity_provider(provider.issuer.replace("http", "HTTP"))()
    assert not await health.hub(provider.issuer, "any token")()
    page = await AsyncHTTPClient().fetch(f"{provider.issuer}/login")
    assert b"Sample organisation" in page.body
    assert not running.children()
