"""Fixtures that every room may ask for."""

from hypothesis import settings

from tests.support.stack import stack

__all__ = ["stack"]

# A deadline measures the machine, not the code: properties are checked however busy it is.
settings.register_profile("gatehouse", deadline=None)
settings.load_profile("gatehouse")
