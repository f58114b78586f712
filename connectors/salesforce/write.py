"""Writing values: sObject Collections of 200, one result per request, Salesforce's row errors sorted by what helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.errors import ConnectorError, NeedsAttention, QuotaSpent, RefusalScope, Throttled, Unavailable
from connectors.outputs import output_of
from connectors.port import OutputType, WriteOutcome, WriteRequest, WriteResult
from connectors.records import Ref, Value
from connectors.salesforce import soql
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import Schema
from connectors.salesforce.values import Malformed, optional_id, record_id

#: Seconds after which a row that was locked is worth another try; the outbox adds its own jitter.
_LOCK_PAUSE = 5.0
_LATER = {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED", "QUERY_TIMEOUT", "UNKNOWN_EXCEPTION"}
_GONE = {"ENTITY_IS_DELETED", "CANNOT_UPDATE_CONVERTED_LEAD", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"}
_BY_VALUE = {
    "STRING_TOO_LONG",
    "NUMBER_OUTSIDE_VALID_RANGE",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "INVALID_TYPE_ON_FIELD_IN_RECORD",
    "JSON_PARSER_ERROR",
    "FIELD_INTEGRITY_EXCEPTION",
}
_BY_OBJECT = {
    "INVALID_FIELD",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "INVALID_TYPE",
    "API_CURRENTLY_DISABLED",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
}


def scope_of(code: str) -> RefusalScope:
    """What must change before a refused row is worth another try; unknown codes blame the record."""
    if code in _BY_VALUE:
        return RefusalScope.VALUE
    return RefusalScope.OBJECT if code in _BY_OBJECT else RefusalScope.RECORD


class Writer:
    """Writes output values of leads, contacts and accounts."""

    def __init__(
        self, client: SalesforceClient, schema: Schema, outputs: Mapping[str, Mapping[str, str]], *, batch: int
    ) -> None:
        self._client = client
        self._schema = schema
        self._outputs = outputs
        self._batch = batch

    def write(self, requests: Sequence[WriteRequest]) -> list[WriteResult]:
        """One result per request, in their order. Raises only when nothing was sent."""
        if len(requests) > self._batch:
            raise ValueError(f"{len(requests)} requests in a batch of at most {self._batch}")
        results: dict[int, WriteResult] = {}
        rows: list[tuple[int, dict[str, Any]]] = []
        for place, request in enumerate(requests):
            values, refused = self._values(request)
            if refused:
                results[place] = refused
            else:
                rows.append((place, {"attributes": {"type": request.ref.object}, "id": request.ref.id, **values}))
        # Collections work in chunks of one type, and rows of one account lock the same parent: keep both together.
        rows.sort(key=lambda item: _order(requests[item[0]]))
        if rows:
            self._send(requests, rows, results)
        self._follow(results)
        return [results[place] for place in range(len(requests))]

    # ---- inside ----

    def _values(self, request: WriteRequest) -> tuple[dict[str, Any], WriteResult | None]:
        description = self._schema.of(request.ref.object)
        fields = self._outputs.get(request.ref.object, {})
        values = {}
        wrong = []
        for output, value in request.values.items():
            name = fields.get(output)
            field = description.fields.get(name) if description and name else None
            if name is None or field is None or not field.updateable:
                wrong.append(name or output)
            else:
                values[name] = to_json(output, value)
        if not wrong:
            return values, None
        return {}, WriteResult(
            ref=request.ref,
            outcome=WriteOutcome.REJECTED,
            code="FIELD_NOT_WRITABLE",
            message=f"{request.ref.object}: {', '.join(wrong)} cannot be written; run: leadgrade fields plan",
            fields=tuple(wrong),
            scope=RefusalScope.OBJECT,
        )

    def _send(
        self,
        requests: Sequence[WriteRequest],
        rows: Sequence[tuple[int, dict[str, Any]]],
        results: dict[int, WriteResult],
    ) -> None:
        body = {"allOrNone": False, "records": [row for _, row in rows]}
        try:
            answers = self._client.patch("composite/sobjects", body, kind="write")
        except NeedsAttention as error:
            self._apart(requests, rows, results, error)
            return
        if not isinstance(answers, list) or len(answers) != len(rows):
            raise Unavailable("Salesforce did not answer every row of a write; what it did is unknown.")
        for (place, _), answer in zip(rows, answers, strict=True):
            results[place] = _result(requests[place].ref, answer)
            if results[place].scope is RefusalScope.OBJECT:
                self._schema.forget()  # what we believed of its fields is not true any more

    def _apart(
        self,
        requests: Sequence[WriteRequest],
        rows: Sequence[tuple[int, dict[str, Any]]],
        results: dict[int, WriteResult],
        error: NeedsAttention,
    ) -> None:
        """A request refused as a whole: object by object, so that one object's schema does not stop the others."""
        if error.code not in {"schema", "refused"}:
            raise error
        names = list(dict.fromkeys(requests[place].ref.object for place, _ in rows))
        if len(names) == 1:
            for place, _ in rows:
                results[place] = WriteResult(
                    ref=requests[place].ref,
                    outcome=WriteOutcome.REJECTED,
                    code=error.message.partition(":")[0],
                    message=error.message,
                    scope=RefusalScope.OBJECT,
                )
            self._schema.forget()
            return
        for name in names:
            part = [(place, row) for place, row in rows if requests[place].ref.object == name]
            try:
                self._send(requests, part, results)
            except (QuotaSpent, Throttled, Unavailable, NeedsAttention) as late:
                if not results:
                    raise
                for place, _ in part:
                    results[place] = _deferred(requests[place].ref, late)

    def _follow(self, results: dict[int, WriteResult]) -> None:
        """Where merged and converted records went: one query per object for all of them."""
        gone = {place: result for place, result in results.items() if result.outcome is WriteOutcome.GONE}
        for name in sorted({result.ref.object for result in gone.values()}):
            ids = [result.ref.id for result in gone.values() if result.ref.object == name]
            fields = ["Id", "IsDeleted", "MasterRecordId", *(["ConvertedContactId"] if name == "Lead" else [])]
            query = soql.select(name, fields, where=[soql.one_of("Id", ids)])
            try:
                rows = {record_id(row): row for row in self._client.rows(query, deleted=True, subject=name)}
            except (ConnectorError, Malformed):
                continue  # the write itself is settled; the next pull brings the successor
            for place, result in gone.items():
                if result.ref.object == name:
                    results[place] = _followed(result, rows.get(result.ref.id))


def to_json(output: str, value: Value | None) -> Any:
    """A value as Salesforce's REST takes it; None clears (a checkbox cannot be empty: false)."""
    known = output_of(output)
    if value is None:
        return False if known is not None and known.type is OutputType.CHECKBOX else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}+0000"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ";".join(value)
    return value


def _order(request: WriteRequest) -> tuple[str, str, str]:
    return (request.ref.object, request.account.id if request.account else "", request.ref.id)


def _result(ref: Ref, answer: Any) -> WriteResult:
    if isinstance(answer, Mapping) and answer.get("success") is True:
        return WriteResult(ref=ref, outcome=WriteOutcome.ACCEPTED)
    errors = answer.get("errors") if isinstance(answer, Mapping) else None
    error = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) else {}
    code = str(error.get("statusCode") or error.get("errorCode") or "UNKNOWN_EXCEPTION")
    message = str(error.get("message") or "")
    fields = tuple(str(name) for name in error.get("fields") or ())
    if code in _LATER:
        return WriteResult(ref=ref, outcome=WriteOutcome.DEFERRED, code=code, message=message, retry_after=_LOCK_PAUSE)
    if code in _GONE:
        return WriteResult(ref=ref, outcome=WriteOutcome.GONE, code=code, message=message)
    return WriteResult(
        ref=ref, outcome=WriteOutcome.REJECTED, code=code, message=message, fields=fields, scope=scope_of(code)
    )


def _deferred(ref: Ref, error: ConnectorError) -> WriteResult:
    pause = error.retry_after if isinstance(error, Throttled) else None
    return WriteResult(
        ref=ref, outcome=WriteOutcome.DEFERRED, code=type(error).__name__, message=error.message, retry_after=pause
    )


def _followed(result: WriteResult, row: Mapping[str, Any] | None) -> WriteResult:
    if row is None:
        return result
    try:
        winner = optional_id(row, "MasterRecordId")
        contact = optional_id(row, "ConvertedContactId")
    except Malformed:
        return result
    moved_to = None
    if winner:
        moved_to = Ref(object=result.ref.object, id=winner)
    elif contact:
        moved_to = Ref(object="Contact", id=contact)
    if moved_to is None and row.get("IsDeleted") is not True:
        # It is there: the code spoke of something else, such as a parent that may not be seen.
        return WriteResult(
            ref=result.ref,
            outcome=WriteOutcome.REJECTED,
            code=result.code,
            message=result.message,
            scope=RefusalScope.RECORD,
        )
    return WriteResult(
        ref=result.ref, outcome=WriteOutcome.GONE, code=result.code, message=result.message, moved_to=moved_to
    )
