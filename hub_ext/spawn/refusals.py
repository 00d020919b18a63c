"""A refusal as the hub wants to hear it: an exception that becomes a page, a line of JSON, and a metric label.

From JupyterHub 6.0 on that is ``SpawnException``, which is counted as a refusal and not as a failure of the hub. On
5.x it is an ``HTTPError`` that says the same to people.
"""

from typing import Any

from jupyterhub import spawner as hub_spawner
from tornado import web

from hub_ext.contract.errors import GatehouseError

_Base: Any = getattr(hub_spawner, "SpawnException", None)


def _make(error: GatehouseError, html: str) -> web.HTTPError:
    if _Base is None:
        return web.HTTPError(error.status, error.line)
    raised: web.HTTPError = _Base(error.line, reason=error.reason.value, message_html=html, status_code=error.status)
    return raised


def spawn_refusal(error: GatehouseError, html: str) -> web.HTTPError:
    """Return the exception for a refused start.

    The hub reads ``jupyterhub_html_message`` on pages and ``jupyterhub_message`` in JSON and in pages that were not
    taught ours (``utils.format_exception``, ``apihandlers/base.py``, ``handlers/base.py``).

    Args:
        error: why; its line is what an API answers.
        html: the page.
    """
    raised: Any = _make(error, html)
    raised.jupyterhub_message = error.line
    raised.jupyterhub_html_message = html
    raised.gatehouse_page = "fragment"
    refused: web.HTTPError = raised
    return refused


def ended_at_start(status: int | None) -> web.HTTPError:
    """Return the exception for a server that was admitted but ended before it listened. It is a failure: status 500.

    Args:
        status: what the process ended with, if that is known.
    """
    text = (
        f"Your server ended while it was starting, with status {'unknown' if status is None else status}. Nothing runs "
        "and nothing is charged any more. Try once more; if it ends again, a full disk or a broken package in your "
        "home is the usual cause, and the hub's log holds the server's last words."
    )
    raised: Any = web.HTTPError(500, text)
    raised.jupyterhub_message = text
    failed: web.HTTPError = raised
    return failed
