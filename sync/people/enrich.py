"""What fills the gaps of a profile: the CRMs' own enrichment fields, reference tables, a company of the same domain.

CRM fields arrive as attributes `enriched_<name>` through the field map and win; then values for the contact itself, then
those by domain, then accounts of the company that has the person's domain. Pure, but for `load_reference`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from scoring.attributes import derive, registrable_domain
from scoring.attributes.rules import NUMBER_RULES, RULES
from scoring.vocabulary import ENRICHED_PREFIX
from sync.people.companies import born_at
from sync.people.encoding import decode_date, decode_number, encode, encode_instant
from sync.store.people_rows import EnrichmentRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sync.store.account_rows import StoredAccount
    from sync.store.unit import Unit

#: Name of the source when a company of the same domain fills in.
SAME_DOMAIN: Final = "same_domain"
MATCHED, UNMATCHED = "matched", "unmatched"
#: Confidence is stored in thousandths.
_SURE: Final = 1000
#: The instant of enrichment, not an enriched "at".
_AT: Final = "enriched_at"


@dataclass(frozen=True, kw_only=True, slots=True)
class Company:
    """The company of the person's domain, for people without an account of their own."""

    accounts: tuple[StoredAccount, ...] = ()
    #: Attributes that an account never gives to a person.
    hidden: frozenset[str] = frozenset()
    #: Attributes that are only given together, to people who have none of them.
    place: frozenset[str] = field(default_factory=frozenset)


def subjects_of(domain: str | None, contact_nos: Iterable[int]) -> list[str]:
    """What sources may call a person, the closest first."""
    return [*(f"contact:{number}" for number in contact_nos), *([f"domain:{domain}"] if domain else [])]


def enrich(
    profile: Mapping[str, str], rows: Sequence[EnrichmentRow], company: Company, *, asked: bool
) -> dict[str, str]:
    """Enriched values and what they rest on; `rows` in the order of belief, `asked`: a reference table was looked at.

    Confidence is the lowest, the instant the oldest of what was used.
    """
    values: dict[str, str] = {}
    used: list[tuple[str, int, datetime]] = []
    for row in rows:
        name = ENRICHED_PREFIX + row.attribute
        if not profile.get(name) and name not in values and row.value.strip():
            values[name] = row.value.strip()
            used.append((row.source, _SURE if row.confidence is None else row.confidence, row.at))
    for name, account in _from_company(profile, values, company):
        values[ENRICHED_PREFIX + name] = account.attributes[name]
        used.append((SAME_DOMAIN, _SURE, account.modified_at))
    own = {name: text for name, text in profile.items() if name.startswith(ENRICHED_PREFIX) and name != _AT}
    if not own and not values:
        return _standing(profile, used, asked=asked)
    return values | _derived(own | values, profile) | _standing(profile, used, asked=asked)


def _derived(enriched: Mapping[str, str], profile: Mapping[str, str]) -> dict[str, str]:
    """`enriched_country_code` beside `enriched_country` and so on: what follows from enriched values alone."""
    given: dict[str, str] = {name.removeprefix(ENRICHED_PREFIX): text for name, text in enriched.items()}
    known = derive(given if "country" in given or "country_code" not in profile else {**given, **_country(profile)})
    outputs = {name for rule in (*RULES, *NUMBER_RULES) if rule.inputs[0] in given for name, _ in rule.outputs}
    return {ENRICHED_PREFIX + name: encode(value) for name, value in known.items() if name in outputs}


def _country(profile: Mapping[str, str]) -> dict[str, str]:
    return {"country_code": profile["country_code"]}


def _from_company(
    profile: Mapping[str, str], values: Mapping[str, str], company: Company
) -> list[tuple[str, StoredAccount]]:
    def known(name: str) -> bool:
        return bool(profile.get(name) or profile.get(ENRICHED_PREFIX + name) or ENRICHED_PREFIX + name in values)

    has_place = any(known(name) for name in company.place)
    found: dict[str, StoredAccount] = {}
    for account in sorted(company.accounts, key=lambda row: (born_at(row), row.connection_no, row.ref), reverse=True):
        for name, text in account.attributes.items():
            if name in company.hidden or known(name) or not text.strip() or (has_place and name in company.place):
                continue
            found.setdefault(name, account)
    return sorted(found.items(), key=lambda item: item[0])


def _standing(profile: Mapping[str, str], used: Sequence[tuple[str, int, datetime]], *, asked: bool) -> dict[str, str]:
    """Status, source, confidence and instant: the CRM's own words for its own fields, the worst of all that was used."""
    standing: dict[str, str] = {}
    own = any(name.startswith(ENRICHED_PREFIX) and name != _AT for name in profile)
    if not profile.get("enrichment_status") and (used or own or asked):
        standing["enrichment_status"] = MATCHED if used or own else UNMATCHED
    if not used:
        return standing
    sources = [
        *([profile["enrichment_source"]] if profile.get("enrichment_source") else []),
        *(item[0] for item in used),
    ]
    standing["enrichment_source"] = ", ".join(dict.fromkeys(sources))
    confidences = [Decimal(confidence) / 1000 for _, confidence, _ in used if confidence != _SURE]
    declared = decode_number(profile.get("enrichment_confidence", ""))
    if declared is not None:
        confidences.append(declared)
    if confidences:
        standing["enrichment_confidence"] = encode(min(confidences))
    moments = [at for _, _, at in used]
    declared_at = decode_date(profile.get(_AT, ""))
    if isinstance(declared_at, datetime):
        moments.append(declared_at)
    elif declared_at is not None:
        moments.append(datetime.combine(declared_at, time(12), tzinfo=UTC))
    standing[_AT] = encode_instant(min(moments))
    return standing


def load_reference(
    unit: Unit,
    workspace_no: int,
    rows: Iterable[Mapping[str, str]],
    *,
    source: str,
    at: datetime,
    confidence: int | None = None,
) -> tuple[set[str], list[int]]:
    """Store a part of a reference table: rows of attribute -> text with a `domain` (or `website`) each.

    Gives the domains that were stored, and the positions of rows whose domain cannot be read. What the source said of these
    domains before is replaced. The people of these domains are for `refresh_shard` (everybody, because a first table also
    makes the others unmatched) to bring in line.
    """
    found: dict[str, list[EnrichmentRow]] = {}
    refused: list[int] = []
    for position, row in enumerate(rows):
        domain = registrable_domain(row.get("domain") or row.get("website") or "")
        if domain is None:
            refused.append(position)
            continue
        subject = f"domain:{domain}"
        found[subject] = [
            EnrichmentRow(
                source=source, subject=subject, attribute=name, value=text.strip(), confidence=confidence, at=at
            )
            for name, text in row.items()
            if name != "domain" and text.strip()
        ]
    unit.enrichment.put(workspace_no, [item for items in found.values() for item in items])
    return {subject.removeprefix("domain:") for subject in found}, refused


def drop_reference(unit: Unit, workspace_no: int, *, source: str, keep: Collection[str]) -> int:
    """Forget what a reference table said of domains that are not in it any more; how many those were."""
    kept = {f"domain:{domain}" for domain in keep}
    stale = [subject for subject in unit.enrichment.subjects(workspace_no, source) if subject not in kept]
    unit.enrichment.drop(workspace_no, source, stale)
    return len(stale)
