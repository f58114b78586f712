"""Form submissions: asked for form by form, newest first, as far back as the last poll. Known by the address typed in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from connectors.errors import Gone, NeedsAttention, Rejected, Unavailable
from connectors.hubspot.activities import details_of, kind_of
from connectors.hubspot.availability import Availability
from connectors.hubspot.calls import Client
from connectors.hubspot.client import Answer
from connectors.hubspot.cursor import Position
from connectors.hubspot.reading import Gathered, PartPage
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.values import instant_of
from connectors.mapping import ActivityMap
from connectors.records import ActivityRecord, BadRecord, Ref

FORM_SUBMISSIONS = "form_submissions"
#: Marks a form in `Position.item` that is being read from its first page a second time.
_AGAIN = "|"


@dataclass(frozen=True, kw_only=True, slots=True)
class FormsPart:
    """All submissions of all forms. `Position.item` is the form now being read; forms come in the order of their ids."""

    activity_map: ActivityMap
    client: Client
    settings: HubSpotSettings
    availability: Availability
    _forms: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As in the activity map."""
        return FORM_SUBMISSIONS

    def page(self, position: Position) -> PartPage:
        """The next page of submissions, or the step to the next form."""
        nothing = PartPage(gathered=Gathered(), next=position, done=True)
        if position.opened is None and not self._due(position):
            return nothing
        if position.opened is None or not self._forms:
            began = self._list_forms()
            if began is None:
                return nothing
            position = position.opened_at(began)
        if position.item is None:
            return self._step(position, Gathered())
        form, _, again = position.item.partition(_AGAIN)
        try:
            answer = self._ask(form, position.after)
        except (Gone, Rejected, NeedsAttention) as error:
            if isinstance(error, NeedsAttention) and error.code != "configuration":
                raise
            if position.after is None or again:
                return self._step(position, Gathered())  # deleted meanwhile, or of a kind that keeps no submissions
            position = replace(position, after=None, item=f"{form}{_AGAIN}1")  # the page token did not live so long
            answer = self._ask(form, None)
        if answer is None:
            return nothing
        gathered = Gathered()
        rows = answer.results()
        horizon = position.since - self.settings.events_lookback if position.since else None
        reached = False
        for row in rows:
            at = instant_of(row.get("submittedAt")) if isinstance(row, dict) else None
            if horizon is not None and at is not None and at < horizon:
                reached = True
                break
            self._translate(form, row, at, gathered)
        following = None if reached else answer.after()
        if following is None:
            return self._step(position, gathered)
        if following == position.after:
            raise Unavailable("HubSpot's form submissions give the same page again.")
        return PartPage(gathered=gathered, next=replace(position, after=following), done=False)

    def _ask(self, form: str, after: str | None) -> Answer | None:
        ask = partial(self.client.submissions_page, form, after=after)
        return self.availability.ask(self.name, self.settings.forms, ask, first=False)

    def _due(self, position: Position) -> bool:
        return position.polled is None or self.client.now() - position.polled >= self.settings.forms_every

    def _list_forms(self) -> datetime | None:
        self._forms.clear()
        after: str | None = None
        began: datetime | None = None
        while True:
            answer = self.availability.ask(self.name, self.settings.forms, partial(self.client.forms_page, after))
            if answer is None:
                return None
            began = began or answer.began
            for row in answer.results():
                if isinstance(row, dict) and row.get("id"):
                    self._forms[str(row["id"])] = str(row.get("name") or "")
            after = answer.after()
            if after is None:
                return began

    def _step(self, position: Position, gathered: Gathered) -> PartPage:
        last = (position.item or "").partition(_AGAIN)[0]
        following = min((form for form in self._forms if form > last), default=None)
        if following is None:
            return PartPage(gathered=gathered, next=position.finished(polled=position.opened), done=True)
        return PartPage(gathered=gathered, next=replace(position, item=following, after=None), done=False)

    def _translate(self, form: str, row: Any, at: datetime | None, gathered: Gathered) -> None:
        if not isinstance(row, dict) or at is None:
            reason = "a form submission without an instant"
            gathered.bad.append(BadRecord(ref=None, code="malformed", reason=reason))
            return
        typed = {
            str(item["name"]): item.get("value")
            for item in row.get("values") or ()
            if isinstance(item, dict) and item.get("name")
        }
        address = str(typed.get("email") or "").strip().lower()
        values = {**typed, "form_id": form, "form_name": self._forms.get(form, ""), "page_url": row.get("pageUrl")}
        kind = kind_of(self.activity_map, FORM_SUBMISSIONS, values, gathered)
        if kind is None or not address:
            return
        ref = Ref(object=FORM_SUBMISSIONS, id=_submission_id(form, row, address))
        gathered.records.append(
            ActivityRecord(
                ref=ref,
                kind=kind.name,
                at=at,
                modified_at=at,
                recorded_at=at,
                emails=(address,),
                **details_of(self.activity_map, values, kind),
            )
        )


def _submission_id(form: str, row: Mapping[str, Any], address: str) -> str:
    """HubSpot's own id of the submission, or one made of form, instant and address that stays the same."""
    if row.get("conversionId"):
        return str(row["conversionId"])
    digest = hashlib.sha256(f"{form}|{row.get('submittedAt')}|{address}".encode()).hexdigest()
    return f"{form}:{row.get('submittedAt')}:{digest[:12]}"
