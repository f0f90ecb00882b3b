"""The description as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter, or a field of a body or an answer. `depth` is how deep it is nested."""

    name: str
    kind: str
    is_required: bool = False
    text: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    address: str
    title: str
    text: str
    anchor: str
    parameters: list[Named] = field(default_factory=list)
    body: list[Named] = field(default_factory=list)
    answer: list[Named] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    label: str
    operations: list[Operation]


def operations_of(description: Schema) -> list[Part]:
    parts: dict[str, list[Operation]] = {}
    known = description["components"]["schemas"]
    for address, calls in description["paths"].items():
        for method, call in calls.items():
            parts.setdefault(call["tags"][0], []).append(_operation(address, method, call, known))
    return [Part(label[:1].upper() + label[1:], found) for label, found in parts.items()]


def _operation(address: str, method: str, call: Schema, known: Schema) -> Operation:
    good = next(answer for code, answer in call["responses"].items() if code.startswith("2"))
    return Operation(
        method.upper(),
        address,
        call["summary"],
        call.get("description", ""),
        call["operationId"].replace("_", "-"),
        [_parameter(one, known) for one in call.get("parameters", ())],
        _fields(_content(call.get("requestBody", {})), known),
        _fields(_content(good), known),
    )


def _content(part: Schema) -> Schema:
    shape: Schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    return shape


def _parameter(one: Schema, known: Schema) -> Named:
    shape = one["schema"]
    text = one.get("description") or shape.get("description", "")
    return Named(one["name"], _kind(shape, known), one["required"], text)


def _fields(shape: Schema, known: Schema, depth: int = 0) -> list[Named]:
    shape = _open(shape, known)
    required = shape.get("required", ())
    found: list[Named] = []
    for name, one in shape.get("properties", {}).items():
        text = one.get("description", "")
        found.append(Named(name, _kind(one, known), name in required, text, depth))
        found += _fields(_inner(one, known), known, depth + 1)
    return found


def _inner(shape: Schema, known: Schema) -> Schema:
    shape = _open(shape, known)
    inner: Schema = _open(shape.get("items", {}), known) if "items" in shape else shape
    return inner


def _open(shape: Schema, known: Schema) -> Schema:
    if "$ref" in shape:
        opened: Schema = known[shape["$ref"].rpartition("/")[2]]
        return opened
    if len(shape.get("allOf", ())) == 1:
        return _open(shape["allOf"][0], known)
    return shape


def _kind(shape: Schema, known: Schema) -> str:
    """As a reader says it: “integer”, “list of objects”, “text, or null”."""
    if "anyOf" in shape:
        return ", or ".join(_kind(one, known) for one in shape["anyOf"])
    shape = _open(shape, known)
    kind: str = shape.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(shape.get('items', {}), known)}"
    if "enum" in shape:
        return " or ".join(map(str, shape["enum"]))
    if shape.get("format") == "date-time":
        return "time"
    return {"string": "text", "boolean": "true or false"}.get(kind, kind)
