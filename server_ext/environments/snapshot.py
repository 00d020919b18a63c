"""What is installed where this file runs.

The *text* of this file is run by kernels, schedulers and workers, of any Python from 3.8 on and without our packages
there: so it imports the standard library only, and answers in JSON.
"""

import importlib.metadata
import json
import platform


def snapshot() -> str:
    """Return ``{"python": version, "packages": {name: version}}`` as JSON; of two installations the first counts."""
    packages: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        metadata = distribution.metadata  # parsed anew at each access
        name, version = metadata["Name"], metadata["Version"]
        if name and version:
            packages.setdefault(name, version)
    return json.dumps({"python": platform.python_version(), "packages": packages})
