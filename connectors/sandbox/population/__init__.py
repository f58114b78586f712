"""A believable, CRM-neutral population: people, companies, a year of activities, opportunities, dirt and a planted truth."""

from __future__ import annotations

from connectors.sandbox.population.generate import DEFAULT_PEOPLE, REFERENCE_DAY, generate
from connectors.sandbox.population.model import (
    Activity,
    Company,
    Double,
    Kind,
    Opportunity,
    Person,
    Population,
    SalesforceShape,
)

__all__ = [
    "DEFAULT_PEOPLE",
    "REFERENCE_DAY",
    "Activity",
    "Company",
    "Double",
    "Kind",
    "Opportunity",
    "Person",
    "Population",
    "SalesforceShape",
    "generate",
]
