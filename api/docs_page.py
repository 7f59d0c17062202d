"""The page that describes the API to people: the OpenAPI description as HTML, which loads and runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from fastapi import Response

from api.schemas import EXAMPLE

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem}"
    "pre{overflow-x:auto;padding:.75rem;background:#8882;border-radius:.5rem}code{font-size:.9em}"
    "dt{font-weight:600}dd{margin:0 0 .5rem}h2{margin-top:2.5rem;overflow-wrap:anywhere}"
)
_CURL: Final = (
    "curl -u USER:PASSWORD -H 'Content-Type: application/json' \\\n  -d '{body}' ADDRESS/send_message"
)

Schema = Mapping[str, Any]


def docs_page(described: Schema) -> Response:
    """`described`: the OpenAPI description."""
    body = "\n".join(_parts(described))
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(described['info']['title'])} API</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": _POLICY})


def _parts(described: Schema) -> Iterator[str]:
    yield f"<h1>{escape(described['info']['title'])} API</h1>"
    yield (
        "<p>Every request needs the user and password of <code>API_USER</code> and <code>API_PASSWORD</code>. "
        'For programs: <a href="openapi.json">openapi.json</a>.</p>'
    )
    yield f"<pre>{escape(_CURL.format(body=EXAMPLE))}</pre>"
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            yield f"<h2>{method.upper()} {escape(path)}</h2>"
            yield _paragraphs(one.get("description", ""))
            yield from _table(
                "Parameters",
                ((each["name"], each.get("description", "")) for each in one.get("parameters", ())),
            )
            if sent := _schema_in(one.get("requestBody", {})):
                yield from _fields("Body", sent, schemas)
            for code, answer in one["responses"].items():
                if code != "422" and (schema := _schema_in(answer)):
                    yield from _fields(f"Answer {code}", schema, schemas)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part.strip())


def _table(title: str, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    listed = [f"<dt><code>{escape(name)}</code></dt><dd>{escape(about)}</dd>" for name, about in rows]
    if listed:
        yield f"<h3>{title}</h3><dl>{''.join(listed)}</dl>"


def _schema_in(part: Schema) -> Schema:
    schema: Schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _fields(title: str, schema: Schema, schemas: Schema) -> Iterator[str]:
    """The fields of an object, and those of the objects in it."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if not name:
        return
    own = schemas[name]
    rows = (
        (field, _about(about, field in own.get("required", ()))) for field, about in own["properties"].items()
    )
    yield from _table(title, rows)
    for field, about in own["properties"].items():
        for inner in (about, *about.get("anyOf", ())):
            yield from _fields(f"Each of {escape(field)}", inner.get("items", {}), schemas)


def _about(schema: Schema, required: bool) -> str:
    kinds = [str(one.get("type", "")) for one in (schema, *schema.get("anyOf", ()))]
    kind = " or ".join(one for one in kinds if one and one != "null")
    needed = "" if required else ", optional"
    return f"{kind}{needed}. {schema.get('description', '')}".strip()
