"""Checks that only Salesforce knows: version, clock, quota, rights on objects and fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from connectors.errors import ConnectorError
from connectors.port import FieldCheck, Finding, Presence
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import Schema

_SKEW = timedelta(minutes=2)


def examine(
    client: SalesforceClient,
    schema: Schema,
    *,
    objects: Sequence[str],
    written: Iterable[str],
    checks: Callable[[], Sequence[FieldCheck]],
    clock: Callable[[], datetime],
) -> list[Finding]:
    """All findings; a check that fails itself is a finding too."""
    findings: list[Finding] = []
    steps: list[Callable[[], list[Finding]]] = [
        lambda: [_version(client)],
        lambda: [_signed_in(client)],
        lambda: [_skew(client, clock())],
        lambda: [_quota(client)],
        lambda: _objects(schema, objects),
        lambda: [_written(schema, name) for name in written],
        lambda: _fields(checks()),
    ]
    for step in steps:
        try:
            findings.extend(step())
        except ConnectorError as error:
            code = getattr(error, "code", "unavailable")
            findings.append(Finding(code=str(code), ok=False, message=error.message, next_step=error.next_step))
            if code in {"credentials", "configuration"}:
                break
    return findings


def _version(client: SalesforceClient) -> Finding:
    offered = client.versions()
    wanted = client.settings.api_version
    if wanted in offered:
        return Finding(
            code="api_version", ok=True, message=f"API version {wanted}; the org offers up to {offered[-1]}."
        )
    return Finding(
        code="api_version",
        ok=False,
        message=f"The org does not offer API version {wanted}.",
        next_step=f"set api_version to one of {', '.join(offered[-3:])}",
    )


def _signed_in(client: SalesforceClient) -> Finding:
    client.get("limits/recordCount", {"sObjects": "Lead"}, kind="doctor")
    return Finding(code="credentials", ok=True, message="Signed in; the API is enabled for the integration user.")


def _skew(client: SalesforceClient, now: datetime) -> Finding:
    crm_now = client.session.crm_now
    if crm_now is None or abs(crm_now - now) <= _SKEW:
        return Finding(code="clock", ok=True, message="The clocks of Salesforce and of this machine agree.")
    seconds = int(abs((crm_now - now).total_seconds()))
    return Finding(
        code="clock",
        ok=False,
        message=f"This machine's clock differs from Salesforce's by {seconds} seconds.",
        next_step="switch on time synchronisation on this machine (JWT sign-in fails beyond three minutes)",
    )


def _quota(client: SalesforceClient) -> Finding:
    usage = client.budget.usage()
    if usage.day_used is None or not usage.day_limit:
        return Finding(code="quota", ok=True, message="Salesforce does not say how many calls are used.")
    share = usage.day_used / usage.day_limit
    ok = share < client.settings.org_ceiling
    return Finding(
        code="quota",
        ok=ok,
        message=f"The org has used {usage.day_used} of {usage.day_limit} calls of the day ({share:.0%}).",
        next_step=None if ok else "find what uses the calls: Setup > System Overview > API Usage",
    )


def _objects(schema: Schema, names: Sequence[str]) -> list[Finding]:
    schema.forget()
    schema.load(names)
    return [_object(schema, name) for name in names]


def _object(schema: Schema, name: str) -> Finding:
    if schema.of(name) is not None:
        return Finding(code="object", ok=True, message=f"{name} can be read.")
    return Finding(
        code="object",
        ok=False,
        message=f"{name} does not exist or the integration user may not read it.",
        next_step=f"give the integration user Read and View All on {name}, or take it out of the field map",
    )


def _written(schema: Schema, name: str) -> Finding:
    description = schema.of(name)
    if description is not None and description.updateable:
        return Finding(code="object_write", ok=True, message=f"{name} can be updated.")
    return Finding(
        code="object_write",
        ok=False,
        message=f"The integration user may not edit {name}.",
        next_step=f"give the integration user Edit on {name}",
    )


def _fields(checks: Sequence[FieldCheck]) -> list[Finding]:
    wrong = [check for check in checks if check.presence is not Presence.OK]
    if not wrong:
        return [Finding(code="fields", ok=True, message=f"All {len(checks)} mapped and written fields are there.")]
    return [
        Finding(
            code="field",
            ok=False,
            message=f"{check.object}.{check.field} ({check.name}): {check.presence.value}{'. ' + check.detail if check.detail else ''}",
            next_step="run: leadgrade fields plan"
            if check.written
            else "correct the field map or grant access to the field",
        )
        for check in wrong
    ]
