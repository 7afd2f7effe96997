"""The OpenAPI document of the service as a page for people."""

import html
from collections.abc import Mapping
from typing import Any


def page(document: Mapping[str, Any]) -> str:
    """Return the document as HTML without scripts."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        "<title>background-remover: the HTTP interface</title><link rel=stylesheet href=/static/styles/docs.css>",
        "<h1>The HTTP interface</h1><p>The same for programs: <a href=/openapi.json>openapi.json</a>.</p>",
    ]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts.append(f"<h2><code>{method.upper()} {html.escape(path)}</code></h2>")
            parts.append(f"<p>{html.escape(operation['summary'])}. {html.escape(operation.get('description', ''))}</p>")
            parts += _table("Fields", _fields_of(operation))
            rows = [(status, "", response["description"]) for status, response in operation["responses"].items()]
            parts += _table("Answers", rows)
    return "\n".join(parts) + "\n</html>"


def _fields_of(operation: dict[str, Any]) -> list[tuple[str, str, str]]:
    content = operation.get("requestBody", {}).get("content", {})
    properties = content.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
    return [
        (
            name,
            "file" if schema.get("format") == "binary" else repr(schema.get("default", "")),
            schema.get("description", ""),
        )
        for name, schema in properties.items()
    ]


def _table(title: str, rows: list[tuple[str, str, str]]) -> list[str]:
    if not rows:
        return []
    lines = ["<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows]
    return [f"<h3>{title}</h3><table>", *lines, "</table>"]
