"""What an ingest job tells of its rows: saved, refused, never tried; as CSV in the form of the upload."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.sandbox.salesforce.bulk_csv import DELIMITERS, LINE_ENDINGS, quoted
from connectors.sandbox.salesforce.ingest_csv import Row, Upload
from connectors.sandbox.salesforce.ingest_rows import Written
from connectors.sandbox.wire import WireResponse


def results_of(
    upload: Upload, done: Sequence[Written], which: str, *, delimiter: str, line_ending: str
) -> WireResponse:
    """successfulResults, failedResults or unprocessedRecords, in any case of letters."""
    pairs = list(zip(done, upload.rows, strict=False))
    kind = which.casefold()
    rows: list[Row]
    if kind == "successfulresults":
        header: Row = ("sf__Id", "sf__Created", *upload.header)
        rows = [(item.id, "true" if item.created else "false", *row) for item, row in pairs if not item.error]
    elif kind == "failedresults":
        header = ("sf__Id", "sf__Error", *upload.header)
        # NOTE: Salesforce does not promise the order of the upload; whoever relies on it shall notice.
        rows = [(item.id, item.error, *row) for item, row in reversed(pairs) if item.error]
    else:
        header, rows = upload.header, [tuple(row) for row in upload.rows[len(done) :]]
    return _csv(header, rows, DELIMITERS[delimiter], LINE_ENDINGS[line_ending])


def _csv(header: Row, rows: Iterable[Row], between: str, end: str) -> WireResponse:
    lines = [between.join(map(quoted, line)) + end for line in (header, *rows) if line]
    return WireResponse(headers={"Content-Type": "text/csv"}, body="".join(lines).encode())
