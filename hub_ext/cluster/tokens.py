"""What the hub said about a token, remembered for a few seconds.

Keyed by the token's hash, so that nobody is ever taken for the holder of another token, not even of another token of
the same person (the gateway's own cache is keyed by user name and keeps the older answer for 300 s).
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from hub_ext.cluster.user import GatehouseUser


class TokenCache:
    """A bounded map from token to user whose entries lapse.

    Args:
        max_age: seconds that an answer of the hub holds; 0 remembers nothing.
        max_size: entries kept; the oldest go first.
        clock: monotonic seconds.
    """

    def __init__(self, max_age: float, max_size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.max_age = max_age
        self.max_size = max_size
        self._clock = clock
        self._entries: OrderedDict[bytes, tuple[float, GatehouseUser]] = OrderedDict()

    def get(self, token: str) -> GatehouseUser | None:
        """Return what the hub said about the token, unless that is too long ago."""
        key = _key(token)
        entry = self._entries.get(key)
        if entry is None:
            return None
        until, user = entry
        if self._clock() >= until:
            del self._entries[key]
            return None
        return user

    def put(self, token: str, user: GatehouseUser) -> None:
        """Remember the hub's newest answer; it replaces an older one."""
        key = _key(token)
        self._entries.pop(key, None)
        self._entries[key] = (self._clock() + self.max_age, user)
        while len(self._entries) > self.max_size:
            self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
