"""System accounts: whose processes a cluster's are, and where they are at home."""

import os
import pwd
from pathlib import Path
from typing import Any


def has_account(username: str) -> bool:
    """Whether the machine knows the person."""
    try:
        pwd.getpwnam(username)
    except KeyError:
        return False
    return True


def account(username: str) -> dict[str, Any]:
    """Return the arguments that make ``subprocess.Popen`` start a process as this person.

    Raises:
        KeyError: the machine has no such account.
    """
    entry = pwd.getpwnam(username)
    groups = os.getgrouplist(username, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}


def home_of(username: str, template: str, run_as: str) -> str | None:
    """Return the home of a cluster's processes; None if neither template nor account has one that exists.

    Args:
        username: name at the hub.
        template: path with ``{username}``, or empty.
        run_as: ``gateway`` or ``owner``, whose account counts where the template does not.
    """
    if template and username not in {".", ".."} and os.sep not in username:
        home = Path(template.replace("{username}", username))
        if home.is_dir():
            return str(home)
    try:
        entry = pwd.getpwnam(username) if run_as == "owner" else pwd.getpwuid(os.getuid())
    except KeyError:  # a bare uid, as containers have
        return os.environ.get("HOME")
    return entry.pw_dir if Path(entry.pw_dir).is_dir() else None


def give_to(directory: Path, username: str) -> None:
    """Give a new directory and what is in it to a person. Call it before anybody else can write there.

    Raises:
        KeyError: the machine has no such account.
    """
    entry = pwd.getpwnam(username)
    for root, _, files in os.walk(directory.resolve(strict=True)):
        for path in (root, *(str(Path(root) / name) for name in files)):
            os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
