"""Give back the middle of a file while its writer goes on: nothing moves, so the writer need not know.

Linux only, as everything of the local backend. Source: ``fallocate(2)``, ``FALLOC_FL_PUNCH_HOLE``.
"""

import ctypes
import os
from functools import cache
from typing import Any

_KEEP_SIZE = 0x01
_PUNCH_HOLE = 0x02
_PAGE = 4096
"""A hole within a page only writes zeros, so holes begin and end at pages."""


def punch(descriptor: int, start: int, end: int) -> None:
    """Free the whole pages between two offsets; they read as zeros from now on.

    Args:
        descriptor: of a file that is open for writing.
        start: first byte that may go.
        end: first byte that stays.

    Raises:
        OSError: the file system cannot.
    """
    begin = -(-start // _PAGE) * _PAGE
    length = end // _PAGE * _PAGE - begin
    if length > 0 and _fallocate()(descriptor, _KEEP_SIZE | _PUNCH_HOLE, begin, length) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@cache
def _fallocate() -> Any:
    library = ctypes.CDLL(None, use_errno=True)
    found = getattr(library, "fallocate64", None) or library.fallocate  # musl has one name for both
    found.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    return found
