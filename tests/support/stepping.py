"""A process whose wall clock a test sets while it runs, as an administrator or a time service does.

A small library in front of libc's answers what the time is; it is compiled at need. All else is real: the clocks that
nobody can set, the process, and what it runs.
"""

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("stepping.c")
MISSING = "These tests need a C compiler; cc was not found on the path. Install one (Debian: sudo apt install gcc)."


class Stepping:
    """The clock of processes that are started with :attr:`environment`.

    Args:
        directory: for the library and the file that says how far the clock is set.

    Raises:
        RuntimeError: there is no C compiler.
    """

    def __init__(self, directory: Path) -> None:
        if shutil.which("cc") is None:
            raise RuntimeError(MISSING)
        directory.mkdir(exist_ok=True)
        library, self._file = directory / "stepping.so", directory / "seconds"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"], check=True)
        self._file.write_bytes(struct.pack("q", 0))
        self.environment = {"LD_PRELOAD": str(library), "STEPPING_FILE": str(self._file)}

    def set(self, seconds: int) -> None:
        """Set the wall clock so many seconds ahead of the true time; negative: behind it."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("q", seconds))
