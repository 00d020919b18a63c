"""Where a gateway keeps how its workers' time splits, so that the next one goes on from there."""

import json
import logging
from pathlib import Path
from typing import Any

from hub_ext.cluster.splitting import Splits
from hub_ext.witness.program import boot_id

log = logging.getLogger(__name__)


def load(path: Path, splits: Splits) -> None:
    """Go on from what an earlier gateway kept; a file that is of an earlier boot, or broken, says nothing."""
    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
        if told["boot"] == boot_id():  # else its workers have ended, and its seconds mean nothing
            splits.load(told["units"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        log.exception("%s cannot be read, so busy and idle time is counted from now on", path)


def keep(path: Path, dumped: dict[str, Any]) -> None:
    """Write it down. Not flushed to the disk: after a loss of power no worker lives on either."""
    beside = path.with_suffix(".tmp")
    try:
        beside.write_text(json.dumps({"boot": boot_id(), "units": dumped}), encoding="utf-8")
        beside.replace(path)
    except OSError:
        log.exception("%s was not written; a gateway that starts again would count from then on", path)
