"""A notebook's kernel: a separate Python with the environment that the hub gives a person's server."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cluster.gateway import Gateway

KERNEL = """
import contextlib, io, json, sys, warnings
warnings.simplefilter("ignore")
from dask_gateway import Gateway
shown = []
for cell in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            exec(cell, globals())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    shown.append(out.getvalue().strip())
print(json.dumps(shown))
"""


def run(gateway: Gateway, token: str, home: Path, *cells: str, patience: float = 300) -> list[str]:
    """Run cells with the stock client, in so many seconds; return what each printed, or the error that ended it."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "JUPYTERHUB_API_TOKEN": token,
        "DASK_GATEWAY__ADDRESS": gateway.url,
        "DASK_GATEWAY__PUBLIC_ADDRESS": gateway.url,
        "DASK_GATEWAY__PROXY_ADDRESS": gateway.proxy_url,
        "DASK_GATEWAY__AUTH__TYPE": "jupyterhub",
    }
    command = [sys.executable, "-c", KERNEL, json.dumps(cells)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=patience, check=False)
    assert done.returncode == 0, done.stderr
    shown: list[str] = json.loads(done.stdout.splitlines()[-1])
    return shown
