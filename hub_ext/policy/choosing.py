"""What a person may choose within a server profile, and what a choice sets. Pure.

The same filter answers what the start page shows and whether a start is allowed: a choice that is offered to other
groups is refused however it was asked for. It goes by the group that is charged, as all else does.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from hub_ext.contract.errors import Refused
from hub_ext.contract.offers import ChoiceOffer, OptionOffer
from hub_ext.contract.reasons import Reason
from hub_ext.policy.document import Policy
from hub_ext.policy.kubernetes import Pods
from hub_ext.policy.kubernetes_names import Image
from hub_ext.policy.kubernetes_options import TYPED, Choice, Override, ProfileOption, UnlistedChoice
from hub_ext.policy.profiles import ServerProfile

_IMAGE: TypeAdapter[str] = TypeAdapter(Image)


@dataclass(frozen=True)
class _Offered:
    """One option as a group sees it."""

    name: str
    title: str
    choices: Mapping[str, Choice]
    """At least one."""
    typed: UnlistedChoice | None

    @property
    def default(self) -> str:
        return next((key for key, choice in self.choices.items() if choice.default), next(iter(self.choices)))


def options_for(policy: Policy, group: str, profile: str) -> tuple[OptionOffer, ...]:
    """Return what people who charge the group may choose within the profile, in the policy's order."""
    return tuple(
        OptionOffer(
            name=offered.name,
            title=offered.title,
            choices=tuple(
                ChoiceOffer(name=key, title=choice.display_name, description=choice.description)
                for key, choice in offered.choices.items()
            ),
            default=offered.default,
            typed=offered.typed.display_name if offered.typed else "",
        )
        for offered in _offered(policy, group, profile)
    )


def choose(policy: Policy, group: str, profile: str, options: Mapping[str, str]) -> tuple[Pods, ...]:
    """Return what the choices set; where one is left out, its default.

    Args:
        policy: the policy in force.
        group: the policy group that is charged.
        profile: name of the profile.
        options: choice by the option's name; what was typed, by the option's name and ``--unlisted-choice``.

    Raises:
        Refused: an option or choice is not offered; the text is a fact and its cause, to stand after a colon.
    """
    title, offered = policy.group_title(group), {one.name: one for one in _offered(policy, group, profile)}
    for key in options:
        if key.removesuffix(TYPED) not in offered:
            raise _refused(f"{policy.profile_title(profile)} has no option '{key[:80]}' for {title}.")
    return tuple(_chosen(title, one, options).pods for one in offered.values())


def _offered(policy: Policy, group: str, profile: str) -> Iterator[_Offered]:
    """Yield each option that has a choice for the group."""
    rules = policy.profiles[profile]
    if not isinstance(rules, ServerProfile):
        return
    for name, option in rules.kubernetes.profile_options.items():
        choices = {key: choice for key, choice in option.choices.items() if _given(choice, group)}
        if choices and _given(option, group):
            typed = option.unlisted_choice
            free = typed is not None and typed.enabled and _given(typed, group)
            yield _Offered(name, option.display_name, choices, typed if free else None)


def _given(part: ProfileOption | Choice | UnlistedChoice, group: str) -> bool:
    return part.groups is None or group in part.groups


def _chosen(title: str, offered: _Offered, options: Mapping[str, str]) -> Override:
    typed = options.get(offered.name + TYPED)
    if typed is not None:
        return _typed(title, offered, typed)
    name = options.get(offered.name, offered.default)
    choice = offered.choices.get(name)
    if choice is None:
        raise _refused(f"{offered.title} '{name[:80]}' is not offered to {title}.")
    return choice.kubespawner_override


def _typed(title: str, offered: _Offered, value: str) -> Override:
    rule = offered.typed
    if rule is None:
        raise _refused(f"{offered.title} was typed, and {title} can only choose from the list.")
    if re.fullmatch(rule.validation_regex, value) is not None:
        try:
            return Override(image=_IMAGE.validate_python(rule.image_of(value)))
        except ValidationError:
            pass  # it fits what the administrator wrote, and is no image all the same
    why = rule.validation_message or "it does not look as it must"
    raise _refused(f"{offered.title} '{value[:80]}' cannot be used: {why.rstrip('.')}.")


def _refused(text: str) -> Refused:
    return Refused(text, reason=Reason.option_not_offered)
