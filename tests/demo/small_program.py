"""A small real program for the supervisor: run as ``small_program.py DIRECTORY NAME [WORD...]``.

Once it is up, it writes its process id to ``DIRECTORY/NAME.pid``; when it is asked to end, ``NAME`` to
``DIRECTORY/ended``. Words: ``fails`` says why and exits 3; ``stubborn`` ignores SIGTERM; ``litters`` first leaves a
detached child, whose process id is in ``DIRECTORY/litter.pid``; ``ends`` exits 4 shortly after it was up.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Behave as the words say."""
    directory, name, words = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    if "fails" in words:
        print("the reason stands here", flush=True)  # noqa: T201 - this is its log
        sys.exit(3)
    if "litters" in words:
        child = subprocess.Popen((sys.executable, "-c", "import time; time.sleep(600)"), start_new_session=True)
        (directory / "litter.pid").write_text(str(child.pid))

    def end(*_: object) -> None:
        if "stubborn" not in words:
            with (directory / "ended").open("a") as file:
                file.write(f"{name}\n")
            os._exit(0)

    signal.signal(signal.SIGTERM, end)
    draft = directory / f"{name}.draft"
    draft.write_text(str(os.getpid()))
    draft.rename(directory / f"{name}.pid")
    if "ends" in words:
        time.sleep(0.5)
        sys.exit(4)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
