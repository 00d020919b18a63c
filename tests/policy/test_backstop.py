"""The backstop for Kubernetes: the most that a policy can give out, a part more, and what else runs beside it."""

from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.policy.backstop import Own, backstop, cpu, memory, whole
from hub_ext.policy.bounding import most, unbounded
from hub_ext.policy.document import Policy
from hub_ext.policy.reading import read_policy

POLICIES = Path(__file__).parents[1] / "policies"
GIB = 2**30
_HEAD = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 1, gpu_hour: {l4: 1}}]
profiles:
  small: {kind: server, cores: 0.5, memory: 1 GiB}
  large: {kind: server, cores: 4, memory: 16 GiB}
  gpu: {kind: server, cores: 4, memory: 16 GiB, gpus: {l4: 1}}
  standard: {kind: cluster, scheduler: {cores: 1, memory: 2 GiB}, worker: {cores: 2, memory: 4 GiB}, workers: {max: 3}}
"""


def policy_of(*groups: str, cohorts: str = "") -> Policy:
    """Return a policy of these groups."""
    lines = [f"  g{place}: {{match: [/g{place}], {rules}}}" for place, rules in enumerate(groups)]
    return read_policy("\n".join([_HEAD, cohorts, "groups:", *lines, ""]))


@pytest.mark.parametrize(
    ("groups", "cohorts", "cores", "gib", "processes"),
    [
        pytest.param(["profiles: [small], quota: {cores: 8, memory: 6 GiB}"], "", "3", 6, 6, id="the quota that binds"),
        pytest.param(["profiles: [small], quota: {servers: 3}"], "", "1.5", 3, 3, id="a count bounds the rest"),
        pytest.param(["profiles: [standard], quota: {clusters: 2}"], "", "14", 28, 8, id="clusters of their maximum"),
        pytest.param(["profiles: [gpu], quota: {gpus: {l4: 2}}"], "", "8", 32, 2, id="GPUs bound what takes one"),
        pytest.param(["profiles: [small, gpu], quota: {gpus: {l4: 2}}"], "", None, None, None, id="others unbound"),
        pytest.param(["profiles: [small, standard], quota: {cores: 8}"], "", "8", 16, 16, id="all by cores"),
        pytest.param(["quota: {cores: 8}"], "", "0", 0, 0, id="a group that offers nothing holds nothing"),
        pytest.param(["profiles: [small], quota: {cores: 8}"] * 2, "", "16", 32, 32, id="groups add up"),
        pytest.param(
            ["cohort: c, profiles: [small], quota: {cores: 8, memory: 8 GiB}"] * 2,
            "cohorts: {c: {nominal_quota: {cores: 4, memory: 900 GiB}}}",
            *("8", 16, 16),
            id="memory bounds what a cohort could borrow",
        ),
        pytest.param(
            ["cohort: c, profiles: [small], quota: {cores: 8, memory: 900 GiB}"] * 2,
            "cohorts: {c: {nominal_quota: {cores: 4}}}",
            *("20", 80, 40),
            id="all nominals and the pool",
        ),
        pytest.param(
            ["cohort: c, profiles: [large], quota: {cores: 8, memory: 900 GiB}, borrowing_limit: {cores: 4}"] * 2,
            "cohorts: {c: {nominal_quota: {cores: 400}}}",
            *("24", 96, 6),
            id="borrowing limits allow less than the pool has",
        ),
        pytest.param(["profiles: [small], per_user: {cores: 4, servers: 1}"], "", None, None, None, id="per person"),
    ],
)
def test_most_is_told(
    groups: list[str], cohorts: str, cores: str | None, gib: int | None, processes: int | None
) -> None:
    """What all admissions together can hold follows from quotas, counts, borrowing and pools."""
    found = most(policy_of(*groups, cohorts=cohorts))
    expected = (
        None if cores is None else Decimal(cores),
        None if gib is None else Decimal(gib * GIB),
        None if processes is None else Decimal(processes),
    )
    assert (found.cores, found.memory, found.processes) == expected


@given(
    cores=st.none() | st.integers(4, 12),
    gib=st.none() | st.integers(16, 24),
    servers=st.none() | st.integers(1, 4),
    clusters=st.none() | st.integers(1, 2),
)
def test_whatever_the_quota_allows_is_within(
    cores: int | None, gib: int | None, servers: int | None, clusters: int | None
) -> None:
    """No mix of servers, clusters and workers that a group's quota allows is above the most."""
    limits = {"cores": cores, "memory": None if gib is None else f"{gib} GiB", "servers": servers, "clusters": clusters}
    told = ", ".join(f"{name}: {limit}" for name, limit in limits.items() if limit is not None)
    bounds = most(policy_of(f"profiles: [small, large, standard], quota: {{{told}}}"))
    for small, large, schedulers in product(range(5), range(4), range(3)):
        for workers in range(3 * schedulers + 1):
            used = Decimal("0.5") * small + 4 * large + schedulers + 2 * workers
            size = small + 16 * large + 2 * schedulers + 4 * workers
            counts = ((used, cores), (size, gib), (small + large, servers), (schedulers, clusters))
            if all(limit is None or value <= limit for value, limit in counts):
                assert bounds.cores is None or used <= bounds.cores
                assert bounds.memory is None or size * GIB <= bounds.memory
                assert bounds.processes is None or small + large + schedulers + workers <= bounds.processes


def test_every_policy_of_ours_has_a_backstop() -> None:
    """The full sample: one quota with ten percent more, by exact figures, and both GPU models under their resources."""
    policy = read_policy((POLICIES / "full.yaml").read_text(encoding="utf-8"))
    quota, limits = backstop(policy, "lab").objects
    assert quota["metadata"]["namespace"] == limits["metadata"]["namespace"] == "lab"
    # cores: 16 by two A100s, 200 and 128 by the memory of the cohort's groups; it could lend them 364
    assert quota["spec"]["hard"] == {
        "requests.cpu": "378400m",
        "requests.memory": f"{-(-11 * (400 + 256 + 128) * 1024 // 10)}Mi",
        "pods": "410",
        "requests.nvidia.com/gpu": "9",
        "requests.nvidia.com/mig-3g.20gb": "3",
    }
    container = limits["spec"]["limits"][0]
    assert container["max"] == {"cpu": "8800m", "memory": "72090Mi"}
    assert container["defaultRequest"] == {"cpu": "100m", "memory": "128Mi"}
    assert "nvidia" not in str(container)  # Kubernetes would make it every container's default


def test_what_nothing_bounds_is_left_out_and_said() -> None:
    """A field without a bound is left out, and a sentence above the objects says whose quota is missing."""
    made = backstop(policy_of("profiles: [small], quota: {cores: 1}", "profiles: [small]", "profiles: [gpu]"), "lab")
    assert made.objects[0]["spec"]["hard"] == {}
    assert made.notices[0] == (
        "requests.cpu is left out: nothing bounds cores of groups.g1, groups.g2. Give each a quota of cores."
    )
    assert made.notices[-1].endswith("nothing bounds gpus.l4 of groups.g2. Give it a quota of gpus.l4.")
    assert set(unbounded(policy_of("profiles: [gpu]"))) == {"cores", "memory", "pods", "gpus.l4"}
    text = made.text("Written by hand.")
    assert text.startswith("# Written by hand.\n# requests.cpu is left out")
    assert list(yaml.safe_load_all(text)) == [*made.objects]


def test_own_pods_are_added_as_they_are() -> None:
    """Hub, proxy and service are added without the percentage, and none of them is above the container's maximum."""
    own = Own(cores=Decimal(6), memory=40 * GIB, pods=9)
    policy = policy_of("profiles: [small], quota: {cores: 10, memory: 10 GiB}")
    quota, limits = backstop(policy, "lab", percent=Decimal(50), own=own).objects
    assert quota["spec"]["hard"] == {"requests.cpu": "13500m", "requests.memory": "56320Mi", "pods": "24"}
    assert limits["spec"]["limits"][0]["max"] == {"cpu": "6", "memory": "40960Mi"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (cpu(Fraction("1.1")), "1100m"),
        (cpu(Fraction("0.0001")), "1m"),
        (cpu(Fraction(64)), "64"),
        (memory(Fraction(1)), "1Mi"),
        (memory(2 * GIB * Fraction("1.1")), "2253Mi"),
        (whole(Fraction("2.2")), "3"),
    ],
)
def test_quantities_are_rounded_up(written: Any, expected: str) -> None:
    """What Kubernetes may refuse is never less than what the policy allows."""
    assert written == expected
