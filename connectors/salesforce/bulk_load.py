"""A first load by bulk jobs, one step at a time: make the jobs, wait, take a cut, and in the end give the job back.

Each step gives the cursor of the next one. Jobs are known to the cursor before anybody waits for them, and deleted only
after the page with their last rows has been stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import NeedsAttention, Unavailable
from connectors.salesforce import soql
from connectors.salesforce.bulk import BulkJobs, Cut, JobLost, JobNotReady
from connectors.salesforce.bulk_csv import fits, rows_of
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.composite import MAX_QUERIES
from connectors.salesforce.cursor import Cursor, Job
from connectors.salesforce.describe import Schema

#: A job that is lost so often is done by REST.
_MOST_JOBS = 3
#: The reader's own fields, should a description lack them.
_OWN_TYPES = {"IsDeleted": "boolean"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Where to go on, and what came: rows of one object, or none yet."""

    cursor: Cursor
    name: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)


class BulkLoad:
    """Reads objects of one stream by jobs."""

    def __init__(
        self, client: SalesforceClient, schema: Schema, jobs: BulkJobs, *, threshold: int, page_size: int
    ) -> None:
        self._client = client
        self._schema = schema
        self._jobs = jobs
        self._threshold = threshold
        self._page_size = page_size

    def take_over(self, cursor: Cursor, counts: Mapping[str, int]) -> Cursor:
        """A first load whose large objects come by jobs; the others stay with REST."""
        large = [name for name in cursor.places if counts.get(name, 0) > self._threshold]
        places = {name: place for name, place in cursor.places.items() if name not in large}
        return replace(cursor, places=places, jobs={name: Job() for name in large})

    def step(self, cursor: Cursor, selects: Mapping[str, Sequence[str]]) -> Step:
        """The next step; `selects` has the wanted fields and subqueries of each object."""
        cursor = self._tidied(cursor, selects)
        if any(job.id is None for job in cursor.jobs.values()):
            return Step(cursor=self._made(cursor, selects))
        if not cursor.jobs:
            return Step(cursor=cursor)
        name, job = next(iter(cursor.jobs.items()))
        try:
            if job.total is None:
                total = self._jobs.wait(str(job.id), subject=name)
                if total is None:
                    return Step(cursor=cursor)
                job = replace(job, total=total)
            cut = self._jobs.results(str(job.id), job.locator, size=self._page_size, subject=name)
            fields = _plain(selects[name])
            if not fits(cut.table, fields):
                raise JobLost("it was made for other fields")
        except JobNotReady:
            return Step(cursor=_with(cursor, name, replace(job, total=None)))
        except JobLost:
            return Step(cursor=self._again(cursor, name, job))
        behind = _behind(job, cut)
        rows = rows_of(cut.table, fields, lambda path: self._type(name, path))
        self._add_children(name, rows, [item for item in selects[name] if item.startswith("(")])
        return Step(cursor=_with(cursor, name, behind), name=name, rows=rows)

    # ---- inside ----

    def _tidied(self, cursor: Cursor, selects: Mapping[str, Sequence[str]]) -> Cursor:
        """Without jobs whose rows are all stored, or whose object is not wanted any more."""
        over = [name for name, job in cursor.jobs.items() if job.read or name not in selects]
        for name in over:
            if (job_id := cursor.jobs[name].id) is not None:
                self._jobs.delete(job_id)
        return replace(cursor, jobs={name: job for name, job in cursor.jobs.items() if name not in over})

    def _made(self, cursor: Cursor, selects: Mapping[str, Sequence[str]]) -> Cursor:
        where = [f"SystemModstamp >= {soql.instant(cursor.low)}"] if cursor.low else []
        for name, job in cursor.jobs.items():
            if job.id is not None:
                continue
            made = self._jobs.create(soql.select(name, _plain(selects[name]), where=where), subject=name)
            if made is None:
                cursor = _by_rest(cursor, name)
                continue
            cursor = _with(
                _clocked(cursor, made.asked_at, self._client.session.crm_now), name, replace(job, id=made.id)
            )
        return cursor

    def _again(self, cursor: Cursor, name: str, job: Job) -> Cursor:
        """From the beginning of the window: what has been stored comes once more and changes nothing."""
        if job.id is not None:
            self._jobs.delete(job.id)
        if job.lost + 1 >= _MOST_JOBS:
            return _by_rest(cursor, name)
        return _with(cursor, name, Job(lost=job.lost + 1))

    def _type(self, name: str, path: str) -> str | None:
        found = self._schema.field(name, path)
        return found.type if found else _OWN_TYPES.get(path)

    def _add_children(self, name: str, rows: list[dict[str, Any]], subqueries: list[str]) -> None:
        """What a job cannot give, by REST: five blocks of ids in one call."""
        live = {str(row.get("Id")): row for row in rows if row.get("IsDeleted") is not True}
        if not subqueries or not live:
            return
        ids = list(soql.blocks(live))
        for start in range(0, len(ids), MAX_QUERIES):
            queries = [
                (name, soql.select(name, ["Id", *subqueries], where=[soql.one_of("Id", block)]))
                for block in ids[start : start + MAX_QUERIES]
            ]
            for answer in self._client.query_together(queries, deleted=True):
                found = list(answer.rows)
                while not answer.done and answer.more_url:
                    answer = self._client.query_more(answer.more_url, subject=name)
                    found.extend(answer.rows)
                for row in found:
                    children = {key: value for key, value in row.items() if key not in ("attributes", "Id")}
                    live.get(str(row.get("Id")), {}).update(children)


def _plain(select: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(item for item in select if not item.startswith("(")))


def _with(cursor: Cursor, name: str, job: Job) -> Cursor:
    return replace(cursor, jobs={**cursor.jobs, name: job})


def _by_rest(cursor: Cursor, name: str) -> Cursor:
    jobs = {held: job for held, job in cursor.jobs.items() if held != name}
    return replace(cursor, jobs=jobs, places={**cursor.places, name: None})


def _behind(job: Job, cut: Cut) -> Job:
    rows = job.rows + cut.table.rows
    if cut.following is None and not cut.told and rows < (job.total or 0):
        raise Unavailable(f"The results of a bulk job end after {rows} of {job.total} rows.")
    return replace(job, rows=rows, read=cut.following is None, locator=cut.following)


def _clocked(cursor: Cursor, asked_at: datetime | None, now: datetime | None) -> Cursor:
    """The next mark is the moment at which the first of the jobs was asked for."""
    if asked_at is None or now is None:
        raise NeedsAttention(
            "Salesforce's answers carry no Date, so nobody knows how far a stream has been read.",
            code="clock",
            next_step="find what removes the header on the way (a proxy?), then run: leadgrade doctor",
        )
    if cursor.until is None or cursor.next_mark is None:
        return replace(cursor, until=now + timedelta(seconds=1), next_mark=asked_at)
    return replace(cursor, next_mark=min(cursor.next_mark, asked_at))
