"""The version of a model: a digest of its content, independent of formatting, comments, positions and meaningless order."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, Final

#: Hexadecimal digits of a version: enough for any number of models, short enough for a CRM field.
VERSION_LENGTH: Final = 12


def digest(value: object) -> str:
    """Digest of a frozen dataclass, by the fields that count for equality."""
    return hashlib.sha256(_encode(value).encode()).hexdigest()[:VERSION_LENGTH]


def _encode(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def _plain(value: Any) -> object:
    if is_dataclass(value):
        content: dict[str, object] = {"": type(value).__name__}
        for each in fields(value):
            if not each.compare:
                continue
            item = _plain(getattr(value, each.name))
            if isinstance(item, list) and _order_is_meaningless(value, each.metadata):
                item = sorted({json.dumps(part, sort_keys=True) for part in item})
            content[each.name] = item
        return content
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, bool | int):
        return value
    # Operands that look alike but are of different types must not be one: Decimal 1, text 1, a date.
    return [_kind(value), _text(value)]


def _order_is_meaningless(value: Any, metadata: Any) -> bool:
    return bool(metadata.get("unordered")) or getattr(value, "operator", None) in metadata.get("unordered_for", ())


def _kind(value: object) -> str:
    return "text" if isinstance(value, str) else type(value).__name__


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return str(value)
