"""What the demo says once it is up, and when it has stopped."""

from hub_ext.demo.people import Person
from hub_ext.demo.programs import Site


def welcome(site: Site, people: tuple[Person, ...]) -> str:
    """Return the block that says where to go, and as whom."""
    rows = [("Person", "Password", "Groups", "To try")]
    rows += [(p.name, p.password, " ".join(p.groups) or "-", p.hint) for p in people]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)), row[3]]) for row in rows
    ]
    return "\n".join(
        (
            "",
            f"  Gatehouse is up:  {site.base}/",
            "",
            *(f"  {line}" for line in table),
            "",
            f"  Policy to edit:   {site.data.policy}",
            f"  Logs:             {site.data.logs}",
            "  Ctrl-C stops everything; the next start goes on from here.",
            "",
        )
    )


def finished(site: Site) -> str:
    """Return the last line."""
    return f"Everything has stopped. State is kept in {site.data.root}."
