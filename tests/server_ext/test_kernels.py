"""Whose Python a kernelspec means, and what happens when it does not answer."""

import sys

import pytest

from hub_ext.contract.errors import Unavailable
from server_ext.environments.kernels import Kernel, interpreter, kernel_snapshot

START = ("-m", "ipykernel_launcher", "-f", "{connection_file}")


@pytest.mark.parametrize(
    ("argv", "python"),
    [
        pytest.param(("python", *START), (sys.executable,), id="a bare name is this server's own"),
        pytest.param(
            ("/env/bin/python", "-Xfrozen_modules=off", *START),
            ("/env/bin/python", "-Xfrozen_modules=off"),
            id="options stay",
        ),
        pytest.param(
            ("conda", "run", "-n", "geo", "python", *START),
            ("conda", "run", "-n", "geo", "python"),
            id="a launcher stays",
        ),
        pytest.param(("/env/bin/python", "start.py"), ("/env/bin/python",), id="a script is left out"),
    ],
)
def test_the_interpreter_is_what_stands_before_the_kernel(argv: tuple[str, ...], python: tuple[str, ...]) -> None:
    """The snapshot is taken by the kernel's own Python."""
    assert interpreter(argv) == python


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import time; time.sleep(60)", "did not list its packages within 1 s"),
        ("raise SystemExit('no module named json')", "no module named json"),
        ("pass", "it wrote nothing"),
    ],
    ids=["hangs", "fails", "silent"],
)
async def test_a_kernel_that_does_not_answer_is_said(program: str, words: str) -> None:
    """A time limit holds, its process is gone, and the last line of its error is in the message."""
    kernel = Kernel("broken", "Broken", (sys.executable, "-c", program), {})
    with pytest.raises(Unavailable, match=words):
        await kernel_snapshot(kernel, seconds=1)
