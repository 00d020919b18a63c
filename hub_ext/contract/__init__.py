"""What crosses a door: the messages, errors, reasons, units, paths and scopes that the processes share.

Pure: pydantic and the standard library; no IO, no clock. It is the one room that ``server_ext`` may enter.
"""
