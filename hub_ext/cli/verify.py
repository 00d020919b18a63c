"""``gatehouse usage``: does the ledger add up?"""

import sys
from collections.abc import Sequence
from itertools import islice
from typing import Any

from traitlets import Bool, Unicode
from traitlets.config import Application

from hub_ext import __version__
from hub_ext.cli.ledger import DATABASE_HELP, DEFAULT_DATABASE, LedgerCommand
from hub_ext.cli.usage import USAGE_ERROR, refuse_unknown_options, usage_error
from hub_ext.usage import checking
from hub_ext.usage.opening import existing

_SHOWN = 20
"""Differences that are told one by one."""


class VerifyCommand(LedgerCommand):
    """Compare the daily sums with the intervals."""

    name = "verify"
    description = (
        "Count every interval again and compare with the daily sums that reports and budgets are told from. "
        "Exit 0 if they agree, or exit 1 with the differences."
    )
    examples = """
gatehouse usage verify --database sqlite:////var/lib/gatehouse/ledger.sqlite
gatehouse usage verify --repair --database sqlite:////var/lib/gatehouse/ledger.sqlite
"""
    database = Unicode(DEFAULT_DATABASE, help=DATABASE_HELP).tag(config=True)
    repair = Bool(default_value=False, help="Count the daily sums anew where they differ.").tag(config=True)
    aliases = {"database": "VerifyCommand.database"}
    flags = {"repair": ({"VerifyCommand": {"repair": True}}, "Count the daily sums anew where they differ.")}

    def run(self) -> None:
        """Say whether they agree."""
        if self.extra_args:
            usage_error(self, "it takes no file")
        database = existing(self.database)
        try:
            found = checking.verify(database)
            if found and self.repair:
                checking.repair(database)
            left = checking.verify(database) if found and self.repair else found
        finally:
            database.close()
        for difference in islice(found, _SHOWN):
            print(difference)
        if not found:
            print("the daily sums agree with the intervals")
        elif not left:
            print(f"differences: {_count(found)}; the daily sums were counted anew")
        else:
            remedy = "they stay; restore a backup" if self.repair else "count the daily sums anew with --repair"
            print(f"differences: {_count(left)}; {remedy}", file=sys.stderr)
            sys.exit(1)


def _count(differences: Sequence[str]) -> str:
    return f"{len(differences)} or more" if len(differences) == checking.MOST else str(len(differences))


class UsageCommand(Application):
    """Start one of the subcommands about usage."""

    name = "usage"
    version = __version__
    description = "Check that the ledger adds up."
    examples = "gatehouse usage verify"
    subcommand_description = "Call `gatehouse usage SUBCOMMAND --help` to read more about one of them."
    subcommands = {"verify": (VerifyCommand, "Compare the daily sums with the intervals; --repair counts them anew.")}
    aliases: dict[str, Any] = {}
    flags: dict[str, Any] = {}

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Say in one sentence what is no subcommand."""
        refuse_unknown_options(self, argv or [])
        super().parse_command_line(argv)

    def start(self) -> None:
        """Start the subcommand; without one, print the help and fail."""
        if self.subapp is None:
            self.print_help()
            sys.exit(USAGE_ERROR)
        self.subapp.start()
