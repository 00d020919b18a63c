"""A gateway that notes what it is asked to stop, and stops nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class NotingGateway:
    """Where it is, and what it was asked: path and authorisation of each DELETE."""

    url: str
    asked: list[tuple[str, str | None]]


@contextmanager
def noting_gateway(together: int = 1) -> Iterator[NotingGateway]:
    """Start it and stop it afterwards.

    Args:
        together: it answers nobody until so many have asked.
    """
    asked: list[tuple[str, str | None]] = []
    all_there = threading.Barrier(together)

    class Handler(BaseHTTPRequestHandler):
        """Notes."""

        def do_DELETE(self) -> None:
            """Note it."""
            asked.append((self.path, self.headers["Authorization"]))
            all_there.wait(timeout=180)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield NotingGateway(f"http://127.0.0.1:{server.server_port}", asked)
        server.shutdown()
