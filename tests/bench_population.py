"""A store full of people for benchmarks, written straight into SQLite: plausible profiles, skewed numbers of activities, no CRM."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing

import polars as pl

from scoring.attributes import DERIVED_VERSION, derive
from sync.people.encoding import encode_all
from sync.store.shards import SHARDS, shard_of
from sync.store.types import canonical_json

#: Distinct profiles; names and addresses make each person's own.
TEMPLATES = 5_000
#: What people do, how often, and whether it refers to an asset.
_KINDS = {
    "page_view": 44,
    "email_sent": 16,
    "email_opened": 14,
    "email_clicked": 5,
    "search": 2,
    "form_submitted": 3,
    "download": 3,
    "content_viewed": 2,
    "video_viewed": 1,
    "webinar_registered": 1.5,
    "webinar_attended": 1,
    "event_attended": 0.5,
    "campaign_responded": 2,
    "call_attempted": 2,
    "call_connected": 1,
    "meeting_booked": 0.4,
    "meeting_held": 0.3,
    "demo_requested": 0.2,
    "demo_attended": 0.1,
    "trial_started": 0.1,
    "email_bounced": 0.1,
    "unsubscribed": 0.1,
    "note": 0.7,
}
_MAIL = ("email_sent", "email_opened", "email_clicked")
_TITLES = (
    *("Chief Executive Officer", "VP Sales", "Director of Finance", "Head of IT", "Marketing Manager", "Data Analyst"),
    *("Software Engineer", "Consultant", "Student", "Directeur financier", "Geschäftsführer", "Responsable de compras"),
    *("Gerente de TI", "Buyer", "Intern", "Office assistant", "Operations Manager", "CTO", None),
)
_INDUSTRIES = ("Software", "Health care", "Banking", "E-commerce", "Legal services", "Manufacturing", "Retail", None)
_COUNTRIES = ("United States", "Germany", "France", "United Kingdom", "Spain", "Brazil", "Norway", None)
_PATHS = ("/pricing", "/demo", "/careers", "/investors", "/blog/", "/product/", "/docs/", "/about", "/preise")
_ASSETS = ("White paper", "Buyer's guide", "Data sheet", "Product review", "Case study", "Checklist")
_SCORING_COLUMNS = (
    *("shard", "person_no", "activity_no", "contact_no", "connection_no", "kind", "at", "recorded_at", "asset_no"),
    *("direction", "outcome", "duration_s", "message_id", "link", "machine", "count", "counted"),
)
_SECONDARY = ("ix_activity_contact_activity", "ix_activity_contact_contact")


def fill(path, *, people, activities, day, connections=(1, 2), seed=7):
    """Fill the new store at `path` with people numbered from 1, each with about `activities` activities before `day`.

    Everybody has a record in the first connection, every tenth person one in the second, too.
    """
    chance = random.Random(seed)
    now = (day - _EPOCH_DAY).days * _DAY
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous=OFF")
        made = [
            database.execute("SELECT sql FROM sqlite_master WHERE name = ?", [name]).fetchone()[0]
            for name in _SECONDARY
        ]
        for name in _SECONDARY:
            database.execute(f"DROP INDEX {name}")
        assets = _fill_assets(database, chance)
        _fill_people(database, people, connections, now, chance)
        _fill_activities(database, people, activities, assets, now, connections[0], seed)
        for statement in made:
            database.execute(statement)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_EPOCH_DAY = pl.Series([0]).cast(pl.Date)[0]
_DAY = 86_400_000_000


def _fill_assets(database, chance):
    """2,000 pages and 200 files; their numbers: (pages, files)."""
    pages = [(number, f"https://www.acme.example{chance.choice(_PATHS)}{number}", None) for number in range(1, 2001)]
    files = [(number, None, f"{chance.choice(_ASSETS)} {number}") for number in range(2001, 2201)]
    rows = [(number, 1, f"{number:064x}", url, asset, None, None) for number, url, asset in pages + files]
    names = "asset_no, workspace_no, digest, url, asset, campaign, product"
    with _Transaction(database):
        database.executemany(f"INSERT INTO asset ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return len(pages), len(files)


def _templates(chance):
    """(declared, derived, profile) as JSON, with NNN where the person's number goes."""
    found = []
    for number in range(TEMPLATES):
        company = f"Company {number % 1500}"
        host = chance.choice((f"company{number % 1500}.example", f"company{number % 1500}.example", "gmail.com"))
        declared = {
            "email": f"person.NNN@{host}",
            "first_name": chance.choice(("Anna", "Luis", "Chloé", "Jörg", None)),
            "last_name": "Person",
            "title": chance.choice(_TITLES),
            "company": chance.choice((company, None)),
            "website": chance.choice((f"https://company{number % 1500}.example", None)),
            "phone": chance.choice((f"+1 212 555 {number % 10_000:04}", "12", None)),
            "country": chance.choice(_COUNTRIES),
            "city": chance.choice(("Berlin", "Paris", None)),
            "industry": chance.choice(_INDUSTRIES),
            "employees": chance.choice(("25", "480", "12000", None)),
            "revenue": chance.choice(("1500000", "250000000", "800000000", None, None)),
            "lead_source": chance.choice(("Web", "Event", "Partner")),
            "purchasing_authority": chance.choice(("decision_maker", None, None)),
            "timeline_months": chance.choice(("2", "6", "12", None, None)),
            "relation": chance.choice(("prospect", "customer", None, None, None)),
            "created_at": "2024-03-05T10:00:00Z",
        }
        declared = encode_all({name: value for name, value in declared.items() if value is not None})
        derived = encode_all(derive(declared))
        texts = (canonical_json(each) for each in (declared, derived, declared | derived | {"is_duplicate": "false"}))
        found.append(tuple(texts))
    return found


def _fill_people(database, people, connections, now, chance):
    templates = _templates(chance)
    by_shard = [[] for _ in range(SHARDS)]
    for number in range(1, people + 1):
        by_shard[shard_of(number)].append(number)
    person = "shard, person_no, workspace_no, profile, profile_version, created_at, contacts"
    contact = (
        "workspace_no, connection_no, object, record_id, person_no, email, attributes, derived, derived_version,"
        "fingerprint, created_at, modified_at, first_seen_at, writable"
    )

    def rest(n):
        return DERIVED_VERSION, f"{n:064x}", now, now, now, 1

    for shard, numbers in enumerate(by_shard):
        chosen = [(number, templates[chance.randrange(TEMPLATES)]) for number in numbers]
        rows = [
            (shard, n, 1, t[2].replace("NNN", str(n)), DERIVED_VERSION, now, 2 if n % 10 == 0 else 1) for n, t in chosen
        ]
        records = [
            (1, connection, name, f"{n}", n, f"person.{n}@example.com", t[0].replace("NNN", str(n)), t[1], *rest(n))
            for n, t in chosen
            for connection, name in zip(connections, ("contacts", "Contact"))
            if connection == connections[0] or n % 10 == 0
        ]
        with _Transaction(database):
            database.executemany(f"INSERT INTO person ({person}) VALUES ({_places(7)})", rows)
            database.executemany(f"INSERT INTO contact ({contact}) VALUES ({_places(14)})", records)


def _fill_activities(database, people, mean, assets, now, connection, seed):
    insert = f"INSERT INTO activity_contact ({', '.join(_SCORING_COLUMNS)}) VALUES ({_places(len(_SCORING_COLUMNS))})"
    numbers = pl.DataFrame({"person_no": pl.int_range(1, people + 1, eager=True)}).with_columns(
        shard=((pl.col("person_no") * 2654435761) & 0xFFFFFFFF) // (1 << 24)
    )
    last = 0
    for (_,), group in numbers.sort("shard", "person_no").group_by("shard", maintain_order=True):
        frame = _activities(group, mean, assets, now, connection, seed).with_columns(
            activity_no=pl.int_range(last + 1, last + 1 + pl.len())
        )
        seed, last = seed + 1, last + frame.height
        with _Transaction(database):
            database.executemany(insert, frame.select(_SCORING_COLUMNS).iter_rows())


def _activities(group, mean, assets, now, connection, seed):
    """Few people do much, many do little: the numbers follow a skewed spread with the given mean."""
    spread = pl.Series([0, 0, 1, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 28, 36, 48, 70, 111], dtype=pl.Float64) * (
        mean / 20
    )
    many = spread.round().cast(pl.Int64).sample(group.height, with_replacement=True, seed=seed)
    rows = group.with_columns(many=pl.int_ranges(many)).explode("many").drop_nulls("many").drop("many")
    height = rows.height
    pool = pl.Series([kind for kind, share in _KINDS.items() for _ in range(int(share * 10))])

    def draws(one_of, salt):
        return one_of.sample(height, with_replacement=True, seed=seed * 100 + salt)

    recent = draws(pl.int_range(0, 1_000_000, eager=True), 1).cast(pl.Float64) / 1e6
    rows = rows.with_columns(
        kind=draws(pool, 2),
        at=now - (recent * recent * 725 * 86_400).cast(pl.Int64) * 1_000_000,
        page=draws(pl.int_range(1, assets[0] + 1, eager=True), 3),
        file=draws(pl.int_range(assets[0] + 1, sum(assets) + 1, eager=True), 4),
        mail=draws(pl.int_range(1, 400, eager=True), 5),
        duration=draws(pl.Series([None, 30, 90, 600], dtype=pl.Int64), 6),
    )
    # A store gives a person's activities in the order in which they came.
    rows = rows.sort("person_no", "at")
    mail = pl.col("kind").is_in(_MAIL)
    message = pl.when(mail).then(pl.format("mail-{}", pl.col("mail")))
    return rows.with_columns(
        contact_no=pl.col("person_no"),
        connection_no=pl.lit(connection),
        recorded_at=pl.col("at") + 3_600_000_000,
        asset_no=pl.when(pl.col("kind") == "page_view")
        .then("page")
        .when(pl.col("kind").is_in(["download", "content_viewed"]))
        .then("file"),
        direction=pl.when(pl.col("kind").str.starts_with("call")).then(pl.lit("outbound")),
        outcome=pl.lit(None, dtype=pl.String),
        duration_s=pl.when(pl.col("kind").str.starts_with("call")).then("duration"),
        message_id=message,
        link=pl.when(pl.col("kind") == "email_clicked").then(
            pl.format("https://www.acme.example/l/{}", pl.col("page"))
        ),
        machine=pl.lit(0),
        count=pl.lit(1),
        counted=pl.lit(1),
    )


def _places(many):
    return ", ".join("?" * many)


class _Transaction:
    """Commit at the end of the block."""

    def __init__(self, database):
        self._database = database

    def __enter__(self):
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, *failure):
        self._database.execute("ROLLBACK" if failure[0] else "COMMIT")


def settings_file(folder, *, model="preset:b2b"):
    """A settings file with a connection of each kind that nobody will call."""
    path = folder / "leadgrade.yaml"
    path.write_text(
        f"store: sqlite:///leadgrade.db\nmodel: {model}\nconnections:\n"
        "  hubspot: {kind: hubspot, host: 'http://127.0.0.1:9', token: 'env:LEADGRADE_BENCH_TOKEN'}\n"
        "  salesforce: {kind: salesforce, domain: bench.example, host: 'http://127.0.0.1:9',"
        " client_id: 'env:LEADGRADE_BENCH_TOKEN', client_secret: 'env:LEADGRADE_BENCH_TOKEN'}\n",
        encoding="utf-8",
    )
    return path
