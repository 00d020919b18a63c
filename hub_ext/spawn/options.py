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
OFFERED_BY = "offered_by:"
"""Prefix of the hidden fields of the form: which groups offer a profile, in policy order."""

_QUERY = "opt-"
"""Prefix of options in a link. JupyterHub takes it off from 6.0 on; the same links work on 5.x."""
_LONGEST = 255


class Choice(BaseModel):
    """A profile and the group to charge; None leaves it to the policy's order."""

    model_config = ConfigDict(frozen=True)

    profile: str | None = None
    charge_to: str | None = None


def options_from_form(form: Mapping[str, list[Any]]) -> dict[str, str]:
    """Return the start options that a form, or a query, says.

    The form has one group to charge for all its rows. A row that this group does not offer says on screen which group
    is charged, and in a hidden field to us; the options then hold that group, so that whatever reads them next need
    not guess.
    """
    fields = {key.removeprefix(_QUERY): values for key, values in form.items()}
    options = {key: str(values[0]) for key, values in fields.items() if key in {PROFILE, CHARGE_TO} and values}
    options = {key: value for key, value in options.items() if value}
    offered_by = form.get(OFFERED_BY + options.get(PROFILE, ""))
    groups = str(offered_by[0]).split() if offered_by else []
    if groups and options.get(CHARGE_TO) not in groups:
        options[CHARGE_TO] = groups[0]
    return options


def read_options(options: Any) -> Choice:
    """Return the choice that start options hold. Keys that are not ours are left alone.

    Raises:
        InvalidRequest: the options are no JSON object, or one of ours is no name.
    """
    if options is None:
        return Choice()
    if not isinstance(options, Mapping):
        raise InvalidRequest("Not started: the start options must be an object such as {'profile': 'small'}.")
    return Choice(profile=_name(options, PROFILE), charge_to=_name(options, CHARGE_TO))


def _name(options: Mapping[str, Any], key: str) -> str | None:
    value = options.get(key)
    if isinstance(value, list) and len(value) == 1:  # as the hub passes a query on
        value = value[0]
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        raise InvalidRequest(f"Not started: {key} must be a name, as the start page lists them.")
    return value
