"""The names of locks and their numbers: PostgreSQL's advisory locks are 64-bit numbers, the same in every replica."""

from hashlib import blake2b


def key_of(name: str) -> int:
    """Return the number of a lock: a signed 64-bit hash that no restart and no other machine changes."""
    return int.from_bytes(blake2b(f"gatehouse {name}".encode(), digest_size=8).digest(), "big", signed=True)
