"""Refusals in Salesforce's form: an HTTP status and a JSON list of errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.wire import WireResponse


class Refusal(Exception):
    """The request is refused with a code and words of Salesforce's."""

    def __init__(self, status: int, code: str, message: str, *, fields: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = tuple(fields)

    def body(self) -> list[dict[str, Any]]:
        """The error as REST answers it."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            error["fields"] = list(self.fields)
        return [error]

    def row(self) -> dict[str, Any]:
        """The error of one row of a collections call."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}

    def response(self) -> WireResponse:
        """The whole answer."""
        return WireResponse.of_json(self.body(), status=self.status)


def no_such_resource() -> Refusal:
    """A path that does not exist, or that the sandbox does not carry."""
    return Refusal(404, "NOT_FOUND", "The requested resource does not exist")


def no_such_type(name: str) -> Refusal:
    """An object that does not exist or may not be seen."""
    return Refusal(
        400,
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' "
        "after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def no_such_column(field: str, entity: str) -> Refusal:
    """A field that does not exist or is hidden by field-level security: the words are the same."""
    return Refusal(
        400,
        "INVALID_FIELD",
        f"No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append the "
        "'__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def no_external_id(name: str) -> Refusal:
    """A record was asked for by a field that is no external id, or by one that is not there."""
    return Refusal(404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}")


def not_emulated(what: str) -> Refusal:
    """Something that Salesforce has and the sandbox has not: refused, never half done."""
    return Refusal(501, "FUNCTIONALITY_NOT_ENABLED", f"The sandbox does not emulate {what}.")
