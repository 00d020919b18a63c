"""``profileOptions`` of a server profile: what a person may choose within it, such as the image.

The keys are KubeSpawner's own (``profile_options``), with ``groups`` added: an option, a choice or the free field is
there only for the policy groups that it names. What a choice may set is a short list, because what is metered must be
what is priced and a choice must not give rights: neither CPU nor memory, no user id, no service account, no node's
directory. :mod:`hub_ext.policy.placing` filters and applies them.
"""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from hub_ext.policy.fields import Name, Part, Truth
from hub_ext.policy.kubernetes import Pods, Toleration, Volume, VolumeMount
from hub_ext.policy.kubernetes_names import Image, LabelKey, LabelText

TYPED = "--unlisted-choice"
"""What follows an option's name in a request where the person typed the value: as KubeSpawner has it."""
_VALUE = "{value}"

OptionName = Annotated[str, Field(pattern=r"^[a-z0-9]([-_a-z0-9]*[a-z0-9])?$", max_length=40)]
Groups = Annotated[tuple[Name, ...], Field(min_length=1)]


def _is_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"'{text}' is no regular expression: {error}") from error
    return text


def _holds_value(text: str) -> str:
    if _VALUE not in text:
        raise ValueError(f"'{text}' leaves out what the person typed; write it as {_VALUE}")
    return text


class Override(Part):
    """What a choice sets."""

    image: Image | None = None
    """Container image."""
    node_selector: dict[LabelKey, LabelText] = {}
    """Labels that a node must have; those of GPUs and spot machines stay as they are."""
    tolerations: tuple[Toleration, ...] = ()
    """Taints that are borne."""
    volumes: tuple[Volume, ...] = ()
    """More volumes; not of a node's directory."""
    volume_mounts: tuple[VolumeMount, ...] = ()
    """Where volumes appear."""

    @model_validator(mode="after")
    def _gives_no_node(self) -> Self:
        for volume in self.volumes:
            if volume.host_path is not None:
                raise ValueError(
                    f"volume {volume.name} is a directory of the node, which no choice can give; "
                    "put it under kubernetes: of the group or the profile"
                )
        return self

    @property
    def pods(self) -> Pods:
        """The same as a block of the policy."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return Pods.model_construct(**fields)


class Choice(Part):
    """One choice of an option."""

    display_name: str
    """What people read."""
    description: str = ""
    """What it is good for, in half a line."""
    default: Truth = False
    """Whether it holds where nothing is chosen; without any, the first does."""
    groups: Groups | None = None
    """Policy groups that it is offered to; all, where it is left out."""
    kubespawner_override: Override = Override()
    """What it sets."""


class TypedOverride(Part):
    """What a typed value sets."""

    image: Annotated[str, AfterValidator(_holds_value)]
    """Container image, with `{value}` where the typed text stands."""


class UnlistedChoice(Part):
    """A field in which the person may type a value that is not listed."""

    enabled: Truth = False
    """Whether it is there."""
    display_name: str = "Other"
    """What people read."""
    groups: Groups | None = None
    """Policy groups that it is offered to; all, where it is left out."""
    validation_regex: Annotated[str, AfterValidator(_is_pattern)]
    """The whole text must match it."""
    validation_message: str = ""
    """What people read where it does not."""
    kubespawner_override: TypedOverride
    """What it sets."""

    def image_of(self, value: str) -> str:
        """Return the image of a typed value."""
        return self.kubespawner_override.image.replace(_VALUE, value)


class ProfileOption(Part):
    """Something to choose within a profile."""

    display_name: str
    """What people read."""
    groups: Groups | None = None
    """Policy groups that it is offered to; all, where it is left out."""
    choices: dict[OptionName, Choice] = {}
    """What can be chosen, in the order in which people see it."""
    unlisted_choice: UnlistedChoice | None = None
    """What else can be typed."""

    @model_validator(mode="after")
    def _offers_something(self) -> Self:
        if not self.choices:
            raise ValueError("has no choices, so nothing would hold where nothing is typed; add choices:")
        defaults = [name for name, choice in self.choices.items() if choice.default]
        if len(defaults) > 1 and all(self.choices[name].groups is None for name in defaults):
            raise ValueError(f"has {len(defaults)} defaults, {' and '.join(defaults)}; keep one")
        return self


class ServerPods(Pods):
    """Of a server profile."""

    profile_options: dict[OptionName, ProfileOption] = {}
    """What a person may choose within the profile, as KubeSpawner writes it, with `groups` added."""
