"""Media types: which kind of body each is, and how a body of it travels.

JSON travels as it is, forms flat, multipart as parts, text and files as content. XML and the like are not
written: there is no telling from a schema what they look like.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .errors import NoPayload
from .node import Node

if TYPE_CHECKING:
    from ...spec.model import MediaType, Operation
    from .schemas import Schemas

Kind = Literal["json", "form", "multipart", "text", "binary"]
_KINDS: tuple[Kind, ...] = ("json", "form", "multipart", "text", "binary")
_BINARY = ("image/", "audio/", "video/", "font/")
_OF_TYPE: dict[str, Kind] = {
    "application/x-www-form-urlencoded": "form",
    "application/form-data": "multipart",
    "application/octet-stream": "binary",
    "application/pdf": "binary",
    "application/zip": "binary",
    "application/gzip": "binary",
    "application/jwt": "text",
    "": "json",
}


ODD_BYTES = b"\r\n\x00\x80\xff"
"""Bytes that whoever takes a file for text does not keep."""


class FilePart(NamedTuple):
    """A file in a multipart body, as httpx takes it."""

    filename: str
    content: bytes
    content_type: str


def essence(media_type: str) -> str:
    """The type without its parameters: `text/html` of `text/html; charset=utf-8`."""
    return media_type.partition(";")[0].strip().lower()


def kind_of_media(media_type: str) -> Kind | None:
    """How a body of this type is written, None if gen-suite cannot."""
    name = essence(media_type)
    subtype = name.partition("/")[2]
    if name in _OF_TYPE:
        return _OF_TYPE[name]
    if name.startswith("multipart/"):
        return "multipart"
    if ("json" in subtype and "smile" not in subtype) or name in ("*/*", "application/*"):
        return "json"
    # YAML is a superset of JSON.
    if subtype.endswith(("yaml", "x-yaml")):
        return "json"
    if "xml" in subtype:
        return None
    if name.startswith("text/"):
        return "text"
    return "binary" if name.startswith(_BINARY) else None


def chosen(operation: Operation, media_type: str | None = None) -> MediaType | None:
    """The media type to write: the one asked for, else JSON before forms before the rest.

    Raises: NoPayload if there is a body and none of its types can be written.
    """
    if operation.request_body is None:
        return None
    content = operation.request_body.content
    if media_type is not None:
        if media_type not in content:
            told = ", ".join(content) or "none"
            raise NoPayload(f"{operation.label} takes no {media_type}, but {told}")
        return content[media_type]
    ranked = [(kind_of_media(name), media) for name, media in content.items()]
    for kind in _KINDS:
        for found, media in ranked:
            if found == kind:
                return media
    if not content:
        return None
    raise NoPayload(
        f"{operation.label}: {', '.join(content)} is no type of body that can be written"
    )


def request(media: MediaType, body: Any) -> dict[str, Any]:
    """The arguments with which an httpx-like client sends the body."""
    kind = kind_of_media(media.type)
    if kind == "json":
        plain = essence(media.type) in ("application/json", "*/*", "application/*", "")
        if plain and body is not None:  # httpx takes `json=None` for no body at all
            return {"json": body}
        return _content(json.dumps(body).encode(), "application/json" if plain else media.type)
    if kind == "form":
        return {"data": dict(_flat(media, body))}
    if kind == "multipart":
        return {"files": list(_parts(body))}
    content = body if isinstance(body, bytes) else str(body).encode()
    return _content(content, media.type)


def _content(content: bytes, media_type: str) -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": media_type}}


def _flat(media: MediaType, body: Any) -> Iterator[tuple[str, Any]]:
    for name, value in (body or {}).items() if isinstance(body, Mapping) else ():
        style = (media.encoding.get(name) or {}).get("style")
        if isinstance(value, Mapping) and style != "deepObject":
            yield name, json.dumps(value)
        else:
            yield from bracketed(name, value, nested=style == "deepObject")


def bracketed(name: str, value: Any, *, nested: bool = True) -> Iterator[tuple[str, Any]]:
    """`a[b]`: what `deepObject` means; plain lists repeat their name."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from bracketed(f"{name}[{key}]", part)
    elif isinstance(value, list) and (nested or any(isinstance(v, dict | list) for v in value)):
        for index, part in enumerate(value):
            yield from bracketed(f"{name}[{index}]", part)
    elif isinstance(value, list):
        yield name, [as_text(part) for part in value]
    else:
        yield name, as_text(value)


def as_text(value: Any) -> str:
    """A scalar as a form, a query or a header writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _parts(body: Any) -> Iterator[tuple[str, Any]]:
    for name, value in body.items() if isinstance(body, Mapping) else ():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, FilePart):
                yield name, part
            elif isinstance(part, Mapping | list):
                yield name, (None, json.dumps(part).encode(), "application/json")
            else:
                yield name, (None, as_text(part).encode())


def with_files(schemas: Schemas, node: Node, media: MediaType, body: Any) -> Any:
    """A multipart body with its texts turned into files where the schema says so."""
    if not isinstance(body, dict):
        return body
    return {
        name: _as_file(schemas, schemas.property(node, name), media, name, value)
        for name, value in body.items()
    }


def _as_file(schemas: Schemas, node: Node, media: MediaType, name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_as_file(schemas, schemas.item(node, 0), media, name, part) for part in value]
    if not node.is_file or not isinstance(value, str):
        return value
    told = str((media.encoding.get(name) or {}).get("contentType") or "")
    return file_part(value, told.partition(",")[0].strip() or "application/octet-stream")


def file_part(text: str, content_type: str) -> FilePart:
    """A small file of the type that holds the text where the type leaves room for it."""
    name = "-".join(text.split()) or "file"
    content_type = content_type.replace(
        "*", "png" if content_type.startswith("image/") else "plain"
    )
    if essence(content_type) == "image/png":
        return FilePart(f"{name}.png", _png(), content_type)
    if essence(content_type) == "application/json":
        return FilePart(f"{name}.json", json.dumps({"text": text}).encode(), content_type)
    if essence(content_type) == "text/csv":
        return FilePart(f"{name}.csv", f"text\n{text}\n".encode(), content_type)
    if essence(content_type) == "application/octet-stream":
        return FilePart(f"{name}.bin", text.encode() + ODD_BYTES, content_type)
    return FilePart(f"{name}.txt", f"{text}\n".encode(), content_type)


def _png() -> bytes:
    """The smallest picture: one grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    header = b"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"
    pixel = zlib.compress(b"\x00\x80")
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
