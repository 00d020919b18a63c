"""Opening a ledger that must be there already. A service makes one where there is none; a backup must not."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from hub_ext.contract.errors import InvalidRequest
from hub_ext.usage.database import Database

_HEADER = b"SQLite format 3\0"
"""How a database file begins. Source: SQLite, "Database File Format", 1.3.1."""


def address(url: str) -> URL:
    """Return a database address, taken apart.

    Raises:
        InvalidRequest: it is none of ours.
    """
    if not is_address(url):
        raise InvalidRequest(
            f"{url!r} is no address of a ledger. Name sqlite:////PATH or postgresql+psycopg://USER@HOST/NAME."
        )
    return make_url(url)


def is_address(url: str) -> bool:
    """Say whether it is the address of a database that may hold a ledger."""
    try:
        parsed = make_url(url)
        return parsed.get_backend_name() in {"sqlite", "postgresql"} and bool(parsed.database)
    except (ArgumentError, ValueError):
        return False


def existing(url: str) -> Database:
    """Return a database that is there; of PostgreSQL only the first use tells.

    Raises:
        InvalidRequest: the address is wrong, or there is no such file, or it is something else.
    """
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database))
        try:
            with path.open("rb") as file:
                begins = file.read(len(_HEADER))
        except OSError as error:
            raise InvalidRequest(
                f"{path} cannot be read: {error.strerror or error}. Name the ledger's database."
            ) from error
        if begins != _HEADER:
            raise InvalidRequest(f"{path} is no SQLite database. Name the ledger's database.")
    return Database(url)
