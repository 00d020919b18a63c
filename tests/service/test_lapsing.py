"""Reservations that nobody bound in time, before the desk with a real database."""

from pathlib import Path
from uuid import uuid4

from sqlalchemy import update

from hub_ext import clock
from hub_ext.contract.admission import Decision, Kind, Request
from hub_ext.contract.identity import Identity
from hub_ext.contract.reasons import Reason
from hub_ext.service.desk import Desk
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage import tables
from hub_ext.usage.database import Database

POLICY = Path(__file__).parent / "policy.yaml"


def ask(desk: Desk) -> Decision:
    """Ask for one of Research's large servers, of which two fill its quota."""
    who = Identity(name=uuid4().hex, groups=("/research",))
    return desk.admit(Request(id=uuid4().hex, identity=who, kind=Kind.server, profile="large"))


def test_what_has_lapsed_holds_nobody_up(tmp_path: Path) -> None:
    """The next decision counts without it; it does not wait for the round that cleans up."""
    database = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
    database.migrate()
    desk = Desk(database, PolicyStore(POLICY))
    first = ask(desk).lease
    assert first is not None
    assert ask(desk).allowed
    assert ask(desk).reason is Reason.quota_exceeded
    with database.write() as connection:
        lapsed = update(tables.leases).where(tables.leases.c.id == first.id)
        connection.execute(lapsed.values(expires_at=clock.now()))
    assert ask(desk).allowed
    assert desk.lapse() == 0
    database.close()
