"""``gatehouse``: one command, whose subcommands are the processes and tools of the suite.

Every subcommand is a traitlets Application that is named here by its import string and imported when it is called:
``gatehouse policy check`` runs in a continuous-integration job that has neither JupyterHub nor SQLAlchemy installed.
"""

import sys
from typing import Any

from traitlets.config import Application

from hub_ext import __version__
from hub_ext.cli.usage import USAGE_ERROR, refuse_unknown_options

_EXTRAS = {"demo": "demo", "policy": ""}
"""What a subcommand needs; of all others it is the service's extra."""


class Gatehouse(Application):
    """Start one of the subcommands."""

    name = "gatehouse"
    version = __version__
    description = (
        "Gatehouse: people log in with the organisation's SSO, their groups decide what they may start, use and spend, "
        "and everybody sees what runs and what it costs."
    )
    examples = """
gatehouse demo                                             # the whole suite on this machine
gatehouse policy check policy.yaml                         # every mistake, with path and line
gatehouse policy explain policy.yaml --groups /research    # what that group may do
gatehouse report --from 2026-11-01 --to 2026-12-01         # what each group spent in November
gatehouse service --config=gatehouse_config.py             # the service that decides and keeps the ledger
gatehouse backup ledger.backup                             # the whole ledger in one file, while the service runs
"""
    subcommand_description = "Call `gatehouse SUBCOMMAND --help` to read more about one of them."
    subcommands = {
        "backup": ("hub_ext.cli.backup.BackupCommand", "Write the whole ledger into one file, while the service runs."),
        "demo": (
            "hub_ext.demo.app.GatehouseDemo",
            "The whole suite on this machine: identity provider, hub, gateway, service.",
        ),
        "move": ("hub_ext.cli.backup.MoveCommand", "Move the ledger to another database, of either kind."),
        "policy": (
            "hub_ext.cli.policy.PolicyCommand",
            "Check and explain a policy file, write its backstop for Kubernetes, print its JSON Schema.",
        ),
        "report": (
            "hub_ext.cli.report.ReportCommand",
            "What was spent, by person, group, profile, cluster or day; as table, CSV, JSON or FOCUS.",
        ),
        "restore": ("hub_ext.cli.backup.RestoreCommand", "Restore a backup into an empty database."),
        "service": (
            "hub_ext.service.app.GatehouseService",
            "The service: decides, keeps the ledger, serves API and admin page.",
        ),
        "usage": ("hub_ext.cli.verify.UsageCommand", "Check that the ledger adds up."),
    }
    aliases: dict[str, Any] = {}
    flags: dict[str, Any] = {}

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Find the subcommand; say in one sentence when there is none of that name."""
        words = sys.argv[1:] if argv is None else argv
        refuse_unknown_options(self, words)
        super().parse_command_line(words)

    def initialize_subcommand(self, subc: str, argv: list[str] | None = None) -> None:
        """Import and initialise a subcommand; say in one sentence what is not installed for it."""
        try:
            super().initialize_subcommand(subc, argv)
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get(subc, "service")
            remedy = f'; install it with: pip install "jupyterhub-gatehouse[{extra}]"' if extra else ""
            print(f"gatehouse {subc} needs the package {error.name!r}{remedy}", file=sys.stderr)
            self.exit(1)

    def start(self) -> None:
        """Start the subcommand; without one, print the help and fail."""
        if self.subapp is None:
            self.print_help()
            self.exit(USAGE_ERROR)
        self.subapp.start()


def main(argv: list[str] | None = None) -> None:
    """Run the command line."""
    Gatehouse.launch_instance(argv=argv)


if __name__ == "__main__":
    main()
