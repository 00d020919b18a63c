"""Where things are: the service's name, its API paths, and the hub scopes that open them."""

SERVICE_NAME = "gatehouse"
"""Name of the hub service; its pages live below ``/services/gatehouse/``."""

GATEWAY_SERVICE_NAME = "dask-gateway"
"""Name under which the hub knows the Dask Gateway."""

API = "api/v1"
"""Prefix of every API path, relative to the service's own prefix."""

HEALTH = f"{API}/health"
OPENAPI = f"{API}/openapi.json"
OFFERS = f"{API}/offers"
ADMISSIONS = f"{API}/admissions"
LEASES = f"{API}/leases"
CLUSTERS = f"{API}/clusters"
EVENTS = f"{API}/events"
ACCOUNT = f"{API}/account"
STREAM = f"{API}/stream"
EXTEND = f"{API}/extend"
QUOTE = f"{API}/quote"
COSTS = f"{API}/costs"
LED = f"{API}/led"
ADMIN = f"{API}/admin"

SCOPE_PREFIX = "custom:gatehouse:"
SCOPE_DECIDE = f"{SCOPE_PREFIX}decide"
"""Ask for offers and decisions on behalf of people, and report what ran. Held by hub and gateway only."""
SCOPE_READ = f"{SCOPE_PREFIX}read"
"""See everybody's servers, clusters, cost and decisions."""
SCOPE_OPERATE = f"{SCOPE_PREFIX}operate"
"""Stop anybody's servers and clusters."""
SCOPE_BUDGET = f"{SCOPE_PREFIX}budget"
"""Top up budgets, grant surges and close months."""
SCOPE_POLICY = f"{SCOPE_PREFIX}policy"
"""See and reload the policy."""

CUSTOM_SCOPES: dict[str, dict[str, str]] = {
    SCOPE_DECIDE: {"description": "Ask Gatehouse for decisions on behalf of people and report usage."},
    SCOPE_READ: {"description": "See everybody's servers, clusters, cost and decisions in Gatehouse."},
    SCOPE_OPERATE: {"description": "Stop anybody's servers and clusters through Gatehouse."},
    SCOPE_BUDGET: {"description": "Top up budgets, grant surges and close months in Gatehouse."},
    SCOPE_POLICY: {"description": "See and reload the Gatehouse policy."},
}
"""What ``c.JupyterHub.custom_scopes`` needs."""

ADMINISTRATOR_SCOPES = {
    "read": SCOPE_READ,
    "operate": SCOPE_OPERATE,
    "budget": SCOPE_BUDGET,
    "policy": SCOPE_POLICY,
}
"""The word in the policy's ``administrators[].may`` -> the hub scope it becomes."""


def access_scope(service: str) -> str:
    """Return the hub scope that lets a token reach the named service."""
    return f"access:services!service={service}"
