"""Laws of the uploads of ingest jobs: what a proper writer wrote is read back, anything else is a told refusal; SOAP likewise."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.records import Record
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.salesforce.bulk_csv import DELIMITERS, LINE_ENDINGS
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.formulas import Get, compiled
from connectors.sandbox.salesforce.ingest_csv import BadCsv, read_upload
from connectors.sandbox.wire import WireRequest

_CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(_CELLS, min_size=width, max_size=width), min_size=1, max_size=5)
)


@given(table=_TABLES, delimiter=st.sampled_from(sorted(DELIMITERS)), ending=st.sampled_from(sorted(LINE_ENDINGS)))
def test_what_a_proper_writer_wrote_is_read_back(table: list[list[str]], delimiter: str, ending: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(
        text, delimiter=DELIMITERS[delimiter], lineterminator=LINE_ENDINGS[ending], quoting=csv.QUOTE_ALL
    ).writerows(table)

    upload = read_upload(text.getvalue().encode(), delimiter=delimiter, line_ending=ending)

    assert [list(row) for row in (upload.header, *upload.rows)] == table


@given(
    body=st.binary(max_size=60) | st.text('",\r\n a`|', max_size=40).map(str.encode),
    delimiter=st.sampled_from(sorted(DELIMITERS)),
    ending=st.sampled_from(sorted(LINE_ENDINGS)),
)
def test_any_bytes_are_rows_of_one_width_or_a_told_refusal(body: bytes, delimiter: str, ending: str) -> None:
    try:
        upload = read_upload(body, delimiter=delimiter, line_ending=ending)
    except BadCsv as bad:
        told, widths = str(bad).split(" : ")[0], set()
    else:
        told, widths = "", {len(row) for row in upload.rows} - {len(upload.header)}

    assert told in ("", "ClientInputError", "InvalidBatch")
    assert not widths


_RECORD = Record("003000000000001AAA", {}, at=0, by="")
_DIALECT = SalesforceDialect(empty_salesforce_org())


@given(
    body=st.binary(max_size=80) | st.text('<>/="soapenv:Body login&;', max_size=80).map(str.encode),
    kind=st.sampled_from("uc"),
)
def test_any_soap_message_is_answered(body: bytes, kind: str) -> None:
    answer = _DIALECT.handle(WireRequest.to("POST", f"/services/Soap/{kind}/59.0", body=body))

    assert answer.status == 500
    assert b"faultstring" in answer.body


@given(text=st.text('IF(LEN("a", 1) & TEXT+-*/<>=!|.,) ', max_size=30))
def test_any_formula_is_a_function_or_refused(text: str) -> None:
    def field(names: tuple[str, ...]) -> Get:
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", f"no field {names}")

    try:
        compiled(text, field)(_RECORD)
        code = ""
    except Refusal as refusal:
        code = refusal.code

    assert code in ("", "FIELD_INTEGRITY_EXCEPTION", "FUNCTIONALITY_NOT_ENABLED")
