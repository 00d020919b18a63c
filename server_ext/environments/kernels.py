"""What the kernel would import: the snapshot, taken by the Python of a kernelspec in a process of its own."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub_ext.contract.errors import InvalidRequest, NotFound, Unavailable
from server_ext.environments.sides import Snapshot, read_snapshot
from server_ext.environments.sources import snapshot_program


@dataclass(frozen=True)
class Kernel:
    """How to start a kernel's Python, and what people call it."""

    name: str
    title: str
    python: tuple[str, ...]
    environment: Mapping[str, str]


def find_kernel(specs: Any, name: str) -> Kernel:
    """Return the kernel of that name.

    Args:
        specs: the server's ``KernelSpecManager``.
        name: of a kernelspec.

    Raises:
        GatehouseError: if there is none, or it is no Python kernel.
    """
    try:
        spec = specs.get_kernel_spec(name)
    except (KeyError, ValueError) as error:
        raise NotFound(f"This server has no kernel named {name!r}; choose another one in the notebook.") from error
    if spec.language.lower() != "python":
        raise InvalidRequest(
            f"{spec.display_name} is no Python kernel, so there are no packages to compare with the workers."
        )
    return Kernel(name, spec.display_name, interpreter(tuple(spec.argv)), dict(spec.env))


def interpreter(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return the part of a kernel's command that starts Python: everything before ``-m ipykernel_launcher``.

    A bare ``python`` is this server's own, as in :meth:`jupyter_client.manager.KernelManager.format_kernel_cmd`.
    """
    start = argv[: argv.index("-m")] if "-m" in argv else argv[:1]
    ours = {"python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}"}
    return (sys.executable, *start[1:]) if start[0] in ours else start


async def kernel_snapshot(
    kernel: Kernel, imports: Sequence[str] = (), directory: str = "", *, seconds: float
) -> Snapshot:
    """Run the snapshot in the kernel's Python.

    Args:
        kernel: whose Python.
        imports: what a notebook imports.
        directory: where its own modules are.
        seconds: how long it may take.

    Raises:
        Unavailable: if it does not start, fails or takes longer than ``seconds``.
    """
    next_step = "Restart the kernel to see whether it still starts, then compare again."
    try:
        process = await asyncio.create_subprocess_exec(
            *kernel.python,
            "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **kernel.environment},
            cwd=os.sep,  # a file of the person's named json.py must not be imported
        )
    except OSError as error:
        raise Unavailable(f"The Python of {kernel.title} does not start: {error.strerror}. {next_step}") from error
    try:
        async with asyncio.timeout(seconds):
            output, errors = await process.communicate(snapshot_program(imports, directory).encode())
    except TimeoutError as error:
        raise Unavailable(f"{kernel.title} did not list its packages within {seconds:.0f} s. {next_step}") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        return read_snapshot(output.decode())
    except ValueError as error:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2] or "it wrote nothing"
        raise Unavailable(f"{kernel.title} could not list its packages: {last[:200]}. {next_step}") from error
