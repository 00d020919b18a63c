"""Who are you: people log in with the organisation's single sign-on, and their groups come along.

``claims`` and ``discovery`` are what the protocol says, ``authenticator`` is what the hub calls, ``pages`` is what a
person reads who is not let in.
"""

from hub_ext.identity.authenticator import GatehouseOIDCAuthenticator

__all__ = ["GatehouseOIDCAuthenticator"]
