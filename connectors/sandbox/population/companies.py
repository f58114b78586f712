"""Companies of the population: deterministic by seed and number."""

from __future__ import annotations

import re
import unicodedata
from random import Random

from connectors.sandbox.population.model import Company
from connectors.sandbox.population.places import digits, some_country, written
from connectors.sandbox.population.words import COMPANY_HEADS, COMPANY_TAILS, COMPETITORS

_SIZES = (3, 8, 15, 30, 60, 120, 250, 450, 900, 1800, 4200, 9000, 25000)
_SIZE_WEIGHTS = (6, 8, 10, 12, 13, 13, 12, 9, 7, 5, 3, 1, 1)
_INDUSTRY_WEIGHTS = (18, 14, 6, 4, 7, 8, 5, 4, 9, 6, 4, 4, 4, 4, 3)


def make_company(seed: int, number: int) -> Company:
    """The company of this number; the first few are competitors."""
    rng = Random(f"{seed}:company:{number}")
    country = some_country(rng)
    head = COMPANY_HEADS[int(rng.random() * len(COMPANY_HEADS))]
    tails = COMPANY_TAILS[country.language]
    name = f"{head} {tails[int(rng.random() * len(tails))]}"
    relation = _relation(rng)
    if number < len(COMPETITORS):
        name, relation = f"{COMPETITORS[number]} Inc.", "competitor"
    stem = plain(name.split(" ")[0] + name.split(" ")[1])
    top = "test" if rng.random() < 0.15 else "example"
    city, postcode, state = country.cities[int(rng.random() * len(country.cities))]
    employees = round(rng.choices(_SIZES, _SIZE_WEIGHTS)[0] * (0.7 + 0.6 * rng.random()))
    return Company(
        number=number,
        name=name,
        domain=f"{stem}{number}.{top}",
        industry=rng.choices(range(15), _INDUSTRY_WEIGHTS)[0],
        employees=employees,
        revenue=round(employees * (6 + 14 * rng.random())) * 10_000,
        country=country.code,
        country_text=written(rng, country),
        state=state,
        city=city,
        postcode=digits(rng, postcode),
        phone=digits(rng, country.phone),
        relation=relation,
        scanner=rng.random() < 0.08,
        employees_known=rng.random() < 0.82,
        industry_known=rng.random() < 0.85,
    )


def _relation(rng: Random) -> str:
    draw = rng.random()
    if draw < 0.06:
        return "customer"
    if draw < 0.09:
        return "partner"
    return "former" if draw < 0.11 else "prospect"


def plain(text: str) -> str:
    """Lower-case ASCII letters of a text, for addresses."""
    text = text.replace("ß", "ss").replace("ü", "ue").replace("ö", "oe").replace("ä", "ae")
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", folded.lower())
