"""What the commands about the ledger have in common: its address, one sentence for an error, progress on a terminal."""

import sys
from typing import Any

from traitlets.config import Application

from hub_ext import __version__
from hub_ext.cli.usage import command_of, refuse_unknown_options
from hub_ext.contract.errors import GatehouseError

DEFAULT_DATABASE = "sqlite:///gatehouse.sqlite"
"""The service's own default."""
DATABASE_HELP = (
    "Address of the ledger, as the service's database_url: sqlite:////PATH or postgresql+psycopg://USER@HOST/NAME."
)


class LedgerCommand(Application):
    """A command about the ledger; its work is in :meth:`run`."""

    version = __version__
    aliases: dict[str, Any] = {}
    flags: dict[str, Any] = {}

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Say in one sentence what is no option."""
        refuse_unknown_options(self, argv or [])
        super().parse_command_line(argv)

    def start(self) -> None:
        """Do the work; what goes wrong is one sentence, and exit code 1."""
        try:
            self.run()
        except GatehouseError as error:
            self.end_progress()
            print(f"{command_of(self)}: {error.line}", file=sys.stderr)
            sys.exit(1)

    def run(self) -> None:
        """Do the work."""
        raise NotImplementedError

    def told(self, what: str, rows: int) -> None:
        """Show progress, where somebody looks."""
        if sys.stderr.isatty():
            print(f"\r\033[K{what}, {rows:,} rows", end="", file=sys.stderr, flush=True)

    def end_progress(self) -> None:
        """Take the line of progress away."""
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
