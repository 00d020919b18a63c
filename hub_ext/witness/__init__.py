"""The promise: what ended is known to have ended when it did, also while the program that started it was down.

Hub and gateway register every process they start before it runs anything (``register``, ``launch``). A *witness*, one
small program for each register, outlives a ``kill -9`` of hub or gateway, waits for the end of everything that is
registered, and writes each end down (``program``). Whoever starts again reads it there.
"""
