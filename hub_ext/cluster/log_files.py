"""A folder for each cluster, with what its processes wrote: bounded in size, and gone some days after the last line.

``DIRECTORY/CLUSTER/owner`` names whose cluster it is, ``DIRECTORY/CLUSTER/SOURCE.log`` is one process. Folders and
files are the gateway's account's alone (0700, 0600); a process holds an open file and could not open another.

A file keeps its beginning, which says how a process started, and its end. What lies between is given back to the file
system while the process writes on (``holes``), so no line is torn and none of the end is ever missed.
"""

import os
import re
import shutil
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from hub_ext.cluster.holes import punch

_CLUSTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_HEAD = 65_536
"""Bytes of the beginning that are kept."""
_HEAD_SHOWN = 8_192
_OWNER = "owner"
_BLOCK = 512
"""Unit of ``st_blocks``, whatever the file system."""
_HOLE = b"\0" * 64
"""What a person's program hardly writes, and a hole always holds."""


class Written(NamedTuple):
    """A log file."""

    source: str
    size: int
    at: datetime


class LogFiles:
    """Everything below one directory. Does file work: call it in a thread where it may take long.

    Args:
        directory: made when it is first needed.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def claim(self, cluster: str, owner: str) -> None:
        """Note whose a new cluster is, before anything is written for it."""
        folder = self._directory / cluster
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = folder / f"{_OWNER}.new"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(owner)
        new.replace(folder / _OWNER)

    def owner(self, cluster: str) -> str | None:
        """Return whose cluster it is or was; None: there is nothing of such a cluster."""
        if _CLUSTER.fullmatch(cluster) is None:  # no name of a cluster, so no path either
            return None
        try:
            return (self._directory / cluster / _OWNER).read_text(encoding="utf-8")
        except OSError:
            return None

    def create(self, cluster: str, source: str) -> int:
        """Open a new file for a process, and return its descriptor; an older one of this name goes."""
        path = self._directory / cluster / f"{source}.log"
        path.unlink(missing_ok=True)  # of a start that was cut off
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)

    def written(self, cluster: str) -> list[Written]:
        """Return who wrote, the scheduler first, then workers by their names."""
        found = []
        for path in self._logs(cluster):
            try:
                about = path.lstat()
            except FileNotFoundError:  # it has just been removed
                continue
            found.append(Written(path.stem, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC)))
        return sorted(found, key=lambda one: (one.source != "scheduler", one.source))

    def tail(self, cluster: str, source: str, most: int) -> str:
        """Return the end of what a process wrote, and its beginning; a line between them says how much is missing.

        Args:
            cluster: as :meth:`owner` knows it.
            source: as :meth:`written` names it.
            most: about how many bytes.

        Raises:
            FileNotFoundError: there is none of this name.
        """
        path = next((path for path in self._logs(cluster) if path.stem == source), None)
        if path is None:
            raise FileNotFoundError(source)
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size <= most:
                return _text(file.read(size))
            head = min(_HEAD_SHOWN, most // 4)
            begin = file.read(head).rpartition(b"\n")[0]
            file.seek(size - (most - head))
            read = file.read(most - head).rpartition(_HOLE)[2]
            end = read.partition(b"\n")[2] or read
        missing = size - len(begin) - len(end)
        return _text(begin) + f"\n... {missing} bytes are left out ...\n" + _text(end)

    def bound(self, cluster: str, most: int) -> None:
        """Give back the middle of every file that takes more than so many bytes of the disk.

        Raises:
            OSError: the file system cannot punch holes; what was written last was given up instead.
        """
        for path in self._logs(cluster):
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
            except FileNotFoundError:
                continue
            try:
                _shrink(descriptor, most)
            finally:
                os.close(descriptor)

    def prune(self, before: datetime, *, living: Collection[str], most: int) -> list[str]:
        """Remove folders whose last line is older than an instant, and the oldest beyond a number; return whose.

        Args:
            before: the instant.
            living: clusters that are left alone.
            most: how many others may stay.
        """
        if not self._directory.is_dir():
            return []
        ended = [(_last(path), path) for path in self._directory.iterdir() if path.name not in living]
        ended.sort(reverse=True)
        gone = [path for number, (at, path) in enumerate(ended) if number >= most or at < before.timestamp()]
        for path in gone:
            shutil.rmtree(path, ignore_errors=True)
        return [path.name for path in gone]

    def _logs(self, cluster: str) -> Iterator[Path]:
        folder = self._directory / cluster
        if _CLUSTER.fullmatch(cluster) is not None and folder.is_dir():
            yield from (path for path in folder.iterdir() if path.suffix == ".log" and not path.is_symlink())


def _shrink(descriptor: int, most: int) -> None:
    about = os.fstat(descriptor)
    if about.st_blocks * _BLOCK <= most:
        return
    head = min(_HEAD, most // 4)
    try:
        punch(descriptor, head, about.st_size - (most - head) // 2)  # half, so that it is not done at every look
    except OSError:
        os.truncate(descriptor, head)
        raise


def _text(some: bytes) -> str:
    """Return what was written; the zeros of a hole were not."""
    return some.replace(b"\0", b"").decode(errors="replace")


def _last(folder: Path) -> float:
    """Return when something was last written into a folder, in seconds since the epoch."""
    try:
        return max(path.lstat().st_mtime for path in (folder, *folder.iterdir()))
    except OSError:  # it is being removed, or is a file
        return folder.lstat().st_mtime if folder.exists() else 0.0
