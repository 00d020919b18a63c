"""The service's API, from its OpenAPI document."""

import json

from docs.generating.markdown import NOTHING, code, page, table
from docs.generating.schemas import model_link, section
from hub_ext.service.openapi import CALLS, document

_INTRODUCTION = """
Paths are relative to the service's prefix, `/services/gatehouse/`. Every call is JSON in, JSON out; every error has the
one shape of [ErrorBody](#errorbody). A caller shows a hub token in the header `Authorization: token ...`. The same as
an OpenAPI 3.1 document: [openapi.json](openapi.json); a running service serves it at `/api/v1/openapi.json`, and
`/metrics` beside it ([](metrics.md)).

## Calls
"""
_CALLERS = {"": "anybody", "self": "any person, for themselves"}


def api_page() -> str:
    """Return the reference of the service's API."""
    definitions = document()["components"]["schemas"]
    rows = (
        (method.upper(), code(f"/{path}"), _CALLERS.get(scope) or code(scope), _model(body), _model(answer))
        for method, path, scope, body, answer in CALLS
    )
    return page(
        "API",
        _INTRODUCTION,
        table(("", "path", "who", "body", "answer"), rows),
        *(section(name, definitions[name], definitions, name) for name in sorted(definitions)),
    )


def openapi_text() -> str:
    """Return the OpenAPI document as the text of its file."""
    return json.dumps(document(), indent=2, sort_keys=True) + "\n"


def _model(model: type | None) -> str:
    return model_link(model.__name__) if model else NOTHING
