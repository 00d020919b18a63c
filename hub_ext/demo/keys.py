"""The stack's secrets: made once, kept in one file that only its owner may read, never printed."""

import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub_ext.demo.failure import CannotStart
from hub_ext.demo.private_file import write_private


def _token() -> str:
    return secrets.token_hex(32)


class Keys(BaseModel):
    """Every secret of one stack."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hub_crypt_key: str = Field(default_factory=_token)
    """Encrypts what the hub keeps of a login."""
    proxy_token: str = Field(default_factory=_token)
    """The hub at its proxy."""
    service_token: str = Field(default_factory=_token)
    """The Gatehouse service at the hub."""
    hub_token: str = Field(default_factory=_token)
    """The hub at the Gatehouse service."""
    gateway_token: str = Field(default_factory=_token)
    """The gateway at the Gatehouse service."""
    client_secret: str = Field(default_factory=_token)
    """The hub at the identity provider."""
    idp_secret_key: str = Field(default_factory=_token)
    """Signs the identity provider's sessions."""


def read_or_make_keys(path: Path) -> Keys:
    """Return the kept keys; make and keep them at the first start.

    Raises:
        CannotStart: if the file is damaged.
    """
    if not path.exists():
        write_private(path, Keys().model_dump_json(indent=2) + "\n")
    try:
        return Keys.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        raise CannotStart(
            f"{path} cannot be read as the demo's keys: move {path.parent} away to start afresh, or choose another "
            "--data-dir."
        ) from None
