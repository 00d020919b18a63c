"""The embedded stack: identity provider, hub, gateway and service on one machine, started by one command.

``ports``, ``state`` and ``keys`` say where things are and stay, ``people`` who may log in, ``idp`` makes the identity
provider; ``hub_config`` and ``gateway_config`` are what the two servers read; ``programs`` says what is started and
how its health is seen; ``supervisor`` starts, watches and stops it, ``sweep`` leaves nothing behind; ``app`` is the
command. Everything here uses the same code as a real installation; only the smallness is its own.
"""
