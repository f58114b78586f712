"""Write-back: batches of at most 100 unique records, one result per request, whatever HubSpot does with the batch.

HubSpot answers 200 (all written), 207 (each row has a result or an error) or 400 for the whole batch because of one row:
then the batch is taken apart until the rows at fault stand alone. Writing the same value twice is the same, so a batch whose
fate is unknown may be sent again. A row whose record was merged comes back under the winner's id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from connectors.errors import (
    ConnectorError,
    Contended,
    Gone,
    NeedsAttention,
    QuotaSpent,
    RefusalScope,
    Throttled,
    Unavailable,
)
from connectors.hubspot.calls import Client
from connectors.hubspot.client import Answer
from connectors.hubspot.errors import Refused, refusal_of, scope_of
from connectors.hubspot.reading import id_of
from connectors.hubspot.values import written
from connectors.port import WriteOutcome, WriteRequest, WriteResult
from connectors.records import DeletionKind, Ref

BATCH = 100
_LOCKED_SECONDS = 2.0
_MISSING = "OBJECT_NOT_FOUND"
#: Per-row categories of a 207 that pass by themselves.
_PASSING = frozenset({"RATE_LIMITS", "RATE_LIMIT", "CONFLICT", "LOCKED", "INTERNAL_ERROR", "TIMEOUT"})

#: Object and ids to where each went: None for ids that are gone for good, absent for those that exist.
Whereabouts = Callable[[str, Sequence[str]], Mapping[str, tuple[DeletionKind, Ref | None]]]


class Writer:
    """Writes requests of one connection."""

    def __init__(self, client: Client, outputs: Mapping[str, Mapping[str, str]], whereabouts: Whereabouts) -> None:
        self._client = client
        self._outputs = outputs
        self._whereabouts = whereabouts

    def write(self, requests: Sequence[WriteRequest]) -> list[WriteResult]:
        """One result per request, in their order. Raises only when nothing at all was written."""
        results: dict[int, WriteResult] = {}
        for batch in _batches(requests):
            numbered = {number: requests[number] for number in batch}
            try:
                self._send(numbered, results)
            except (NeedsAttention, QuotaSpent, Throttled, Unavailable, Contended) as error:
                if isinstance(error, Contended):
                    _defer(numbered, results, error)
                    continue
                if not any(result.outcome is WriteOutcome.ACCEPTED for result in results.values()):
                    raise
                _defer(dict(enumerate(requests)), results, error)
                break
        return [results[number] for number in range(len(requests))]

    def _send(self, batch: Mapping[int, WriteRequest], results: dict[int, WriteResult]) -> None:
        sendable: dict[int, WriteRequest] = {}
        for number, request in batch.items():
            refusal = self._unwritable(request)
            if refusal is None:
                sendable[number] = request
            else:
                results[number] = refusal
        if not sendable:
            return
        object_name = next(iter(sendable.values())).ref.object
        inputs = [self._input(request) for request in sendable.values()]
        try:
            answer = self._client.batch_update(object_name, inputs)
        except Refused as error:
            self._take_apart(sendable, error, results)
            return
        except Gone as error:
            self._take_apart(sendable, Refused(error.message, code=_MISSING), results)
            return
        self._settle(object_name, sendable, answer, results)

    def _take_apart(self, batch: Mapping[int, WriteRequest], error: Refused, results: dict[int, WriteResult]) -> None:
        if len(batch) == 1:
            ((number, request),) = batch.items()
            results[number] = self._refused(request, error.code, error.words, error.fields)
            return
        # A property that no record can take is refused for all that carry it, without asking a hundred times.
        named = set(error.fields)
        hopeless = {
            number: request
            for number, request in batch.items()
            if error.scope is RefusalScope.OBJECT and named & set(self._input(request)["properties"])
        }
        if hopeless:
            for number, request in hopeless.items():
                results[number] = self._refused(request, error.code, error.words, error.fields)
            left = {number: request for number, request in batch.items() if number not in hopeless}
            if left:
                self._send(left, results)
            return
        numbers = list(batch)
        middle = len(numbers) // 2
        for half in (numbers[:middle], numbers[middle:]):
            self._send({number: batch[number] for number in half}, results)

    def _settle(
        self, object_name: str, batch: Mapping[int, WriteRequest], answer: Answer, results: dict[int, WriteResult]
    ) -> None:
        by_id = {request.ref.id: number for number, request in batch.items()}
        for row in answer.results():
            record_id = id_of(row)
            if record_id in by_id:
                number = by_id[record_id]
                results[number] = WriteResult(ref=batch[number].ref, outcome=WriteOutcome.ACCEPTED)
        for error in answer.body.get("errors") or ():
            for record_id in _ids_of(error):
                if record_id in by_id:
                    number = by_id[record_id]
                    results[number] = self._row_error(batch[number], error)
        unknown = [request.ref.id for number, request in batch.items() if number not in results]
        if not unknown:
            return
        fates = self._whereabouts(object_name, unknown)
        for number, request in batch.items():
            if number not in results:
                kind, moved_to = fates.get(request.ref.id, (None, None))
                if kind is None:
                    results[number] = _deferred(request, "no_result", "HubSpot's answer does not mention the record.")
                else:
                    code = "merged" if moved_to else _MISSING
                    results[number] = WriteResult(
                        ref=request.ref, outcome=WriteOutcome.GONE, code=code, moved_to=moved_to
                    )

    def _row_error(self, request: WriteRequest, error: Mapping[str, Any]) -> WriteResult:
        category = str(error.get("category") or "")
        message = str(error.get("message") or category)
        if category == _MISSING:
            return WriteResult(ref=request.ref, outcome=WriteOutcome.GONE, code=category, message=message)
        if category in _PASSING:
            return _deferred(request, category, message)
        code, fields = refusal_of(error)
        return self._refused(request, code, message, fields)

    def _refused(self, request: WriteRequest, code: str, message: str, fields: tuple[str, ...]) -> WriteResult:
        if code == _MISSING:
            return WriteResult(ref=request.ref, outcome=WriteOutcome.GONE, code=code, message=message)
        if code in _PASSING:
            return _deferred(request, code, message)
        names = {field: name for name, field in self._outputs.get(request.ref.object, {}).items()}
        return WriteResult(
            ref=request.ref,
            outcome=WriteOutcome.REJECTED,
            code=code,
            message=message,
            fields=tuple(names.get(field, field) for field in fields),
            scope=scope_of(code),
        )

    def _unwritable(self, request: WriteRequest) -> WriteResult | None:
        mapped = self._outputs.get(request.ref.object, {})
        missing = tuple(name for name in request.values if name not in mapped)
        if missing or not request.ref.id.isdigit():
            return WriteResult(
                ref=request.ref,
                outcome=WriteOutcome.REJECTED,
                code="unmapped_output" if missing else "bad_id",
                message=f"outputs of {request.ref.object} in the field map do not name {', '.join(missing)}"
                if missing
                else "no HubSpot record has such an id",
                fields=missing,
                scope=RefusalScope.OBJECT if missing else RefusalScope.RECORD,
            )
        return None

    def _input(self, request: WriteRequest) -> dict[str, Any]:
        mapped = self._outputs[request.ref.object]
        return {
            "id": request.ref.id,
            "properties": {mapped[name]: written(value) for name, value in request.values.items()},
        }


def _batches(requests: Sequence[WriteRequest]) -> list[list[int]]:
    """Numbers of requests, grouped by object: at most 100, each record once (HubSpot refuses a batch with doubles)."""
    full: list[list[int]] = []
    open_batches: defaultdict[str, list[tuple[set[str], list[int]]]] = defaultdict(list)
    for number, request in enumerate(requests):
        for ids, numbers in open_batches[request.ref.object]:
            if request.ref.id not in ids and len(numbers) < BATCH:
                ids.add(request.ref.id)
                numbers.append(number)
                break
        else:
            fresh = [number]
            open_batches[request.ref.object].append(({request.ref.id}, fresh))
            full.append(fresh)
    return full


def _ids_of(error: Any) -> Iterable[str]:
    context = error.get("context") if isinstance(error, dict) else None
    ids = context.get("ids") or context.get("id") if isinstance(context, dict) else None
    return [str(record_id) for record_id in ids] if isinstance(ids, list) else []


def _defer(batch: Mapping[int, WriteRequest], results: dict[int, WriteResult], error: ConnectorError) -> None:
    wait = error.retry_after if isinstance(error, Throttled) else None
    if isinstance(error, Contended):
        wait = _LOCKED_SECONDS
    code = error.code if isinstance(error, NeedsAttention) else type(error).__name__.lower()
    for number, request in batch.items():
        if number not in results:
            results[number] = _deferred(request, code, error.message, wait)


def _deferred(request: WriteRequest, code: str, message: str, wait: float | None = None) -> WriteResult:
    return WriteResult(ref=request.ref, outcome=WriteOutcome.DEFERRED, code=code, message=message, retry_after=wait)
