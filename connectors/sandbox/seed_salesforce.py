"""Renders a population into a Salesforce account: accounts, leads, contacts, campaigns, opportunities with their history."""

from __future__ import annotations

from random import Random
from typing import Any

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock, Stamp, day_of, iso, stamp_of
from connectors.sandbox.ids import salesforce_id
from connectors.sandbox.objects_salesforce import INDUSTRIES, SOURCES, STAGES
from connectors.sandbox.org import Org
from connectors.sandbox.population import Company, Double, Opportunity, Person, Population, SalesforceShape
from connectors.sandbox.population.assets import DAY, assets_before
from connectors.sandbox.population.people import free_mail
from connectors.sandbox.records import Record
from connectors.sandbox.seed_clock import clock_of
from connectors.sandbox.seed_salesforce_activities import ActivityRows

_AUTHORITY = {"decision_maker": "Decision Maker", "influencer": "Influencer", "user": "User"}
_RELATION = {
    "customer": "Customer", "partner": "Partner", "competitor": "Competitor", "former": "Former Customer",
    "prospect": "Prospect",
}  # fmt: skip


def salesforce_org(population: Population, *, name: str = "salesforce", clock: OrgClock | None = None) -> Org:
    """A Salesforce account that holds the people with `in_salesforce`.

    `settings["rows"]` maps a person's number to the (object, id) of all their rows, the main one first.
    """
    org = empty_salesforce_org(name=name, clock=clock or clock_of(population))
    # The population knows its own past: nothing is to be rolled up at the time of seeding.
    hooks, org.hooks = org.hooks, []
    _Seeding(org, population).run()
    org.hooks = hooks
    return org


def main_row(person: Person) -> tuple[str, str]:
    """(object, id) of the row that stands for a person: ids follow from their number, so other accounts can name them."""
    if person.shape is SalesforceShape.PROSPECT:
        return "Lead", salesforce_id("00Q", person.number + 1)
    return "Contact", salesforce_id("003", person.number + 1)


def account_id(company: int) -> str:
    """Id of a company's account."""
    return salesforce_id("001", company + 1)


def employers(population: Population) -> set[int]:
    """Numbers of the companies that have an account: those with at least one contact."""
    return {
        person.company
        for person in population.people
        if person.in_salesforce and person.company is not None and person.shape is not SalesforceShape.PROSPECT
    }


class _Seeding:
    def __init__(self, org: Org, population: Population) -> None:
        self._org = org
        self._population = population
        self._people = [person for person in population.people if person.in_salesforce]
        self._sellers: list[str] = org.settings["sellers"]
        self._end = stamp_of(population.day)
        self._rows: dict[int, list[tuple[str, str]]] = {}
        # Above the numbers of the people themselves: doubles, and accounts of people without a company.
        org.reserve_ids("Lead", len(population.people))
        org.reserve_ids("Contact", len(population.people))
        org.reserve_ids("Account", len(population.companies))

    def run(self) -> None:
        held = employers(self._population)
        for company in self._population.companies:
            if company.number in held:
                self._account(company)
        campaigns = self._campaigns()
        for person in self._people:
            self._person(person)
        activities = ActivityRows(self._org, self._population, campaigns)
        for person in self._people:
            kind, who = self._rows[person.number][0]
            last = activities.write(person, kind, who)
            if last is not None:
                self._org.overwrite(kind, self._org.get(kind, who), {"LastActivityDate": day_of(last)})
        self._org.settings["rows"] = self._rows

    def _account(self, company: Company) -> None:
        rng = Random(f"{self._population.seed}:account:{company.number}")
        values = {
            "Name": company.name,
            "Type": _RELATION[company.relation],
            "BillingCity": company.city,
            "BillingState": company.state or None,
            "BillingPostalCode": company.postcode,
            "BillingCountry": company.country_text,
            "Phone": company.phone,
            "Website": f"https://www.{company.domain}" if rng.random() < 0.9 else None,
            "Industry": INDUSTRIES[company.industry] if company.industry_known else None,
            "AnnualRevenue": company.revenue if company.employees_known else None,
            "NumberOfEmployees": company.employees if company.employees_known else None,
            "OwnerId": self._sellers[company.number % len(self._sellers)],
        }
        created = self._end - round((400 + 900 * rng.random()) * DAY)
        self._create("Account", values, at=created, rng=rng, record_id=account_id(company.number))

    def _campaigns(self) -> dict[str, str]:
        assets = assets_before(self._population.day)
        ids = {}
        for kind, dated in (("Webinar", assets.webinars), ("Conference", assets.fairs), ("Email", assets.campaigns)):
            for asset in dated:
                values = {
                    "Name": asset.name,
                    "Type": kind,
                    "Status": "Completed",
                    "StartDate": day_of(asset.at),
                    "EndDate": day_of(asset.at + DAY),
                    "IsActive": False,
                    "OwnerId": self._sellers[0],
                }
                ids[asset.key] = self._org.create("Campaign", values, at=_second(asset.at - 60 * DAY)).id
        return ids

    def _person(self, person: Person) -> None:
        rng = Random(f"{self._population.seed}:salesforce:{person.number}")
        company = self._population.companies[person.company] if person.company is not None else None
        kind, row_id = main_row(person)
        rows = [(kind, row_id)]
        if person.shape is SalesforceShape.PROSPECT:
            self._create("Lead", self._lead(rng, person, company), at=person.created, rng=rng, record_id=row_id)
        else:
            converted = person.converted if person.shape is SalesforceShape.CONVERTED else None
            account = account_id(company.number) if company else self._own_account(person, rng)
            values = self._contact(person, account)
            self._create("Contact", values, at=converted or person.created, rng=rng, record_id=row_id)
            opportunity = (
                self._opportunity(rng, person, person.opportunity, account, row_id) if person.opportunity else None
            )
            if converted is not None:
                values = self._lead(rng, person, company) | {
                    "Status": "Closed - Converted",
                    "IsConverted": True,
                    "ConvertedDate": day_of(converted),
                    "ConvertedAccountId": account,
                    "ConvertedContactId": row_id,
                    "ConvertedOpportunityId": opportunity,
                }
                lead_id = salesforce_id("00Q", person.number + 1)
                lead = self._create("Lead", values, at=person.created, rng=rng, record_id=lead_id)
                lead.modified_at = lead.system_at = _second(converted)
                rows.append(("Lead", lead_id))
        if person.double is not None:
            rows.append(self._double(rng, person, company, (kind, row_id)))
        self._rows[person.number] = rows

    def _human(self, person: Person) -> dict[str, Any]:
        bounced = any(activity.kind.value == "email_bounced" for activity in person.activities)
        return {
            "LastName": person.last_name or "[not provided]",
            "FirstName": person.first_name or None,
            "Title": person.title or None,
            "Phone": person.phone or None,
            "MobilePhone": person.mobile or None,
            "Email": person.email.strip() or None,
            "HasOptedOutOfEmail": person.opted_out,
            "DoNotCall": person.do_not_call,
            "EmailBouncedReason": "550 5.1.1 user unknown" if bounced else None,
            "LeadSource": SOURCES[person.source],
            "OwnerId": self._sellers[person.seller],
            "Purchasing_Authority__c": _AUTHORITY.get(person.authority),
            "Competing_Product__c": person.competing_product or None,
            "Language__c": person.language,
        }

    def _lead(self, rng: Random, person: Person, company: Company | None) -> dict[str, Any]:
        values = self._human(person) | {
            "Company": person.company_text or "[not provided]",
            "City": person.city or None,
            "State": person.state or None,
            "PostalCode": person.postcode or None,
            "Country": person.country_text or None,
            "Status": "Working - Contacted" if rng.random() < 0.4 else "Open - Not Contacted",
            "IsConverted": False,
        }
        if company is not None and rng.random() < 0.7:
            values["Website"] = f"www.{company.domain}"
            values["Industry"] = INDUSTRIES[company.industry] if company.industry_known else None
            if company.employees_known:
                values |= {"NumberOfEmployees": company.employees, "AnnualRevenue": company.revenue}
        return values

    def _contact(self, person: Person, account: str) -> dict[str, Any]:
        return self._human(person) | {
            "AccountId": account,
            "MailingCity": person.city or None,
            "MailingState": person.state or None,
            "MailingPostalCode": person.postcode or None,
            "MailingCountry": person.country_text or None,
        }

    def _own_account(self, person: Person, rng: Random) -> str:
        values = {"Name": person.company_text or person.last_name or "Private", "OwnerId": self._sellers[person.seller]}
        return self._create("Account", values, at=person.converted or person.created, rng=rng).id

    def _double(self, rng: Random, person: Person, company: Company | None, main: tuple[str, str]) -> tuple[str, str]:
        merged = person.double is Double.MERGED
        kind = main[0] if merged else "Lead"
        if kind == "Contact":
            values = self._contact(person, self._org.get("Contact", main[1]).values["AccountId"])
        else:
            values = self._lead(rng, person, company)
        values["FirstName"] = person.first_name[:1] or None
        if person.double is Double.OTHER_MAIL:
            values["Email"] = free_mail(rng, person.first_name or "x", person.last_name, person.number, person.language)
        elif person.double is Double.SAME_MAIL:
            values["Email"] = person.email.strip().upper() or None
        values["Phone"] = None
        created = min(person.created + round(30 * DAY * rng.random()), self._end - DAY)
        record = self._create(kind, values, at=created, rng=rng)
        if merged:
            record.merged_into = main[1]
            record.deleted_at = record.modified_at
        return kind, record.id

    def _opportunity(self, rng: Random, person: Person, sale: Opportunity, account: str, contact: str) -> str:
        last_at, last_stage = sale.stages[-1]
        values = {
            "AccountId": account,
            "Name": sale.name,
            "StageName": STAGES[last_stage][0],
            "Amount": float(sale.amount),
            "CloseDate": day_of(sale.close),
            "Type": "New Business",
            "LeadSource": SOURCES[person.source],
            "OwnerId": self._sellers[person.seller],
            "LastStageChangeDate": iso(_second(last_at), "+0000"),
        }
        opened = _second(sale.stages[0][0])
        record = self._org.create("Opportunity", values, at=opened)
        record.modified_at = record.system_at = _second(last_at)
        for at, stage in sale.stages:
            entry = {
                "OpportunityId": record.id,
                "StageName": STAGES[stage][0],
                "Amount": float(sale.amount),
                "Probability": float(STAGES[stage][1]),
                "CloseDate": day_of(sale.close),
                "ForecastCategory": STAGES[stage][2],
            }
            self._org.create("OpportunityHistory", entry, at=_second(at), by=self._sellers[person.seller])
        if rng.random() < 0.8:
            role = {"decision_maker": "Decision Maker", "influencer": "Influencer"}.get(
                person.authority, "Business User"
            )
            link = {"OpportunityId": record.id, "ContactId": contact, "Role": role, "IsPrimary": True}
            self._org.create("OpportunityContactRole", link, at=opened + 60_000)
        return record.id

    def _create(
        self, name: str, values: dict[str, Any], *, at: Stamp, rng: Random, record_id: str | None = None
    ) -> Record:
        """Creates a row that was last changed some time between its creation and the population's day."""
        created = _second(at)
        record = self._org.create(name, values, at=created, by=self._org.settings["admin"], record_id=record_id)
        record.modified_at = _second(created + round((self._end - 60_000 - created) * rng.random() ** 2))
        # Roll-ups and archiving move SystemModstamp alone now and then.
        record.system_at = record.modified_at
        if rng.random() < 0.1:
            record.system_at = _second(
                record.modified_at + round((self._end - 60_000 - record.modified_at) * rng.random())
            )
        return record


def _second(stamp: Stamp) -> Stamp:
    return stamp - stamp % 1000
