"""Reading of JSON bodies: what has not the shape that HubSpot wants is refused with 400, never stumbled over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.hubspot.errors import Refusal, invalid
from connectors.sandbox.wire import WireRequest

_DATED = re.compile(r"/20\d\d-\d\d/")


def body_of(request: WireRequest) -> dict[str, Any]:
    """The JSON object of the body.

    Raises:
        Refusal: 400 when it is not one.
    """
    content = _json(request)
    if not isinstance(content, dict):
        raise _malformed()
    return content


def list_of(request: WireRequest) -> list[dict[str, Any]]:
    """The objects of a body that is a JSON list.

    Raises:
        Refusal: 400 when it is not one.
    """
    return rows({"body": _json(request)}, "body")


def is_dated(request: WireRequest) -> bool:
    """Whether a dated path was called: some answers differ."""
    return _DATED.search(request.path) is not None


def rows(content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects, empty when absent."""
    held = content.get(key) or []
    if not isinstance(held, list) or not all(isinstance(item, dict) for item in held):
        raise _malformed()
    return held


def texts(content: Mapping[str, Any], key: str) -> list[str]:
    """A list of texts, empty when absent."""
    held = content.get(key) or []
    if not isinstance(held, list) or not all(isinstance(item, str) for item in held):
        raise _malformed()
    return held


def mapping(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """An object.

    Raises:
        Refusal: 400 when it is absent or something else.
    """
    held = content.get(key)
    if not isinstance(held, dict):
        raise invalid(f"Some required fields were not set: [{key}]")
    return held


def id_at(content: Mapping[str, Any], key: str) -> str:
    """The id inside `{key: {"id": ...}}`."""
    return scalar(mapping(content, key), "id")


def scalar(content: Mapping[str, Any], key: str) -> str:
    """A text or number, as text."""
    held = content.get(key)
    if isinstance(held, bool) or not isinstance(held, str | int):
        raise invalid(f"Some required fields were not set: [{key}]")
    return str(held)


def whole(content: Mapping[str, Any], key: str) -> int:
    """A whole number."""
    text = scalar(content, key)
    if not text.isascii() or not text.isdigit():
        raise invalid(f"{key} must be a number, was {text}.")
    return int(text)


def inputs_of(request: WireRequest, *, most: int) -> list[dict[str, Any]]:
    """The inputs of a batch.

    Raises:
        Refusal: 400 when there are none or too many.
    """
    content = body_of(request)
    if "inputs" not in content:
        raise invalid("Some required fields were not set: [inputs]")
    inputs = rows(content, "inputs")
    if len(inputs) > most:
        raise invalid(f"The maximum number of inputs supported in a batch request is {most}. {len(inputs)} were given.")
    return inputs


def _json(request: WireRequest) -> Any:
    try:
        return request.json()
    except ValueError as error:
        raise _malformed() from error


def _malformed() -> Refusal:
    return Refusal(400, "Invalid input JSON", category="VALIDATION_ERROR")
