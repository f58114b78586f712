"""Renders a population into a HubSpot account: contacts, companies, deals with their history, and the native sync's ids."""

from __future__ import annotations

from random import Random
from typing import Any

from connectors.sandbox.accounts import empty_hubspot_org
from connectors.sandbox.clock import OrgClock, Stamp, iso, stamp_of
from connectors.sandbox.objects_hubspot import DEAL_STAGES, EDGES, INDUSTRIES
from connectors.sandbox.org import Org
from connectors.sandbox.population import Company, Double, Opportunity, Person, Population
from connectors.sandbox.population.assets import DAY
from connectors.sandbox.population.people import free_mail
from connectors.sandbox.records import Record
from connectors.sandbox.seed_clock import clock_of
from connectors.sandbox.seed_hubspot_activities import EngagementRows
from connectors.sandbox.seed_salesforce import account_id, employers, main_row

_ROLE = {"decision_maker": "DECISION_MAKER", "influencer": "INFLUENCER", "user": "END_USER"}
_TYPE = {"partner": "PARTNER", "competitor": "COMPETITOR", "prospect": "PROSPECT"}
#: Our stage numbers (0 first contact ... 4 contract, 5 won, 6 lost) as deal stages.
_STAGES = tuple(stage[0] for stage in DEAL_STAGES)


def hubspot_org(population: Population, *, name: str = "hubspot", clock: OrgClock | None = None) -> Org:
    """A HubSpot account that holds the people with `in_hubspot`; e-mail addresses are unique in it.

    `settings["rows"]` maps a person's number to the (object, id) of all their rows, the main one first. Opportunities
    of people who are in Salesforce too live there alone.
    """
    org = empty_hubspot_org(name=name, clock=clock or clock_of(population))
    _Seeding(org, population).run()
    return org


class _Seeding:
    def __init__(self, org: Org, population: Population) -> None:
        self._org = org
        self._population = population
        self._people = [person for person in population.people if person.in_hubspot]
        self._sellers: list[str] = org.settings["sellers"]
        self._end = stamp_of(population.day)
        self._companies: dict[int, str] = {}
        self._mails: set[str] = set()
        self._accounts = employers(population)
        self._rows: dict[int, list[tuple[str, str]]] = {}

    def run(self) -> None:
        for company in self._population.companies:
            if company.in_hubspot:
                self._companies[company.number] = self._company(company)
        for person in self._people:
            self._person(person)
        main = {number: rows[0][1] for number, rows in self._rows.items()}
        engagements = EngagementRows(self._org, self._population, main, self._companies)
        for person in self._people:
            engagements.write(person)
        self._org.settings["rows"] = self._rows

    def _company(self, company: Company) -> str:
        rng = Random(f"{self._population.seed}:hubspot-company:{company.number}")
        values = {
            "name": company.name,
            "domain": company.domain,
            "website": company.domain,
            "phone": company.phone,
            "city": company.city,
            "state": company.state or None,
            "zip": company.postcode,
            "country": company.country_text,
            "industry": INDUSTRIES[company.industry] if company.industry_known else None,
            "numberofemployees": str(company.employees) if company.employees_known else None,
            "annualrevenue": str(company.revenue) if company.employees_known else None,
            "type": _TYPE.get(company.relation, "OTHER"),
            "lifecyclestage": "customer" if company.relation == "customer" else "lead",
            "salesforceaccountid": account_id(company.number) if company.number in self._accounts else None,
            "hubspot_owner_id": self._sellers[company.number % len(self._sellers)],
        }
        created = self._end - round((400 + 900 * rng.random()) * DAY)
        return self._create("companies", values, at=created, rng=rng).id

    def _person(self, person: Person) -> None:
        rng = Random(f"{self._population.seed}:hubspot:{person.number}")
        company = self._population.companies[person.company] if person.company is not None else None
        contact = self._create("contacts", self._contact(rng, person, company), at=person.created, rng=rng)
        rows = [("contacts", contact.id)]
        if person.double is Double.OTHER_MAIL:
            values = self._contact(rng, person, company)
            other = free_mail(rng, person.first_name or "x", person.last_name, person.number, person.language)
            values |= {"email": self._unique(other), "salesforcecontactid": None, "salesforceleadid": None}
            created = min(person.created + round(40 * DAY * rng.random()), self._end - DAY)
            rows.append(("contacts", self._create("contacts", values, at=created, rng=rng).id))
        if person.company is not None:
            employer = self._companies[person.company]
            for _, row_id in rows:
                for edge, back in zip(
                    EDGES["contacts", "companies"], EDGES["companies", "contacts"][:1] * 2, strict=True
                ):
                    self._org.associate("contacts", row_id, "companies", employer, edge=edge, back=back)
        self._rows[person.number] = rows
        if person.opportunity is not None:
            self._org.rewrite_history("contacts", contact.id, "lifecyclestage", _stages(person, person.opportunity))
        if person.opportunity is not None and not person.in_salesforce:
            self._deal(rng, person, person.opportunity, contact.id)

    def _contact(self, rng: Random, person: Person, company: Company | None) -> dict[str, Any]:
        values: dict[str, Any] = {
            "firstname": person.first_name or None,
            "lastname": person.last_name or None,
            "email": self._unique(person.email_in_hubspot or person.email),
            "phone": person.phone or None,
            "mobilephone": person.mobile or None,
            "jobtitle": person.title or None,
            "company": person.company_text or None,
            "city": person.city or None,
            "state": person.state or None,
            "zip": person.postcode or None,
            "country": person.country_text or None,
            "hs_language": person.language,
            "lifecyclestage": _lifecycle(person),
            "hs_buying_role": _ROLE.get(person.authority),
            "competing_product": person.competing_product or None,
            "do_not_call": "true" if person.do_not_call else None,
            "hs_email_optout": "true" if person.opted_out else None,
            "hs_analytics_source": ("ORGANIC_SEARCH", "DIRECT_TRAFFIC", "EMAIL_MARKETING", "OFFLINE")[
                person.source % 4
            ],
            "hubspot_owner_id": self._sellers[person.seller],
        }
        if company is not None:
            values["associatedcompanyid"] = self._companies[company.number]
            if rng.random() < 0.5:
                values["website"] = f"https://{company.domain}"
        if person.linked:
            kind, row_id = main_row(person)
            values["salesforcecontactid" if kind == "Contact" else "salesforceleadid"] = row_id
        return values

    def _unique(self, address: str) -> str | None:
        """HubSpot keeps addresses in lower case and each only once; what is no address is left out."""
        mail = address.strip().lower()
        if "@" not in mail or mail.endswith(".") or mail in self._mails:
            return None
        self._mails.add(mail)
        return mail

    def _deal(self, rng: Random, person: Person, sale: Opportunity, contact: str) -> None:
        values = {
            "dealname": sale.name,
            "amount": str(sale.amount),
            "closedate": iso(sale.close),
            "deal_currency_code": "EUR",
            "pipeline": "default",
            "dealstage": _STAGES[sale.stages[-1][1]],
            "dealtype": "newbusiness",
            "hubspot_owner_id": self._sellers[person.seller],
        }
        record = self._org.create("deals", values, at=sale.stages[0][0], by=self._sellers[person.seller])
        self._org.rewrite_history("deals", record.id, "dealstage", [(at, _STAGES[stage]) for at, stage in sale.stages])
        record.modified_at = record.system_at = sale.stages[-1][0]
        if rng.random() < 0.85:
            self._link("deals", record.id, "contacts", contact)
        if person.company is not None:
            employer = self._companies[person.company]
            for edge, back in zip(EDGES["deals", "companies"], EDGES["companies", "deals"], strict=True):
                self._org.associate("deals", record.id, "companies", employer, edge=edge, back=back)

    def _link(self, source: str, source_id: str, target: str, target_id: str) -> None:
        edge, back = EDGES[source, target][0], EDGES[target, source][0]
        self._org.associate(source, source_id, target, target_id, edge=edge, back=back)

    def _create(self, name: str, values: dict[str, Any], *, at: Stamp, rng: Random) -> Record:
        """Creates a row that was last changed some time between its creation and the population's day."""
        record = self._org.create(name, values, at=at, by=self._sellers[0])
        record.modified_at = record.system_at = at + round((self._end - 60_000 - at) * rng.random() ** 2)
        return record


def _lifecycle(person: Person) -> str:
    if person.opportunity is not None:
        return "customer" if person.opportunity.won else "opportunity"
    draw = person.number % 10
    return "subscriber" if draw < 3 else "lead" if draw < 8 else "marketingqualifiedlead"


def _stages(person: Person, sale: Opportunity) -> list[tuple[Stamp, str]]:
    stages = [(person.created, "lead"), (sale.stages[0][0], "opportunity")]
    if sale.won:
        stages.append((sale.close, "customer"))
    return stages
