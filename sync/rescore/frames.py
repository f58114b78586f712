"""The only translator from the store's records to the engine's frames."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl

from scoring.vocabulary import ENRICHED_PREFIX, AttributeType, attribute_type
from sync.people.believed import believed_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from scoring.model import Model

#: Exact numbers: the profile's texts are plain decimals.
_NUMBER: Final = pl.Decimal(38, 6)
_TRUE: Final = ["true", "yes", "1"]
_FALSE: Final = ["false", "no", "0"]
_DATE_LENGTH: Final = len("2026-11-21")
#: Rows of activities that are quickly looked through.
_FEW: Final = 1_000
#: Columns of stored activities that are not the engine's.
_BOOKKEEPING: Final = ("connection_no", "activity_no", "recorded_at")


def people_frame(
    stored: pl.DataFrame, model: Model, wanted: Iterable[str], was_qualified: pl.DataFrame
) -> pl.DataFrame:
    """People as the engine takes them.

    Args:
        stored: `person_no, profile` (JSON object of texts).
        model: Declares the types of custom attributes and the time zone of dates alone.
        wanted: Names of the columns that the model reads.
        was_qualified: `person_no, qualified`: who was over the line at the last scoring.

    Returns:
        `person_id` and one typed column per wanted attribute; texts that do not fit the type are absent.
    """
    declared = {each.name: each.type for each in model.attributes}
    names = sorted(set(wanted) - {"person_id", "was_qualified"})
    schema = pl.Struct(dict.fromkeys(names, pl.String) or {"": pl.String})
    texts = stored.select(
        pl.col("person_no").alias("person_id"), pl.col("profile").str.json_decode(schema).alias("texts")
    ).unnest("texts")
    # What nobody has, the engine takes as absent without a column; most enriched values are such. For one person alone the
    # others stay, because the engine plans its reading anew whenever the columns differ.
    empty, alone = texts.null_count().row(0, named=True), texts.height == 1
    known = [name for name in names if empty[name] < texts.height or (alone and not name.startswith(ENRICHED_PREFIX))]
    typed = [_typed(name, attribute_type(name, declared), model.time_zone) for name in known]
    people = texts.select("person_id", *typed)
    before = was_qualified.select(pl.col("person_no").alias("person_id"), pl.col("qualified").alias("was_qualified"))
    return people.join(before, on="person_id", how="left", maintain_order="left")


def was_qualified(before: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """`person_no, qualified` at the last scoring; for people without a score here, what their records say in the CRM.

    So an empty or restored database does not make everybody flicker who stands between the two thresholds.
    """
    known = before.select("person_no", "qualified")
    if observed.is_empty():
        return known
    said = observed.select(
        "person_no", (pl.col("observed").str.json_path_match("$.qualified") == "true").alias("qualified")
    )
    return pl.concat([known, said.group_by("person_no").agg(pl.col("qualified").any())])


def activities_frame(
    stored: pl.DataFrame,
    *,
    crm_kinds: Mapping[int, str],
    brings: Mapping[str, Iterable[str]],
    contact_crms: pl.DataFrame,
    believed: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Activities as the engine takes them: each once per person, from the believed CRM for people who are in both.

    Args:
        stored: Rows by person and activity (`ScoringInputs.activities`).
        crm_kinds: connection_no -> kind of CRM.
        brings: kind of CRM -> activity kinds that its activity map can bring.
        contact_crms: `person_no, connection_no` of people with several contacts.
        believed: Activity kind -> kind of CRM, where it differs from the default.
    """
    once = stored
    # Of one person alone it is cheaper to look first.
    if stored.height > _FEW or stored["activity_no"].n_unique() < stored.height:
        again = (pl.col("person_no") == pl.col("person_no").shift()) & (
            pl.col("activity_no") == pl.col("activity_no").shift()
        )
        once = stored.filter(~again.fill_null(value=False))
    doubted = _doubted(contact_crms, crm_kinds, brings, believed)
    if doubted.height:
        # Few people are in two CRMs: only their rows are looked at one by one.
        crm = pl.col("connection_no").replace_strict(dict(crm_kinds), default=None, return_dtype=pl.String).alias("crm")
        theirs = once.select("person_no", "kind", "connection_no").with_row_index("row")
        theirs = theirs.filter(pl.col("person_no").is_in(doubted["person_no"].unique().implode()))
        dropped = theirs.with_columns(crm).join(doubted, on=["person_no", "crm", "kind"], how="semi")["row"]
        counts = pl.Series("counts", [True]).new_from_index(0, once.height).scatter(dropped, values=False)
        once = once.filter(counts)
    return once.drop(_BOOKKEEPING, strict=False).rename({"person_no": "person_id"})


def oldest_instant(day: date, model: Model) -> datetime:
    """Activities before this instant cannot matter on that day; two days of slack for time zones."""
    start = day - timedelta(days=model.horizon_days + model.trend_days + 2)
    return datetime.combine(start, time(), tzinfo=UTC)


def _doubted(
    contact_crms: pl.DataFrame,
    crm_kinds: Mapping[int, str],
    brings: Mapping[str, Iterable[str]],
    believed: Mapping[str, str] | None,
) -> pl.DataFrame:
    """`person_no, crm, kind` of activities that do not count, because another CRM of the person is believed for them."""
    empty = pl.DataFrame(schema={"person_no": pl.Int64, "crm": pl.String, "kind": pl.String})
    if contact_crms.height < 2 or len(set(crm_kinds.values())) < 2:
        return empty
    crm = pl.col("connection_no").replace_strict(dict(crm_kinds), default=None, return_dtype=pl.String).alias("crm")
    several = (
        contact_crms.select("person_no", crm)
        .unique()
        .group_by("person_no")
        .agg(pl.col("crm").sort())
        .filter(pl.col("crm").list.len() > 1)
    )
    parts = [empty]
    for (crms,), group in several.group_by("crm"):
        present = {name: brings.get(name, ()) for name in crms}
        pairs = believed_kinds(present, believed=believed)
        if pairs:
            dropped = pl.DataFrame(sorted(pairs), schema={"crm": pl.String, "kind": pl.String}, orient="row")
            parts.append(group.select("person_no").join(dropped, how="cross"))
    return pl.concat(parts)


@cache
def _typed(name: str, kind: AttributeType, time_zone: str) -> pl.Expr:
    text = pl.col(name)
    match kind:
        case AttributeType.NUMBER:
            return text.cast(_NUMBER, strict=False)
        case AttributeType.BOOLEAN:
            folded = text.str.to_lowercase()
            value = pl.when(folded.is_in(_TRUE)).then(statement=True).when(folded.is_in(_FALSE)).then(statement=False)
            return value.alias(name)
        case AttributeType.LIST:
            return text.str.split("|")
        case AttributeType.DATE:
            return _instant(text, time_zone)
        case _:
            return text


def _instant(text: pl.Expr, time_zone: str) -> pl.Expr:
    """Instants as they are; a date alone is noon of that date in the model's time zone."""
    zone = str(ZoneInfo(time_zone))
    alone = text.str.len_chars() == _DATE_LENGTH
    noon = pl.when(alone).then(text).str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    noon = (noon + pl.duration(hours=12)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    exact = pl.when(~alone).then(text).str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    return pl.coalesce(noon.dt.convert_time_zone("UTC"), exact)
