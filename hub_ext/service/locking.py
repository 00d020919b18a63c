"""The names of the locks that a decision takes."""

from collections.abc import Iterable

from hub_ext.policy.document import Policy


def locks(policy: Policy, groups: Iterable[str]) -> set[str]:
    """Name what a decision about these groups must lock: each group, and each cohort they share with others.

    The group too, because while a changed policy is being taken, replicas may differ on which cohort it is in.
    """
    names = set(groups)
    known = [policy.groups[name] for name in names if name in policy.groups]
    cohorts = {f"cohort {group.cohort}" for group in known if group.cohort is not None}
    return {f"group {name}" for name in names} | cohorts
