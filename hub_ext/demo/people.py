"""The sample people: who they are at the identity provider, and what each of them is good for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One sample person."""

    name: str
    full_name: str
    groups: tuple[str, ...]
    hint: str
    """What to try as this person."""

    @property
    def password(self) -> str:
        """The password: not a secret, the demo prints it."""
        return f"{self.name}-demo"

    @property
    def email(self) -> str:
        """An address that never receives anything (RFC 2606)."""
        return f"{self.name}@example.org"


PEOPLE = (
    Person("alice", "Alice Archer", ("/research", "/gpu"), "start a server, then a cluster from the notebook"),
    Person("bob", "Bob Baker", ("/analysts",), "a smaller choice, a smaller budget"),
    Person("carol", "Carol Cook", (), "in no group: see who is refused, and how"),
    Person("adam", "Adam Abbott", ("/platform-admins",), "Services > gatehouse: everybody's servers and clusters"),
)
