"""The closed lists of the model: activity kinds, attributes with their types, and the words the format knows.

Nothing here depends on a model. The loader, the checker, the engine and the JSON Schema all read these tables.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class AttributeType(StrEnum):
    """The type belongs to the attribute, never to the values of some rows."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"


class Tier(StrEnum):
    """How much a rule matters to the marketer; it says nothing to the engine."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    INFLUENTIAL = "influential"


class Intent(StrEnum):
    """Whether a behaviour shows somebody who is buying, somebody who is looking, or neither."""

    ACTIVE = "active"
    PASSIVE = "passive"
    NONE = "none"


class RollUp(StrEnum):
    """How the scores of a company's people become the company's score."""

    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    TOP = "top"
    WEIGHTED = "weighted"


class Language(StrEnum):
    """The language of generated sentences."""

    ENGLISH = "en"
    FRENCH = "fr"


_INBOUND_KINDS: Final = """
email_opened email_clicked email_replied email_forwarded
page_view search form_submitted download chat callback_requested
webinar_registered webinar_attended webinar_replayed event_registered event_attended booth_visit
demo_requested demo_viewed demo_attended trial_started trial_used
call_inbound meeting_booked meeting_held
content_viewed content_shared video_viewed podcast_played
survey_completed training_completed certification_earned community_posted
social_engaged campaign_responded product_used
"""
_OTHER_KINDS: Final = """
email_sent email_delivered email_bounced unsubscribed spam_complaint event_no_show
call_connected call_attempted meeting_no_show task_completed note
social_negative campaign_sent timeline_slipped contract_refused do_not_call_added intent_signal other
"""

#: Activities that show interest; only these end inactivity.
INBOUND_KINDS: Final[frozenset[str]] = frozenset(_INBOUND_KINDS.split())
#: Every kind an activity may have, in alphabetical order.
ACTIVITY_KINDS: Final[tuple[str, ...]] = tuple(sorted((_INBOUND_KINDS + _OTHER_KINDS).split()))


def _typed(**names: str) -> dict[str, AttributeType]:
    return {name: AttributeType(kind) for kind, line in names.items() for name in line.split()}


#: Attributes of a person that every connector and file speaks of by these names.
CANONICAL_ATTRIBUTES: Final[Mapping[str, AttributeType]] = _typed(
    text="email first_name last_name title company website phone country state city postcode industry lead_source "
    "language purchasing_authority budget competing_product relation status owner company_id enrichment_status "
    "enrichment_source",
    number="employees revenue timeline_months recycle_keep score_override enrichment_confidence",
    boolean="email_opt_out do_not_call was_qualified",
    date="created_at modified_at recycled_at score_override_until last_activity_on enriched_at",
)
#: Attributes computed from canonical ones when a record changes.
DERIVED_ATTRIBUTES: Final[Mapping[str, AttributeType]] = _typed(
    text="email_domain email_class company_domain seniority function country_code region_code phone_e164 phone_country",
    number="employees revenue",
    boolean="phone_valid name_has_digits name_is_noise company_is_provider domain_matches_company is_duplicate",
)
#: Attributes of an activity: the only names that a `where` knows.
ACTIVITY_ATTRIBUTES: Final[Mapping[str, AttributeType]] = _typed(
    date="at",
    text="url asset campaign product direction outcome message_id link",
    number="duration_s count",
    boolean="machine",
)
#: What these attributes stand for in a condition; `email` is its own trimmed lower-case text.
NORMALISED_AS: Final[Mapping[str, str]] = {"country": "country_code", "state": "region_code", "phone": "phone_e164"}
#: Closed sets of values of derived attributes.
DERIVED_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "email_class": ("missing", "invalid", "disposable", "free", "education", "role", "business"),
    "seniority": ("c_level", "vp", "director", "manager", "lead", "individual", "intern", "student", "unknown"),
    "function": (
        *(
            "executive",
            "sales",
            "marketing",
            "it",
            "finance",
            "operations",
            "hr",
            "engineering",
            "procurement",
            "legal",
        ),
        *("other", "unknown"),
    ),
}
#: What a derived attribute is computed from; one of them suffices.
DERIVED_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "email_domain": ("email",),
    "email_class": ("email",),
    "company_domain": ("website", "email"),
    "seniority": ("title",),
    "function": ("title",),
    "country_code": ("country",),
    "region_code": ("state",),
    "phone_e164": ("phone",),
    "phone_valid": ("phone",),
    "phone_country": ("phone",),
    "name_has_digits": ("first_name", "last_name"),
    "name_is_noise": ("first_name", "last_name"),
    "company_is_provider": ("website", "email"),
    "domain_matches_company": ("website",),
}
#: Before an attribute's name: the value that enrichment gave, with the type of the attribute.
ENRICHED_PREFIX: Final = "enriched_"

#: Words of a condition that are not attributes.
CONDITION_WORDS: Final = ("all", "any", "not", "happened")

#: Letter and number of the grade matrix, best first, and its cells.
LETTERS: Final = ("A", "B", "C", "D")
NUMBERS: Final = ("1", "2", "3", "4")
GRADES: Final[tuple[str, ...]] = tuple(letter + number for letter in LETTERS for number in NUMBERS)

#: The dimensions that stand at the top level of the file.
FIT: Final = "fit"
ENGAGEMENT: Final = "engagement"
#: Parts of an explanation that are not dimensions.
PARTS: Final = ("quality", "enrichment", "total", "gate", "rounding", "disqualification", "override")
#: Columns of the scores that every model has, in order.
SCORE_COLUMNS: Final[tuple[str, ...]] = (
    *(
        "person_id",
        "in_scope",
        "total",
        "fit",
        "engagement",
        "quality",
        "enrichment",
        "completeness",
        "grade",
        "rating",
    ),
    *("stars", "qualified", "disqualified", "disqualify_code", "disqualify_codes", "recent", "active_share", "trend"),
    *("machines_dropped", "overridden", "attention_code", "day", "model", "version"),
)

#: Points, weights and factors are integers in thousandths.
SCALE: Final = 1000


def attribute_type(name: str, declared: Mapping[str, AttributeType]) -> AttributeType:
    """Type of a person's attribute: canonical, derived, declared by the model, enriched as its attribute, else text."""
    for table in (CANONICAL_ATTRIBUTES, DERIVED_ATTRIBUTES, declared):
        if name in table:
            return table[name]
    if name.startswith(ENRICHED_PREFIX) and name != ENRICHED_PREFIX:
        return attribute_type(name.removeprefix(ENRICHED_PREFIX), declared)
    return AttributeType.TEXT


def without_enriched(name: str) -> str:
    """The attribute that an enriched one speaks of; `enriched_at` and the like are attributes of their own."""
    return name if name in CANONICAL_ATTRIBUTES else name.removeprefix(ENRICHED_PREFIX)
