"""A small policy and standings to weigh against it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from hub_ext.contract.admission import Kind, Lease, LeaseState, Request
from hub_ext.contract.identity import Identity
from hub_ext.contract.shape import Shape
from hub_ext.policy.admission import Holdings, Standing
from hub_ext.policy.document import Policy
from hub_ext.policy.reading import read_policy

GIB = 2**30
NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)

TEXT = """\
apiVersion: gatehouse/v1
currency: USD
prices:
  - from: 2026-01-01
    core_hour: 0.04
    gib_hour: 0.005
    gpu_hour: {l4: 0.70}
profiles:
  small: {kind: server, title: Small notebook, cores: 1, memory: 2 GiB, idle: {default: 1h}}
  large: {kind: server, title: Large notebook, cores: 4, memory: 16 GiB}
  gpu-notebook: {kind: server, title: Notebook with one L4, cores: 4, memory: 16 GiB, gpus: {l4: 1}}
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 2 GiB}
    worker: {cores: 1, memory: 2 GiB}
    workers: {max: 1000}
  wide:
    kind: cluster
    title: Wide workers
    worker: {cores: 3, memory: 4 GiB}
    workers: {max: 8}
groups:
  research:
    title: Research
    match: [/research, /research/*]
    profiles: [small, large, standard, wide]
    quota: {cores: 64, memory: 512 GiB, clusters: 20, servers: 60}
    per_user: {cores: 40, clusters: 2, servers: 2}
    budget: {monthly: 5000, per_user: 500, on_exhausted: drain}
  gpu:
    title: GPU
    match: [/gpu]
    profiles: [gpu-notebook, small]
    quota: {gpus: {l4: 2}}
  analysts:
    title: Analysts
    match: [/analysts]
    profiles: [small]
    quota: {cores: 16}
    budget: {monthly: 400, warn_at: [50%, 80%], on_exhausted: deny_new}
  production:
    match: [/production]
    profiles: [standard]
    budget: {monthly: 10, on_exhausted: warn}
administrators:
  - {match: [/platform-admins], may: [policy, read]}
  - {match: [/finance/*], may: [read]}
defaults: {contact: "#data-platform"}
"""


@cache
def policy() -> Policy:
    """Return the sample policy."""
    return read_policy(TEXT)


def alice(*groups: str) -> Identity:
    """Return alice, a member of these SSO groups; of /research where none is named."""
    return Identity(name="alice", groups=groups or ("/research",))


def request(profile: str = "small", *, charge_to: str | None = None, kind: Kind = Kind.server) -> Request:
    """Return alice's request."""
    return Request(id="r-1", identity=alice(), kind=kind, profile=profile, charge_to=charge_to)


def standing(
    holders: Mapping[str, int] | None = None,
    *,
    memory: int = 0,
    gpus: int = 0,
    servers: int = 0,
    clusters: int = 0,
    spent: str = "0",
    mine: str = "0",
) -> Standing:
    """Return how a group stands: who holds its cores, and what of the rest the group and alice hold.

    Args:
        holders: cores by user.
        memory: GiB of the group.
        gpus: of model l4, of the group.
        servers: of alice, and of the group.
        clusters: of alice, and of the group.
        spent: money of the group.
        mine: money of alice.
    """
    cores = {name: Decimal(number) for name, number in (holders or {}).items()}
    total = sum(cores.values(), Decimal(0))
    return Standing(
        group=Holdings(Shape(cores=total, memory=memory * GIB, gpus={"l4": gpus}), servers, clusters),
        person=Holdings(Shape(cores=cores.get("alice", Decimal(0))), servers, clusters),
        spent=Decimal(spent),
        person_spent=Decimal(mine),
        holders=tuple(cores.items()),
    )


def lease(*, profile: str = "standard", group: str = "research", workers: int = 0, most: int = 1000) -> Lease:
    """Return the lease of alice's cluster."""
    worker = Shape(cores=Decimal(3), memory=4 * GIB) if profile == "wide" else Shape(cores=Decimal(1), memory=2 * GIB)
    return Lease(
        id="d-1",
        state=LeaseState.bound,
        user="alice",
        group=group,
        kind=Kind.cluster,
        profile=profile,
        name="sales-join",
        base=Shape(cores=Decimal(1), memory=2 * GIB),
        worker=worker,
        workers=workers,
        workers_max=most,
    )
