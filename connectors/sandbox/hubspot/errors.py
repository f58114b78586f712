"""Refusals in HubSpot's forms: an envelope with category and correlation id, and another one for rate limits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.wire import WireResponse


class Refusal(Exception):
    """An answer that is not a success, raised anywhere below the dialect."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        category: str | None = None,
        sub_category: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.sub_category = sub_category
        self.errors = list(errors)
        self.context = context
        self.headers = headers or {}
        self.extra = extra or {}

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The JSON body."""
        content: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation_id}
        if self.category:
            content["category"] = self.category
        if self.sub_category:
            content["subCategory"] = self.sub_category
        if self.errors:
            content["errors"] = self.errors
        if self.context:
            content["context"] = self.context
        return content | dict(self.extra)

    def response(self, correlation_id: str) -> WireResponse:
        """The HTTP response."""
        return WireResponse.of_json(self.body(correlation_id), status=self.status, headers=self.headers)


def unknown_path() -> Refusal:
    """What HubSpot says to a path that it does not have."""
    return Refusal(404, "resource not found")


def invalid(message: str, *, code: str | None = None, **context: Sequence[str]) -> Refusal:
    """400 VALIDATION_ERROR."""
    detail: dict[str, Any] = {"message": message}
    if code:
        detail["code"] = code
    if context:
        detail["context"] = dict(context)
    return Refusal(400, message, category="VALIDATION_ERROR", errors=[detail] if code or context else [])


def bad_values(problems: Sequence[tuple[str, str, str]]) -> Refusal:
    """400 for property values: (property, code, sentence) of each, in the message and in `errors`."""
    embedded = [
        {"isValid": False, "message": sentence, "error": code, "name": name} for name, code, sentence in problems
    ]
    return Refusal(
        400,
        f"Property values were not valid: {json.dumps(embedded, separators=(',', ':'))}",
        category="VALIDATION_ERROR",
        errors=[
            {"message": sentence, "code": code, "context": {"propertyName": [name]}}
            for name, code, sentence in problems
        ],
    )


def not_found(message: str = "Object not found.  objectId are usually numeric.") -> Refusal:
    """404 of a record."""
    return Refusal(404, message, category="OBJECT_NOT_FOUND")


def unauthorized() -> Refusal:
    """401."""
    return Refusal(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details"
        " at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        category="INVALID_AUTHENTICATION",
    )


def missing_scopes(*scopes: str) -> Refusal:
    """403 MISSING_SCOPES."""
    message = (
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here:"
    )
    context = {"requiredGranularScopes": list(scopes)}
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": context,
    }
    return Refusal(403, message, category="MISSING_SCOPES", errors=[detail])


def rate_limited(policy: str) -> Refusal:
    """429: another envelope, with `policyName`."""
    words = "daily" if policy == "DAILY" else policy.lower()
    extra = {"errorType": "RATE_LIMIT", "policyName": policy, "requestId": "00000000-0000-4000-8000-000000000000"}
    return Refusal(429, f"You have reached your {words} limit.", extra=extra)


def row_error(
    category: str, message: str, *, sub_category: str | None = None, **context: Sequence[str]
) -> dict[str, Any]:
    """One entry of `errors` in a 207, with the keys that HubSpot's description requires."""
    content: dict[str, Any] = {"status": "error", "category": category, "message": message}
    if sub_category:
        content["subCategory"] = sub_category
    return content | {"context": {key: list(values) for key, values in context.items()}, "links": {}, "errors": []}
