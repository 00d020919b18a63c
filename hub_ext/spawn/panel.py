"""Whether a server that runs has our package in its image: the server itself is asked, once.

Without it everything is admitted, metered and ended as ever, but JupyterLab shows no panel, and nobody would know why.
"""

from jupyterhub.utils import url_path_join
from tornado.httpclient import AsyncHTTPClient

_ROUTE = "gatehouse/account"
"""What the panel asks first; the server extension has it."""
_TIMEOUT = 10.0
_NOT_FOUND = 404


async def lacks_panel(url: str, token: str) -> bool:
    """Say whether a server knows nothing of Gatehouse; one that answers nothing, or refuses, is not held to.

    Args:
        url: of the server, with its base path.
        token: the server's own, which may open it.
    """
    answer = await AsyncHTTPClient().fetch(
        url_path_join(url, _ROUTE),
        headers={"Authorization": f"token {token}"},
        follow_redirects=False,
        raise_error=False,
        request_timeout=_TIMEOUT,
    )
    return bool(answer.code == _NOT_FOUND)


def sentence(what: str) -> str:
    """Return what is told where there is no panel.

    Args:
        what: the server is made from, such as ``The image registry/science:1``.
    """
    return (
        f"{what} has no jupyterhub-gatehouse, so JupyterLab shows neither cost nor clusters there. What runs is "
        "limited and metered all the same. Add the package to it."
    )
