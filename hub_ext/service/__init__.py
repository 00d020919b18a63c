"""Show me: the service, the only place where all rooms are wired together.

``app`` wiring -> ``routes`` the table -> ``handlers`` the doors -> ``desk`` decides and records | ``views`` reads |
``stopping`` acts. ``pages`` are for people, ``policy_store`` holds the policy in force, ``live`` tells open streams.
"""
