"""``gatehouse demo``: everything on one machine, from one command, until Ctrl-C."""

import asyncio
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from traitlets import Integer, Unicode
from traitlets.config import Application

from hub_ext import __version__
from hub_ext.contract.errors import PolicyMistakes
from hub_ext.demo.failure import CannotStart
from hub_ext.demo.homes import make_homes
from hub_ext.demo.idp import IdentityProvider
from hub_ext.demo.idp_environment import cache_directory, ensure_environment
from hub_ext.demo.keys import read_or_make_keys
from hub_ext.demo.people import PEOPLE
from hub_ext.demo.ports import settle
from hub_ext.demo.programs import Site, program_path, stack_programs
from hub_ext.demo.state import DataDirectory, State
from hub_ext.demo.supervisor import Supervisor
from hub_ext.demo.sweep import Sweep
from hub_ext.demo.words import finished, welcome
from hub_ext.policy.reading import read_policy

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NEEDED = ("jupyterhub", "jupyterhub-singleuser", "configurable-http-proxy", "dask-gateway-server", "dask", "gatehouse")
_POLICY = Path(__file__).with_name("policy.yaml")


class GatehouseDemo(Application):
    """The command."""

    name = "gatehouse-demo"
    version = __version__
    description = """
    Start the whole of Gatehouse on this machine, with sample people: identity provider, hub, gateway and service.

    Everything listens on 127.0.0.1 and keeps its state below the data directory. Ctrl-C stops all of it; the next
    start goes on where this one ended. To try it, not to serve an organisation: all of it runs as one system user.
    """
    aliases = {"port": "GatehouseDemo.port", "data-dir": "GatehouseDemo.data_dir"}
    flags: dict[str, Any] = {}

    port = Integer(8000, min=1, max=65535, help="The port that people open. The others are chosen and kept.").tag(
        config=True
    )
    data_dir = Unicode(
        ".gatehouse",
        help="""
        Directory that holds everything: databases, logs, people's files and the policy to edit.

        It is made at the first start. To start afresh, stop the demo and remove it.
        """,
    ).tag(config=True)

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Read the options; refuse what is none, which traitlets would pass over."""
        words = sys.argv[1:] if argv is None else argv
        known = {"help", "help-all", "version", "debug", "h", "V", *self.aliases}
        names = [word.lstrip("-").partition("=")[0] for word in words if word.startswith("-")]
        wrong = [name for name in names if name not in known and "." not in name]
        super().parse_command_line(words)
        wrong += self.extra_args
        if wrong:
            print(f"gatehouse demo: there is no {wrong[0]!r}; there are --port and --data-dir.", file=sys.stderr)
            self.exit(2)

    def start(self) -> None:
        """Run until a signal ends it; exit with status 1 and one sentence if it cannot."""
        super().start()
        os.umask(0o077)
        sweep = Sweep("")
        for number in _ENDING:
            signal.signal(number, _interrupt)
        data = DataDirectory(Path(self.data_dir).expanduser())
        try:
            data.create()
            with data.locked():
                self._run_locked(data, sweep)
        except CannotStart as error:
            print(f"gatehouse demo: {error}", file=sys.stderr, flush=True)
            self.exit(1)
        except KeyboardInterrupt:
            sweep.end(3.0)  # what was being prepared
            say("Stopped before it was up.")
            self.exit(130)

    def _run_locked(self, data: DataDirectory, sweep: Sweep) -> None:
        require_programs()
        state = data.read_state()
        sweep.stack = state.stack
        if sweep.remaining():
            say("An earlier run was killed; ending what it left...")
            sweep.wait(10.0)  # most of it is stopping already, and reports that it does
            sweep.end(3.0)
        state = State(stack=state.stack, ports=settle(state.ports, self.port))
        data.write_state(state)
        if state.ports is None:
            raise AssertionError("settled a line above")
        site = Site(data, state.ports, read_or_make_keys(data.keys))
        provider = self._prepare(site)
        supervisor = Supervisor(stack_programs(site, provider), sweep=sweep, logs=data.logs, say=say)
        asyncio.run(_supervise(supervisor, site))

    def _prepare(self, site: Site) -> IdentityProvider:
        data = site.data
        provide_policy(data.policy)
        make_homes(data.homes, PEOPLE)
        log = data.logs / "idp-setup.log"
        programs = ensure_environment(cache_directory(data.idp), log, say)
        provider = IdentityProvider(data.idp, programs, site.ports.idp, site.keys, site.callback_url, log)
        if provider.prepare(PEOPLE):
            say("The identity provider knows the sample people.")
        return provider


def provide_policy(path: Path) -> None:
    """Give people a policy to edit, once; refuse one with mistakes before anything starts on it.

    Raises:
        CannotStart: with every mistake, each with its line.
    """
    if not path.exists():
        shutil.copyfile(_POLICY, path)
    try:
        read_policy(path.read_text(encoding="utf-8"))
    except PolicyMistakes as mistakes:
        lines = "\n".join(f"  {mistake}" for mistake in mistakes.mistakes)
        raise CannotStart(f"{path} has mistakes; correct them and start again:\n{lines}") from None


def require_programs() -> None:
    """Refuse to start where something that the stack consists of was not installed.

    Raises:
        CannotStart: with what is missing, and how to get it.
    """
    missing = [name for name in _NEEDED if not os.access(program_path(name), os.X_OK)]
    if missing:
        raise CannotStart(
            f"{Path(sys.executable).parent} lacks {', '.join(missing)}: install everything with "
            "pip install 'jupyterhub-gatehouse[demo]'."
        )


def say(text: str) -> None:
    """Tell the person; nobody listening is no reason to fail."""
    with suppress(OSError):
        print(text, flush=True)


async def _supervise(supervisor: Supervisor, site: Site) -> None:
    """Start, keep and stop the stack.

    Raises:
        CannotStart: if it cannot start, or cannot be kept running; everything has been stopped then.
    """
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _ENDING:
        loop.add_signal_handler(number, lambda: supervisor.hurry() if asked.is_set() else asked.set())
    work = asyncio.create_task(_work(supervisor, site))
    ending = asyncio.create_task(asked.wait())
    await asyncio.wait({work, ending}, return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        say("\nStopping servers, clusters and everything else; Ctrl-C again kills them...")
    asked.set()
    ending.cancel()
    work.cancel()
    with suppress(asyncio.CancelledError, CannotStart):
        await work
    await supervisor.stop()
    if not work.cancelled():
        work.result()
    say(finished(site))


async def _work(supervisor: Supervisor, site: Site) -> None:
    say("Starting identity provider, hub, gateway and service...")
    await supervisor.start()
    say(welcome(site, PEOPLE))
    await supervisor.keep()


def _interrupt(_number: int, _frame: object) -> None:
    """Before the loop runs, any of the ending signals is a Ctrl-C."""
    raise KeyboardInterrupt
