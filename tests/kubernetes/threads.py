"""A coroutine in a thread of its own, for what serves while a test does something else."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def beside(name: str, serving: Callable[[], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Run it in a loop and a thread of its own; cancel it afterwards, with all that it began."""
    loop, over = asyncio.new_event_loop(), asyncio.Event()

    async def until_over() -> None:
        served = asyncio.ensure_future(serving())
        await over.wait()
        served.cancel()
        await asyncio.gather(served, return_exceptions=True)

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:  # which cancels what is left
            runner.run(until_over())

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
