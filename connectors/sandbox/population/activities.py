"""A year of activities of one person, driven by their interest; episodes of buying interest stand out of it."""

from __future__ import annotations

from math import exp
from random import Random

from connectors.sandbox.clock import Stamp
from connectors.sandbox.population.assets import DAY, HOUR, PAGES, Assets
from connectors.sandbox.population.model import Activity, Kind, Person

_MINUTE = 60_000
_QUIET_PAGES = tuple(page for page in PAGES if page not in {"/pricing", "/preise", "/tarifs", "/demo"})
_WEEKEND = (2, 3)  # 1970-01-01 was a Thursday: days since then modulo 7


class ActivityWriter:
    """Writes the activities of one person, none outside [start, end)."""

    def __init__(
        self, rng: Random, person: Person, *, scanner: bool, start: Stamp, end: Stamp, intensity: float
    ) -> None:
        self._rng = rng
        self._person = person
        self._scanner = scanner
        self._start = max(start, person.created)
        self._end = end
        self._intensity = intensity
        self._random = rng.random
        self.found: list[Activity] = []

    def baseline(self, assets: Assets) -> None:
        """Mails, webinars, fairs, campaigns and visits that the year brings to anybody."""
        self._mailings(assets)
        interest = self._person.interest
        for webinar in assets.webinars:
            if webinar.at > self._start and self._random() < (0.02 + 0.2 * interest) * self._intensity:
                self._add(Kind.WEBINAR_REGISTERED, webinar.at - self._hours(2, 240), webinar.key)
                if self._random() < 0.55:
                    self._add(Kind.WEBINAR_ATTENDED, webinar.at, webinar.key, duration_s=round(3600 * self._random()))
        for fair in assets.fairs:
            if fair.at > self._start and self._random() < (0.01 + 0.08 * interest) * self._intensity:
                self._add(Kind.EVENT_ATTENDED, fair.at + self._hours(0, 30), fair.key)
        for campaign in assets.campaigns:
            if campaign.at > self._start and self._random() < 0.12 * self._intensity:
                self._add(Kind.CAMPAIGN_SENT, campaign.at, campaign.key)
                if self._random() < 0.04 + 0.2 * interest:
                    self._add(Kind.CAMPAIGN_RESPONDED, campaign.at + self._hours(1, 200), campaign.key)
        for _ in range(self._poisson((0.4 + 2.2 * interest) * self._intensity)):
            self._visit(self._moment(), keen=False)
        if self._random() < 0.12 * self._intensity:
            self._sales_touch(self._moment())

    def episode(self, at: Stamp) -> Stamp:
        """Two weeks of buying interest; gives the stamp at which they are over."""
        interest = self._person.interest
        for _ in range(1 + self._poisson(1.5 + 2 * interest)):
            self._visit(self._workday(at + self._hours(0, 240)), keen=True)
        if self._random() < 0.15 + 0.5 * interest:
            asked = self._workday(at + self._hours(24, 260))
            self._add(Kind.DEMO_REQUESTED, asked, "demo")
            self._add(Kind.CALL_CONNECTED if self._random() < 0.6 else Kind.CALL_ATTEMPTED,
                      asked + self._hours(2, 40), "", duration_s=round(60 + 900 * self._random()))  # fmt: skip
            shown = self._workday(asked + self._hours(48, 160))
            if self._random() < 0.7:
                self._add(Kind.DEMO_ATTENDED, shown, "demo", duration_s=2700)
            else:
                self._add(Kind.MEETING_NO_SHOW, shown, "demo")
        if self._random() < 0.3 * interest + 0.1:
            self._sales_touch(at + self._hours(60, 330))
        return at + 14 * DAY

    def decide(self, at: Stamp) -> None:
        """Days before a purchase: a demo is asked for and seen, prices are read again, sellers meet and call."""
        asked = self._workday(at - self._hours(60, 120))
        self._add(Kind.DEMO_REQUESTED, asked, "demo")
        self._add(Kind.CALL_INBOUND, asked + self._hours(2, 20), "", duration_s=420)
        self._add(Kind.DEMO_ATTENDED, self._workday(at), "demo", duration_s=2700)
        self._add(Kind.MEETING_HELD, self._workday(at - self._hours(24, 48)), "", duration_s=3600)
        for _ in range(2):
            self._visit(self._workday(at + self._hours(1, 20)), keen=True)

    def selling(self, opened: Stamp, closed: Stamp) -> None:
        """What sellers and buyer do while an opportunity is open."""
        moment = opened
        while moment < closed:
            self._sales_touch(moment)
            moment += self._hours(5 * 24, 16 * 24)
        if self._random() < 0.6:
            self._add(Kind.MEETING_HELD, self._workday(opened + (closed - opened) // 2), "", duration_s=3600)
        if self._random() < 0.4:
            self._add(Kind.NOTE, min(closed, self._end - HOUR), "")

    def _mailings(self, assets: Assets) -> None:
        person = self._person
        if not person.email or "bot" in person.dirt:
            return
        bounces = "invalid_mail" in person.dirt or self._random() < 0.015
        opens = 0.12 + 0.4 * person.interest
        for mail in assets.mails:
            if mail.at <= self._start or self._random() > 0.3 * self._intensity:
                continue
            sent = mail.at + round(self._random() * HOUR)
            self._add(Kind.EMAIL_SENT, sent, mail.key)
            if bounces:
                self._add(Kind.EMAIL_BOUNCED, sent + 4000, mail.key)
                return
            if self._scanner:
                for link in range(3):
                    at = sent + 150 + link * round(600 * self._random())
                    self._add(Kind.EMAIL_CLICKED, at, mail.key, machine=True)
            if self._random() < opens:
                opened = sent + self._hours(0.1, 50)
                self._add(Kind.EMAIL_OPENED, opened, mail.key)
                draw = self._random()
                if draw < 0.05 + 0.35 * person.interest:
                    self._add(Kind.EMAIL_CLICKED, opened + round(90_000 * self._random()) + 3000, mail.key)
                elif draw > 0.994:
                    self._add(Kind.UNSUBSCRIBED, opened + 20_000, mail.key)
                    person.opted_out = True
                    return

    def _visit(self, at: Stamp, *, keen: bool) -> None:
        pages = 1 + self._poisson(2.5 if keen else 1.0)
        moment = at
        for _ in range(pages):
            draw = self._random()
            if keen and draw < 0.35:
                page = {"de": "/preise", "fr": "/tarifs"}.get(self._person.language, "/pricing")
            elif keen and draw < 0.5:
                page = "/demo"
            else:
                page = _QUIET_PAGES[int(self._random() * len(_QUIET_PAGES))]
            self._add(Kind.PAGE_VIEW, moment, page, duration_s=round(20 + 200 * self._random()))
            moment += round((0.3 + 3 * self._random()) * _MINUTE)
        draw = self._random()
        if draw < (0.16 if keen else 0.08):
            self._add(Kind.DOWNLOAD, moment, "rfp" if keen and draw < 0.05 else "guide")
        elif draw < (0.24 if keen else 0.12):
            self._add(Kind.FORM_SUBMITTED, moment, "contact" if keen else "newsletter")

    def _sales_touch(self, at: Stamp) -> None:
        at = self._workday(at)
        draw = self._random()
        if draw < 0.4:
            connected = self._random() < 0.45
            kind = Kind.CALL_CONNECTED if connected else Kind.CALL_ATTEMPTED
            self._add(kind, at, "", duration_s=round(40 + 800 * self._random()) if connected else 0)
        elif draw < 0.7:
            self._add(Kind.SALES_EMAIL, at, "")
            if self._random() < 0.15 + 0.4 * self._person.interest:
                self._add(Kind.EMAIL_REPLIED, at + self._hours(1, 70), "")
        elif draw < 0.8:
            self._add(Kind.MEETING_HELD, at, "", duration_s=1800)
        elif draw < 0.86:
            self._add(Kind.CALL_INBOUND, at, "", duration_s=round(60 + 500 * self._random()))
        else:
            self._add(Kind.TASK_COMPLETED, at, "")

    def _add(self, kind: Kind, at: Stamp, asset: str, *, duration_s: int = 0, machine: bool = False) -> None:
        if not self._start <= at < self._end:
            return
        late = _BY_HAND.get(kind)
        delay = round(self._random() * 20_000) if late is None or self._random() > late else self._hours(3, 40)
        mirrored = self._person.linked and kind in _MIRRORED and self._random() < 0.5
        recorded = min(at + delay, self._end - 1)
        self.found.append(Activity(kind, at, recorded, asset, duration_s, machine, mirrored))

    def _moment(self) -> Stamp:
        """Some working hour between start and end."""
        return self._workday(self._start + int(self._random() * max(1, self._end - self._start)))

    def _workday(self, at: Stamp) -> Stamp:
        day = at // DAY
        if day % 7 in _WEEKEND and self._random() < 0.9:
            day += 2
        return day * DAY + round((7 + 11 * self._random()) * HOUR)

    def _hours(self, low: float, high: float) -> Stamp:
        return round((low + (high - low) * self._random()) * HOUR)

    def _poisson(self, mean: float) -> int:
        limit, count, product = exp(-mean), 0, self._random()
        while product > limit:
            count += 1
            product *= self._random()
        return count


#: Kinds that people log by hand, with the share that is logged late.
_BY_HAND = {
    Kind.CALL_ATTEMPTED: 0.2,
    Kind.CALL_CONNECTED: 0.2,
    Kind.CALL_INBOUND: 0.2,
    Kind.MEETING_HELD: 0.3,
    Kind.MEETING_NO_SHOW: 0.3,
    Kind.DEMO_ATTENDED: 0.3,
    Kind.NOTE: 0.1,
}
#: Kinds that the native sync copies into the other CRM.
_MIRRORED = frozenset(
    {
        Kind.EMAIL_SENT, Kind.EMAIL_OPENED, Kind.EMAIL_CLICKED, Kind.FORM_SUBMITTED, Kind.DOWNLOAD, Kind.DEMO_REQUESTED,
        Kind.CALL_CONNECTED, Kind.CALL_ATTEMPTED, Kind.MEETING_HELD,
    }
)  # fmt: skip
