"""The pure-Python proxy, passing answers on as they come: run as ``python -m hub_ext.demo.proxy``.

configurable-http-proxy 0.4 collects each answer before it sends it on, waits 20 s for it, and has ten connections for
everybody. A page that is told about changes as they happen needs an answer that never ends, so this subclass streams.
The command line and everything else are the package's own.
"""

from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector
from configurable_http_proxy import cli, configproxy
from configurable_http_proxy.handlers import ProxyHandler
from tornado.iostream import StreamClosedError
from tornado.web import Application
from yarl import URL

_HOP_BY_HOP = {"transfer-encoding", "connection", "keep-alive"}
_ADDED_BY_CLIENT = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_AS_LONG_AS_IT_TAKES = ClientTimeout(total=None, sock_connect=20)


class StreamingHandler(ProxyHandler):
    """Sends each piece of an answer on when it arrives, no faster than the reader takes it."""

    _answer: ClientResponse | None = None

    def on_connection_close(self) -> None:
        """When the reader leaves, leave what is behind."""
        super().on_connection_close()
        if self._answer is not None:
            self._answer.close()

    async def call_proxy(self, path: str | None = None) -> None:
        """Pass the request on, and the answer back."""
        url = await self.get_target_url(path)
        if url is None:
            return
        asked = self._get_proxy_request(url)  # with the package's own headers
        headers = [(name, value) for name, value in asked.headers.items() if name.lower() not in _HOP_BY_HOP]
        try:
            async with self.proxy.session.request(
                asked.method,
                URL(url, encoded=True),
                headers=headers,
                skip_auto_headers=_ADDED_BY_CLIENT,
                data=asked.body or None,
                allow_redirects=False,
            ) as self._answer:
                await self._pass_on(self._answer)
        except StreamClosedError:  # nobody listens any more; leaving closed the connection behind
            return
        except (ClientError, OSError) as error:
            await self._broken(error)

    async def _pass_on(self, answer: ClientResponse) -> None:
        self.set_status(answer.status, answer.reason)
        theirs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers]
        for name, _ in theirs:
            self.clear_header(name)
        for name, value in theirs:
            if name.lower() not in _HOP_BY_HOP:
                self.add_header(name, value)
        async for piece in answer.content.iter_any():
            self.write(piece)
            await self.flush()
        self.finish()

    async def _broken(self, error: Exception) -> None:
        """Say that there is no answer; if it broke off in the middle, so does ours."""
        if not self._headers_written:
            await self.handle_proxy_error(503, error)
        elif self.request.connection is not None:
            self.request.connection.stream.close()


class StreamingProxy(configproxy.PythonProxy):
    """The package's proxy with the handler above."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._session: ClientSession | None = None
        self.proxy_app = Application([(r"/(.*)", StreamingHandler, {"proxy": self})])

    @property
    def session(self) -> ClientSession:
        """The connections to what is behind: as many as are needed, answers untouched. Made in the running loop."""
        if self._session is None:
            connector = TCPConnector(limit=0)
            self._session = ClientSession(connector=connector, timeout=_AS_LONG_AS_IT_TAKES, auto_decompress=False)
        return self._session


def main() -> None:
    """Be the package's own command, with our proxy in place of its own."""
    cli.PythonProxy = StreamingProxy
    cli.main()


if __name__ == "__main__":
    main()
