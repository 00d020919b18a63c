"""Control groups: what this machine has of them, for real, and where they are found."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hub_ext import cgroups
from hub_ext.processes import start_ticks
from tests.service.waiting import until

HIDE = """
import os, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
print(os.getpid(), flush=True)
os.close(1)
time.sleep(600)
"""


def places() -> list[cgroups.Place]:
    """Return every kind that can be made here, of both versions."""
    mounts, own = Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text()
    return [place for place in cgroups.candidates(mounts, own) if cgroups._usable(place)]


@pytest.mark.parametrize("version", [1, 2])
def test_what_hides_ends_with_its_group(version: int) -> None:
    """A grandchild without environment, session and parent is in the group, and ends with it; the group goes, too."""
    here = next((place for place in places() if place.version == version), None)
    if here is None:
        pytest.skip(f"no control group of version {version} can be made here")
    group = here.make(f"test-{os.getpid()}-{time.monotonic_ns()}")
    with subprocess.Popen([sys.executable, "-c", "input()\n" + HIDE], stdin=-1, stdout=-1, env={}) as process:
        cgroups.join(group, process.pid)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\n")
        process.stdin.close()
        process.stdin = None
        hidden = int(process.stdout.readline())
    assert process.returncode == 0
    assert cgroups.members(group) == [hidden]
    assert cgroups.end(group)
    assert start_ticks(hidden) is None
    assert not Path(group).exists()


def test_a_fork_bomb_ends_with_its_group() -> None:
    """Processes that go on forking while they are killed do not get away."""
    here = cgroups.place()
    if here is None:
        pytest.skip("no control group can be made here")
    group = here.make(f"test-bomb-{os.getpid()}-{time.monotonic_ns()}")
    bomb = "input()\nimport os,time\nfor _ in range(400):\n  time.sleep(0.01)\n  if os.fork(): os._exit(0)\n"
    with subprocess.Popen([sys.executable, "-c", bomb], stdin=-1) as process:
        cgroups.join(group, process.pid)
        process.communicate(b"\n")
    until(lambda: cgroups.members(group))
    assert cgroups.end(group)


def test_ending_a_group_that_is_gone_is_no_error(tmp_path: Path) -> None:
    """Two may end the same."""
    assert cgroups.end(str(tmp_path / "gone"))


def test_the_own_group_is_found() -> None:
    """Version 2 comes first; a container's root is taken off; without both kinds nothing is found."""
    mounts = (
        "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - tmpfs tmpfs rw,mode=755\n"
        "31 30 0:27 /docker/abc /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"
        "32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    )
    own = "7:freezer:/docker/abc/job\n1:name=systemd:/x\n0::/system.slice/gateway.service\n"
    assert cgroups.candidates(mounts, own) == [
        cgroups.Place(Path("/sys/fs/cgroup/unified/system.slice/gateway.service"), 2),
        cgroups.Place(Path("/sys/fs/cgroup/freezer/job"), 1),
    ]
    assert cgroups.candidates(mounts.splitlines()[0], own) == []
