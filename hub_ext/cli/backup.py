"""``gatehouse backup``, ``restore`` and ``move``: the ledger as one file, and from one database to another."""

from pathlib import Path

from traitlets import Bool, Unicode

from hub_ext.cli.ledger import DATABASE_HELP, DEFAULT_DATABASE, LedgerCommand
from hub_ext.cli.usage import usage_error
from hub_ext.contract.errors import InvalidRequest
from hub_ext.usage.archive import Manifest
from hub_ext.usage.backup import back_up
from hub_ext.usage.moving import move
from hub_ext.usage.opening import existing
from hub_ext.usage.restoring import restore


class _FileCommand(LedgerCommand):
    """What backup and restore have in common."""

    def file(self) -> Path:
        """Return the one file that is named."""
        if len(self.extra_args) != 1:
            usage_error(self, f"one file is needed, {len(self.extra_args)} are named")
        return Path(self.extra_args[0])


class BackupCommand(_FileCommand):
    """Write a backup of the ledger."""

    name = "backup"
    description = (
        "Write the whole ledger into one file, as it is at this moment, while the service runs. "
        "The file is read again before it gets its name."
    )
    examples = """
gatehouse backup ledger-2026-11-21.backup --database sqlite:////var/lib/gatehouse/ledger.sqlite
gatehouse backup --force latest.backup --database postgresql+psycopg://gatehouse@db.example.org/gatehouse
"""
    database = Unicode(DEFAULT_DATABASE, help=DATABASE_HELP).tag(config=True)
    force = Bool(default_value=False, help="Take the place of a file that is there.").tag(config=True)
    aliases = {"database": "BackupCommand.database"}
    flags = {"force": ({"BackupCommand": {"force": True}}, "Take the place of a file that is there.")}

    def run(self) -> None:
        """Write it and say what is in it."""
        file = self.file()
        database = existing(self.database)
        try:
            manifest = back_up(database, file, replace=self.force, told=self.told)
        finally:
            database.close()
        self.end_progress()
        print(f"{file} holds {_summary(manifest)}; it was read again and is whole")


class RestoreCommand(_FileCommand):
    """Restore a backup."""

    name = "restore"
    description = (
        "Restore a backup into an empty database, of either kind, compare every row, and bring it to this version's "
        "schema. All of it or nothing."
    )
    examples = "gatehouse restore ledger-2026-11-21.backup --database sqlite:////var/lib/gatehouse/ledger.sqlite"
    database = Unicode("", help=DATABASE_HELP).tag(config=True)
    aliases = {"database": "RestoreCommand.database"}

    def run(self) -> None:
        """Restore it and say what was in it."""
        file = self.file()
        if not self.database:
            usage_error(self, "name the empty database with --database sqlite:////PATH")
        manifest = restore(file, self.database, told=self.told)
        self.end_progress()
        print(f"restored {_summary(manifest)}; every row was compared")


class MoveCommand(LedgerCommand):
    """Move the ledger to another database."""

    name = "move"
    description = (
        "Copy the ledger into an empty database, of either kind, and compare every row. Stop the service before: what "
        "it wrote afterwards would be missing. The old database stays as it is."
    )
    examples = (
        "gatehouse move --from sqlite:////var/lib/gatehouse/ledger.sqlite "
        "--to postgresql+psycopg://gatehouse@db.example.org/gatehouse"
    )
    source = Unicode("", help=f"From where. {DATABASE_HELP}").tag(config=True)
    target = Unicode("", help="Where to: the address of an empty database.").tag(config=True)
    aliases = {"from": "MoveCommand.source", "to": "MoveCommand.target"}

    def run(self) -> None:
        """Move it and say what to do next."""
        if self.extra_args or not self.source or not self.target:
            usage_error(self, "name both databases with --from ADDRESS --to ADDRESS, and nothing else")
        if self.source == self.target:
            raise InvalidRequest("Both addresses are the same. Name another database with --to.")
        database = existing(self.source)
        try:
            manifest = move(database, self.target, told=self.told)
        finally:
            database.close()
        self.end_progress()
        print(f"moved {_summary(manifest)}; every row was compared. Start the service with the new address")


def _summary(manifest: Manifest) -> str:
    at = f"{manifest.written_at:%Y-%m-%d %H:%M} UTC"
    return f"{manifest.rows:,} rows of {len(manifest.tables)} tables, schema {manifest.schema_revision}, as of {at}"
