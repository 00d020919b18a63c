"""The one error of the demo: it cannot go on, and its text is what the person reads."""


class CannotStart(Exception):
    """The demo cannot start or go on. The text says what is wrong and what to do; the command ends with status 1."""
