"""What the service cannot start without: each is one sentence with what is missing, and where it comes from.

The sentence is the last line of the log, which is what ``kubectl logs`` shows of a container that does not start.
"""

import os
from pathlib import Path

from hub_ext.contract.errors import Unavailable
from hub_ext.usage.opening import is_address

HERE = "sqlite:///gatehouse.sqlite"
"""A file beside the process: right on a machine, lost with a pod."""
DATABASE = "GATEHOUSE_DATABASE_URL"


def database_address() -> str:
    """Return the ledger's address where no option names one: the environment's, or a file beside the process."""
    return os.environ.get(DATABASE, "") or HERE


def require_database(url: str) -> None:
    """See to it that a ledger is named, and one that is kept. The address may hold a password, so it is not told.

    Raises:
        Unavailable: it is none, or would be lost with this pod.
    """
    if url == HERE and "KUBERNETES_SERVICE_HOST" in os.environ:
        raise Unavailable(
            "No database is named, and a file in this pod would be lost with it. "
            f"Set the environment variable {DATABASE}: on Kubernetes from the key url of the Secret gatehouse-database."
        )
    if not is_address(url):
        raise Unavailable(
            f"The database address (option --database, or {DATABASE}) cannot be read. "
            "Write sqlite:////PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME, "
            "with % signs for what is special in a password."
        )


def require_token(token: str) -> None:
    """See to it that the service can ask the hub who somebody is.

    Raises:
        Unavailable: there is no token.
    """
    if not token.strip():
        raise Unavailable(
            "There is no hub token, so nobody could be identified. Set the environment variable JUPYTERHUB_API_TOKEN "
            "to the token of the hub's service gatehouse: on Kubernetes the key service of the Secret gatehouse-tokens."
        )


def cookie_secret(file: str) -> bytes:
    """Return the secret that signs login cookies; a file that is missing is made, without one it is new at each start.

    Args:
        file: its path; empty: none.

    Raises:
        Unavailable: the file cannot be read or made, or is empty.
    """
    if not file:
        return os.urandom(32)
    path = Path(file)
    try:
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(os.urandom(32))
        secret = path.read_bytes()
    except OSError as error:
        raise Unavailable(f"The cookie secret {file} cannot be read or made: {error.strerror or error}.") from error
    if not secret.strip():
        raise Unavailable(f"The cookie secret {file} is empty, so anybody could sign a login. Write 32 random bytes.")
    return secret
