"""What people act on: a year of mails, webinars, fairs and campaigns, and a website with its forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connectors.sandbox.clock import Stamp, stamp_of

DAY = 86_400_000
HOUR = 3_600_000
SITE = "https://www.suite.example"

#: Page key to title; the key is the path.
PAGES = {
    "/": "Suite: scoring that explains itself",
    "/pricing": "Pricing",
    "/product": "Product overview",
    "/product/integrations": "Integrations",
    "/product/security": "Security",
    "/customers": "Customer stories",
    "/customers/borealis": "How Borealis doubled its pipeline",
    "/blog/decay-explained": "Decay explained",
    "/blog/fit-and-interest": "Fit and interest",
    "/resources/buyers-guide": "The buyer's guide",
    "/resources/rfp-sample": "RFP sample",
    "/demo": "Watch the demo",
    "/webinars": "Webinars",
    "/contact": "Contact us",
    "/careers": "Careers",
    "/careers/engineer": "Careers: engineer",
    "/preise": "Preise",
    "/tarifs": "Tarifs",
}
#: Form key to (name, page).
FORMS = {
    "demo": ("Request a demo", "/demo"),
    "contact": ("Contact us", "/contact"),
    "newsletter": ("Newsletter sign-up", "/"),
    "guide": ("Download: The buyer's guide", "/resources/buyers-guide"),
    "rfp": ("Download: RFP sample", "/resources/rfp-sample"),
    "webinar": ("Webinar registration", "/webinars"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Dated:
    """A mail, webinar, fair or campaign with its moment."""

    key: str
    name: str
    at: Stamp


@dataclass(frozen=True, kw_only=True, slots=True)
class Assets:
    """All dated assets of the year before the reference day, oldest first."""

    mails: tuple[Dated, ...]
    webinars: tuple[Dated, ...]
    fairs: tuple[Dated, ...]
    campaigns: tuple[Dated, ...]


_SUBJECTS = (
    "Product news", "How fit and interest add up", "Customer story: Borealis", "Invitation: live webinar",
    "Five rules of thumb", "What changed this month", "Your checklist for the new quarter", "Save the date",
)  # fmt: skip
_WEBINARS = ("Scoring in practice", "From points to pipeline", "Clean records, clean scores", "Ask the product team")
_FAIRS = ("Sales Tech Fair", "Marketing Days")
_CAMPAIGNS = ("Spring outreach", "Manufacturing focus", "Partner mailing", "Back to business", "Year-end offer")


def assets_before(day: date) -> Assets:
    """The calendar of the 365 days before a day: two mails a month, a webinar every other month, two fairs."""
    end = stamp_of(day)
    mails = tuple(
        Dated(
            key=f"mail-{n:02d}",
            name=f"{_SUBJECTS[n % len(_SUBJECTS)]} #{n + 1}",
            at=end - (362 - 15 * n) * DAY + 9 * HOUR,
        )
        for n in range(24)
    )
    webinars = tuple(
        Dated(
            key=f"webinar-{n}", name=f"Webinar: {_WEBINARS[n % 4]} {n + 1}", at=end - (335 - 58 * n) * DAY + 14 * HOUR
        )
        for n in range(6)
    )
    fairs = tuple(
        Dated(key=f"fair-{n}", name=f"{name} {n + 1}", at=end - (250 - 160 * n) * DAY + 10 * HOUR)
        for n, name in enumerate(_FAIRS)
    )
    campaigns = tuple(
        Dated(key=f"campaign-{n}", name=name, at=end - (340 - 70 * n) * DAY + 8 * HOUR)
        for n, name in enumerate(_CAMPAIGNS)
    )
    return Assets(mails=mails, webinars=webinars, fairs=fairs, campaigns=campaigns)
