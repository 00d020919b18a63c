"""What may this person choose: the service's offers as the gateway's option fields. Pure: no IO, no clock.

``profile`` is a choice of the profiles that the person's groups offer, the first in policy order by default;
``charge_to`` appears only when more than one group offers a cluster; ``name`` is free text; ``workers`` is how many
the cluster wants from its first heartbeat on. So ``Gateway().new_cluster()`` needs no argument.
"""

from collections.abc import Mapping
from typing import Any

from dask_gateway_server.options import Integer, Options, Select, String

from hub_ext.contract.admission import Kind
from hub_ext.contract.errors import InvalidRequest, Refused
from hub_ext.contract.offers import GroupOffer, Offers, ProfileOffer
from hub_ext.contract.reasons import Reason

NAME_LENGTH = 64
"""Longest name of a cluster (``contract.admission.Title``)."""


def cluster_options(offers: Offers) -> Options:
    """Return the fields that this person fills in; none at all for a person whom no group offers a cluster."""
    profiles = _profiles(offers)
    if not profiles:
        return Options(handler=_overrides)
    fields = [Select("profile", profiles, label="Profile")]
    groups = _charging(offers)
    if len(groups) > 1:
        fields.append(Select("charge_to", [offer.group for offer in groups], label="Charge to"))
    fields.append(String("name", label="Name"))
    fields.append(Integer("workers", 0, min=0, max=_most_workers(offers), label="Workers"))
    return Options(*fields, handler=_overrides)


def settle(offers: Offers, request: Any) -> dict[str, Any]:
    """Return the request with its choices made explicit, or refuse it in words.

    Only what the person got wrong about *their* choices is answered here; types are left to the fields.

    Args:
        offers: what the service offers the person.
        request: ``cluster_options`` of the request body, of whatever shape it came in.

    Raises:
        Refused: no group offers a cluster, or this profile, or not to be charged to this group.
        InvalidRequest: the request is no mapping, or the name is not one short line.
    """
    if not isinstance(request, dict):
        raise InvalidRequest("Not started: the cluster options must be a mapping of names to values.")
    _refuse_outsider(offers)
    settled = dict(request)
    profile = settled.setdefault("profile", _profiles(offers)[0])
    if isinstance(profile, str) and profile not in _profiles(offers):
        raise Refused(
            f"Not started: none of your groups offers the profile {_quoted(profile)}. "
            f"Choose one of: {', '.join(_profiles(offers))}.",
            reason=Reason.profile_not_offered,
        )
    _settle_group(offers, settled)
    _check_name(settled.get("name", ""))
    return settled


def offered(offers: Offers, profile: str, group: str) -> ProfileOffer | None:
    """Return the profile as this group offers it."""
    found = (
        offer
        for candidate in offers.groups
        if candidate.group == group
        for offer in candidate.profiles
        if offer.name == profile and offer.kind is Kind.cluster
    )
    return next(found, None)


def _settle_group(offers: Offers, settled: dict[str, Any]) -> None:
    """Make the group to charge explicit: the first that offers the profile, unless the person names another."""
    groups = _charging(offers)
    fitting = [offer for offer in groups if offered(offers, settled["profile"], offer.group)]
    wanted = settled.get("charge_to")
    if wanted is None and fitting:
        settled["charge_to"] = fitting[0].group
    elif isinstance(wanted, str) and fitting and wanted not in {offer.group for offer in fitting}:
        title = next((offer.title for offer in groups if offer.group == wanted), _quoted(wanted))
        raise Refused(
            f"Not started: {title} cannot be charged for {_quoted(settled['profile'])}. "
            f"Charge it to: {', '.join(offer.group for offer in fitting)}.",
            reason=Reason.profile_not_offered,
        )
    if len(groups) == 1:  # then there is no such field
        settled.pop("charge_to", None)


def _refuse_outsider(offers: Offers) -> None:
    if not offers.groups:
        sent = ", ".join(offers.identity.groups) or "none"
        raise Refused(
            f"Not started: you are in no group that the policy names (your groups: {sent}). "
            f"These would let you in: {', '.join(offers.group_titles) or 'none'}. Ask {offers.contact}.",
            reason=Reason.no_group,
        )
    if not _profiles(offers):
        titles = ", ".join(offer.title for offer in offers.groups)
        raise Refused(
            f"Not started: no group of yours ({titles}) offers Dask clusters. Ask {offers.contact}.",
            reason=Reason.profile_not_offered,
        )


def _check_name(name: Any) -> None:
    if isinstance(name, str) and (len(name.strip()) > NAME_LENGTH or not name.strip().isprintable()):
        raise InvalidRequest(f"Not started: the name must be one line of at most {NAME_LENGTH} characters.")


def _overrides(options: Mapping[str, Any], _user: Any) -> dict[str, Any]:
    """Return what the choices set in the cluster's configuration. Called by ``Options.get_configuration``."""
    profile = options.get("profile", "")
    return {
        "profile": profile,
        "charge_to": options.get("charge_to", ""),
        "title": options.get("name", "").strip() or profile,
        "first_workers": options.get("workers", 0),
    }


def _profiles(offers: Offers) -> list[str]:
    """Cluster profiles in policy order, each once."""
    names = [o.name for group in offers.groups for o in group.profiles if o.kind is Kind.cluster]
    return list(dict.fromkeys(names))


def _most_workers(offers: Offers) -> int:
    """Return the most workers that any of the profiles allows; the lease bounds those of the chosen one."""
    return max(o.workers_max for group in offers.groups for o in group.profiles if o.kind is Kind.cluster)


def _charging(offers: Offers) -> list[GroupOffer]:
    """Groups that offer at least one cluster profile, in policy order."""
    return [group for group in offers.groups if any(o.kind is Kind.cluster for o in group.profiles)]


def _quoted(text: str) -> str:
    """Repeat what a person typed, but not a page of it."""
    return repr(text if len(text) <= NAME_LENGTH else text[: NAME_LENGTH - 3] + "...")
