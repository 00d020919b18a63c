"""People's homes: made once, each with one notebook to begin with. What people do in them is theirs."""

import shutil
from pathlib import Path

from hub_ext.demo.people import Person

WELCOME = Path(__file__).with_name("First cluster.ipynb")


def make_homes(homes: Path, people: tuple[Person, ...]) -> None:
    """Make the homes that are missing; leave the others as they are.

    Args:
        homes: holds one directory per person.
        people: those who get one; anybody else's is made by the spawner, empty.
    """
    for person in people:
        home = homes / person.name
        if not home.exists():
            home.mkdir(mode=0o700)
            shutil.copyfile(WELCOME, home / WELCOME.name)
