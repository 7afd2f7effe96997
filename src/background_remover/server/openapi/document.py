"""`document`: the OpenAPI document of the service, put together from those of its APIs."""

from collections.abc import Iterable

from background_remover.server.api import Api, Json
from background_remover.server.openapi.parts import error_schema
from background_remover.version import __version__


def document(apis: Iterable[Api]) -> Json:
    """Return the OpenAPI 3.1 document of a service with these APIs."""
    apis = tuple(apis)
    schemas: Json = {"Error": error_schema()}
    for api in apis:
        schemas |= api.schemas
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "background-remover",
            "version": __version__,
            "description": "Cuts the subject out of a picture.",
        },
        "paths": {path: operations for api in apis for path, operations in api.paths.items()},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
        },
    }
