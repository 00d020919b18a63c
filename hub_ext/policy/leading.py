"""What the leads of a group may do: top up the own budgets of its people, and nobody their own. Pure.

The group's monthly budget is not theirs to raise, so whatever they add is spent within what the group was given.
"""

from hub_ext.contract.errors import Forbidden
from hub_ext.contract.identity import Identity
from hub_ext.policy.document import Policy
from hub_ext.policy.resolving import led


def check_top_up(policy: Policy, identity: Identity, *, group: str, user: str) -> None:
    """Refuse a top-up that is not a lead's to give.

    Args:
        policy: the policy in force.
        identity: who wants to give it.
        group: name of the policy group.
        user: whose own budget; empty: the group's.

    Raises:
        Forbidden: the person does not lead the group, or the budget is the group's or their own. Of a group that they
            do not lead it is not said whether it exists.
    """
    contact = policy.defaults.contact
    if group not in led(policy, identity):
        raise Forbidden(f"Not topped up: you do not lead a group {group}. Ask its lead, or {contact}.")
    if not user:
        text = f"Not topped up: leads top up people's own budgets, and the budget of {policy.group_title(group)} is not"
        raise Forbidden(f"{text} one. Ask {contact} to raise it.")
    if user.casefold() == identity.name.casefold():
        raise Forbidden(f"Not topped up: nobody tops up their own budget. Ask another lead, or {contact}.")
