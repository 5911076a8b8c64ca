"""The API's own documentation: the OpenAPI document, and one page made of it that needs nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from facility_monitor.api import problems

DESCRIPTION = """
Sign in with `POST /api/v1/session`: browsers then carry a cookie, programs send the token, or better an API key from
`POST /api/v1/keys`, as `Authorization: Bearer ...`. What you see depends on who you are: a contractor sees the
equipment that its contracts cover; what you may not see answers 404 like what is not there.

Times are RFC 3339 in UTC. Values are in SenML units; `display_unit` and `display_scale` say how to show them. Words
stand by language: `{"zh-CN": "...", "en": "..."}`. Lists come in parts: pass `next_cursor` as `cursor`. A change to
something with a `version` needs `If-Match` with the ETag that was read. Errors are problem details (RFC 9457).
"""

router = APIRouter(include_in_schema=False)

_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 3rem } h3 { margin: 2.5rem 0 .5rem } code, pre { font: 14px/1.4 ui-monospace, monospace }
h3 code { font-size: 16px }
pre { overflow: auto; padding: .75rem; border: 1px solid #8886; border-radius: .4rem }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #8884; padding: .3rem .75rem .3rem 0; vertical-align: top }
nav a { margin-right: 1rem } .scope { opacity: .75 }
"""
_POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def describe(app: FastAPI) -> None:
    """Let ``app`` describe itself exactly: problems by their media type, the scopes that a route needs."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.description = DESCRIPTION.strip()
            document = plain()
            for _, _, operation in _operations(document):
                _complete(operation)
        schema = app.openapi_schema
        assert schema is not None  # noqa: S101 - made above
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def _complete(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            for content in response.get("content", {}).values():
                if content["schema"].get("$ref", "").endswith("/Problem"):
                    response["content"] = {problems.MEDIA_TYPE: content}


@router.get("/docs")
async def show_docs(request: Request) -> HTMLResponse:
    """The OpenAPI document for people."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    page = "".join(_page(request.app.openapi()))
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY.format(digest)})


def _page(document: dict[str, Any]) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f"<title>facility_monitor API</title><style>{_STYLE}</style><h1>facility_monitor API</h1>"
    for paragraph in DESCRIPTION.strip().split("\n\n"):
        yield f"<p>{_prose(paragraph)}</p>"
    yield '<p>For programs: <a href="/openapi.json">/openapi.json</a></p>'
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for each in _operations(document):
        by_tag.setdefault(each[2]["tags"][0], []).append(each)
    links = (f'<a href="#{tag}">{tag}</a>' for tag in (*by_tag, "problems", "shapes"))
    yield f"<nav>{' '.join(links)}</nav>"
    schemas = document["components"]["schemas"]
    for tag, operations in by_tag.items():
        yield f'<h2 id="{tag}">{escape(tag)}</h2>'
        for path, method, operation in operations:
            yield from _operation(path, method, operation, schemas)
    yield '<h2 id="problems">problems</h2><table>'
    for kind in problems.KINDS.values():
        yield f'<tr id="{kind.name}"><td>{kind.status}<td><code>{kind.name}</code><td>{escape(kind.title)}'
    yield '</table><h2 id="shapes">shapes</h2>'
    for name, schema in schemas.items():
        yield from _shape(name, schema)


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    yield f'<h3 id="{operation["operationId"]}"><code>{method} {escape(path)}</code></h3>'
    summary = operation["summary"]
    yield f"<p>{_prose(summary)}{'' if summary.endswith('?') else '.'} {_prose(operation.get('description', ''))}"
    scopes = [scope for needed in operation.get("security", ()) for names in needed.values() for scope in names]
    if scopes:
        yield f' <span class="scope">Needs <code>{escape(", ".join(dict.fromkeys(scopes)))}</code>.</span>'
    parameters = operation.get("parameters", ())
    if parameters:
        yield "<table>"
        for each in parameters:
            where = each["in"] if each.get("required") else f"{each['in']}, optional"
            said = _prose(each.get("description") or each["schema"].get("description", ""))
            yield f"<tr><td><code>{escape(each['name'])}</code><td>{where}<td>{_type(each['schema'])}<td>{said}"
        yield "</table>"
    body = operation.get("requestBody")
    if body is not None:
        media_type = next(iter(body["content"]))
        schema = body["content"][media_type]["schema"]
        yield f"<p>Body: {_type(schema)}" + ("" if media_type == "application/json" else f", {escape(media_type)}")
        for example in _examples(schema, schemas):
            yield f"<pre>{escape(json.dumps(example, ensure_ascii=False, indent=2))}</pre>"
    yield "<table>"
    for status, response in operation["responses"].items():
        schemas_of = [_type(content["schema"]) for content in response.get("content", {}).values()]
        said = response["description"].removeprefix("Successful Response")
        yield f"<tr><td>{status}<td>{' or '.join(schemas_of) or 'nothing'}<td>{_prose(said)}"
    yield "</table>"


def _examples(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterable[Any]:
    for each in (schema, *schema.get("anyOf", ())):
        if "$ref" in each:
            yield from schemas[_name(each["$ref"])].get("examples", ())


def _shape(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f'<h3 id="{escape(name)}"><code>{escape(name)}</code></h3><p>{_prose(schema.get("description", ""))}<table>'
    for field, inner in schema.get("properties", {}).items():
        yield f"<tr><td><code>{escape(field)}</code><td>{_type(inner)}<td>{_prose(inner.get('description', ''))}"
    yield "</table>"


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words, with links to the shapes that it names."""
    if "$ref" in schema:
        name = escape(_name(schema["$ref"]))
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(json.dumps(schema['const']))}</code>"
    kind = schema.get("type", "anything" if not schema else "object")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(f"{kind} ({schema['format']})" if "format" in schema else str(kind))


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _prose(words: str) -> str:
    """Words with their `code` marked; nothing else of Markdown is used."""
    parts = escape(words).replace("``", "`").split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
