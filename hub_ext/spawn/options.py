"""What a person asked for: from the start options, however they came, to one choice. Pure.

Options reach a spawner in four ways: the form, JSON through the hub's API, the ``opt-`` query of a link, and the
database, where the hub keeps those of the last start. None of them is to be trusted, and all of them end here.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from hub_ext.contract.errors import InvalidRequest

PROFILE = "profile"
"""The field that names the profile; the hub's admin page has a column for it."""
CHARGE_TO = "charge_to"
"""The field that names the group to charge."""
OPTIONS = "options"
"""The field that holds what was chosen within the profile, such as the image, by the option's name."""
OPTION = "option:"
"""Prefix of the fields for that: ``option:GROUP:PROFILE:OPTION`` in the form, ``option:OPTION`` in a link."""
OTHER = "--unlisted-choice"
"""What follows an option's name where its value was typed, and the choice by which the form says so."""
OFFERED_BY = "offered_by:"
"""Prefix of the hidden fields of the form: which groups offer a profile, in policy order."""

_QUERY = "opt-"
"""Prefix of options in a link. JupyterHub takes it off from 6.0 on; the same links work on 5.x."""
_LONGEST = 255
_MOST = 32
"""Options of one profile, as the service takes them."""


class Choice(BaseModel):
    """A profile and the group to charge; None leaves it to the policy's order."""

    model_config = ConfigDict(frozen=True)

    profile: str | None = None
    charge_to: str | None = None
    options: dict[str, str] = {}


def options_from_form(form: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return the start options that a form, or a query, says.

    The form has one group to charge for all its rows. A row that this group does not offer says on screen which group
    is charged, and in a hidden field to us; the options then hold that group, so that whatever reads them next need
    not guess.
    """
    fields = {key.removeprefix(_QUERY): values for key, values in form.items()}
    options: dict[str, Any] = {
        key: str(values[0]) for key, values in fields.items() if key in {PROFILE, CHARGE_TO} and values and values[0]
    }
    offered_by = form.get(OFFERED_BY + options.get(PROFILE, ""))
    groups = str(offered_by[0]).split() if offered_by else []
    if groups and options.get(CHARGE_TO) not in groups:
        options[CHARGE_TO] = groups[0]
    chosen = _chosen(fields, f"{OPTION}{options.get(CHARGE_TO, '')}:{options.get(PROFILE, '')}:")
    return {**options, OPTIONS: chosen} if chosen else options


def read_options(options: Any) -> Choice:
    """Return the choice that start options hold. Keys that are not ours are left alone.

    Raises:
        InvalidRequest: the options are no JSON object, or one of ours is no name.
    """
    if options is None:
        return Choice()
    if not isinstance(options, Mapping):
        raise InvalidRequest("Not started: the start options must be an object such as {'profile': 'small'}.")
    chosen = options.get(OPTIONS) or {}
    if not isinstance(chosen, Mapping) or len(chosen) > _MOST:
        raise InvalidRequest("Not started: options must be an object such as {'image': 'plain'}.")
    named = {str(key): _name(chosen, key) for key in chosen}
    return Choice(
        profile=_name(options, PROFILE),
        charge_to=_name(options, CHARGE_TO),
        options={key: value for key, value in named.items() if value is not None},
    )


def _chosen(fields: Mapping[str, list[Any]], prefix: str) -> dict[str, str]:
    """Return what a form or a link says of the options; a typed value counts where the form asked for it."""
    found = {key: str(values[0]) for key, values in fields.items() if key.startswith(OPTION) and values and values[0]}
    linked = {key.removeprefix(OPTION): value for key, value in found.items() if key.count(":") == 1}
    if linked:
        return linked
    said = {key.removeprefix(prefix): value for key, value in found.items() if key.startswith(prefix)}
    typed = {key for key, value in said.items() if value == OTHER}
    return {
        key: value
        for key, value in said.items()
        if value != OTHER and (not key.endswith(OTHER) or key.removesuffix(OTHER) in typed)
    }


def _name(options: Mapping[str, Any], key: str) -> str | None:
    value = options.get(key)
    if isinstance(value, list) and len(value) == 1:  # as the hub passes a query on
        value = value[0]
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        raise InvalidRequest(f"Not started: {key} must be a name, as the start page lists them.")
    return value
