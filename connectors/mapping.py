"""The field map and the activity map: which CRM field carries which attribute, which CRM event is which activity kind.

Files are YAML (`config/fields/*.yaml`, or the admin's own); this module checks their shape and gives typed values. Whether
the named fields exist is asked of the CRM by `Connector.check_fields`.
"""

from __future__ import annotations

import hashlib
import io
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from connectors.errors import NeedsAttention
from connectors.outputs import OUTPUTS, output_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Different values of a rule's fields that are remembered: a load of millions of rows has few of them.
_REMEMBERED = 4096


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordMap(_Part):
    """One CRM object of contacts or accounts: canonical (or custom) attribute -> CRM field names, the first filled one wins."""

    attributes: dict[str, tuple[str, ...]]

    @field_validator("attributes", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        if isinstance(value, dict):
            return {key: (item,) if isinstance(item, str) else item for key, item in value.items()}
        return value

    def fields(self) -> tuple[str, ...]:
        """All CRM fields that are read, each once, in a stable order."""
        return tuple(dict.fromkeys(field for fields in self.attributes.values() for field in fields))


class Match(_Part):
    """Holds when all fields have one of the values, case-folded.

    "" stands for an empty field; a value that ends in `*` for every text that begins so, `*` alone for any text.
    """

    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("when", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        if isinstance(value, dict):
            return {key: (item,) if isinstance(item, str) else item for key, item in value.items()}
        return value

    def matches(self, values: Mapping[str, object]) -> bool:
        """Whether a CRM record (field name -> value) falls under this rule."""
        return all(
            any(_meets(_fold(values.get(name)), _fold(option)) for option in options)
            for name, options in self.when.items()
        )


R = TypeVar("R", bound=Match)


class _FirstMatch(Generic[R]):
    """The first of several rules that matches, remembered by the values of the fields that the rules name."""

    def __init__(self, rules: Sequence[R]) -> None:
        self._rules = rules
        self._names = tuple(dict.fromkeys(name for rule in rules for name in rule.when))
        self._known: dict[tuple[str, ...], R | None] = {}

    def of(self, values: Mapping[str, object]) -> R | None:
        folded = tuple(_fold(values.get(name)) for name in self._names)
        if folded in self._known:
            return self._known[folded]
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        named = dict(zip(self._names, folded, strict=True))
        found = self._known[folded] = next((rule for rule in self._rules if rule.matches(named)), None)
        return found


class KindRule(Match):
    """A record for which the rule holds is an activity of this kind.

    `set` fills activity attributes with constants, for example `direction: inbound`.
    """

    kind: str
    set: dict[str, str] = Field(default_factory=dict)


class ActivityMap(_Part):
    """One CRM object of activities.

    `skip` names records that are no activities (an open task): left out silently, before anything else is tried.
    `kinds` are tried in order, the first match counts; a record that matches none becomes `otherwise`, or nothing when that is
    null, and is counted as unmapped by the value of `name_by` either way. `attributes` maps activity attributes (url, asset,
    campaign, product, outcome…) to CRM fields.
    """

    kinds: tuple[KindRule, ...] = ()
    skip: tuple[Match, ...] = ()
    otherwise: str | None = None
    name_by: tuple[str, ...] = ()
    attributes: dict[str, str] = Field(default_factory=dict)
    enabled: bool = True

    @field_validator("name_by", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def fields(self) -> tuple[str, ...]:
        """All CRM fields that the map looks at."""
        named = [field for rule in (*self.skip, *self.kinds) for field in rule.when]
        return tuple(dict.fromkeys([*named, *self.name_by, *self.attributes.values()]))

    def rule_for(self, values: Mapping[str, object]) -> KindRule | None:
        """The first matching rule, or None: unmapped."""
        return self._kinds_by_values.of(values)

    def skips(self, values: Mapping[str, object]) -> bool:
        """Whether a record is left out without being reported."""
        return self._skips_by_values.of(values) is not None

    @cached_property
    def _kinds_by_values(self) -> _FirstMatch[KindRule]:
        return _FirstMatch(self.kinds)

    @cached_property
    def _skips_by_values(self) -> _FirstMatch[Match]:
        return _FirstMatch(self.skip)

    def unmapped_name(self, object_name: str, values: Mapping[str, object]) -> str:
        """How an unmapped record is reported: its object and what it calls itself, never who it is about."""
        parts = [str(values.get(name) or "(empty)") for name in self.name_by]
        return f"{object_name}: {' / '.join(parts)}" if parts else object_name


class CounterMap(_Part):
    """A counter on contacts: each rise is an activity of this kind, unless the source that brings the events is read."""

    kind: str
    #: The field that says when it last rose.
    at: str
    #: The activity source (a key of `activities`) in which the same events come one by one.
    unless: str | None = None


class FieldMap(_Part):
    """Everything that is read from and written to one CRM."""

    crm: str
    contacts: dict[str, RecordMap]
    accounts: dict[str, RecordMap]
    activities: dict[str, ActivityMap] = Field(default_factory=dict)
    #: Contact object -> counter -> what its rises are (HubSpot alone keeps such counters).
    counters: dict[str, dict[str, CounterMap]] = Field(default_factory=dict)
    #: Opportunity object -> extra settings of the dialect (for example which stages count as won where the CRM cannot tell).
    opportunities: dict[str, RecordMap] = Field(default_factory=dict)
    #: CRM object -> output name -> CRM field that Leadgrade writes.
    outputs: dict[str, dict[str, str]] = Field(default_factory=dict)
    #: CRM object -> output name -> field that the CRM computes from it: stars as people read them (Salesforce).
    formulas: dict[str, dict[str, str]] = Field(default_factory=dict)

    def digest(self, *parts: str) -> str:
        """A short digest of the named parts (field names of this class), for checkpoints."""
        content = {part: self.model_dump(mode="json")[part] for part in parts}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def mapped_attributes(self) -> frozenset[str]:
        """Attributes that contacts and accounts can bring (the checker warns about rules on others)."""
        maps = [*self.contacts.values(), *self.accounts.values()]
        return frozenset(name for record_map in maps for name in record_map.attributes)

    def written_attributes(self) -> frozenset[str]:
        """Attributes that are read from fields that we write ourselves (the checker warns about rules on them)."""
        records = [*self.contacts.items(), *self.accounts.items()]
        return frozenset(
            name
            for object_name, record_map in records
            for name, fields in record_map.attributes.items()
            if set(fields) & set(self.outputs.get(object_name, {}).values())
        )

    def mapped_kinds(self) -> frozenset[str]:
        """Activity kinds that can come out of the activity map."""
        return frozenset(self._kinds())

    def _kinds(self) -> Iterator[str]:
        yield from (counter.kind for counters in self.counters.values() for counter in counters.values())
        for activity_map in self.activities.values():
            if activity_map.enabled:
                yield from (rule.kind for rule in activity_map.kinds)
                if activity_map.otherwise:
                    yield activity_map.otherwise


def load_field_map(text: str, *, name: str, kinds: frozenset[str] | None = None) -> FieldMap:
    """Read a field map; `kinds` is the closed list of activity kinds, when the caller knows it.

    Raises NeedsAttention(code="configuration") that names file, line (where known) and key.
    """
    try:
        content: Any = YAML(typ="safe").load(io.StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _broken(f"{name}:{line}: {error.problem or 'not YAML'}") from error
    try:
        field_map = FieldMap.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors())
        raise _broken(f"{name}: {problems}") from error
    if kinds is not None and (unknown := sorted(field_map.mapped_kinds() - kinds)):
        raise _broken(f"{name}: activities: unknown activity kind {', '.join(unknown)}")
    if strangers := sorted(field_map.counters.keys() - field_map.contacts.keys()):
        raise _broken(f"{name}: counters: {', '.join(strangers)} holds no contacts")
    if field_map.counters and field_map.crm != "hubspot":
        raise _broken(f"{name}: counters: only HubSpot keeps counters on contacts")
    for problem in _output_problems(field_map):
        raise _broken(f"{name}: outputs: {problem}")
    for problem in _formula_problems(field_map):
        raise _broken(f"{name}: formulas: {problem}")
    return field_map


def _output_problems(field_map: FieldMap) -> Iterator[str]:
    """Outputs that do not exist, and outputs of people on accounts or of companies on contacts."""
    for object_name, outputs in field_map.outputs.items():
        for name in outputs:
            output = output_of(name)
            if output is None:
                known = ", ".join(each.name for each in OUTPUTS)
                yield f"{object_name}: there is no output {name}; known: {known}, product_NAME, dimension_NAME"
            elif output.company != (object_name in field_map.accounts):
                whose = "a company, for accounts" if output.company else "a person, for contacts"
                yield f"{object_name}: {name} is an output of {whose}"


def _formula_problems(field_map: FieldMap) -> Iterator[str]:
    """Formulas that nobody computes, or of outputs that are not there."""
    for object_name, formulas in field_map.formulas.items():
        for name in formulas:
            if name != "stars" or field_map.crm != "salesforce":
                yield f"{object_name}: {name}: only stars have a formula, and only in Salesforce"
            elif name not in field_map.outputs.get(object_name, {}):
                yield f"{object_name}: {name} is not among the outputs of {object_name}"


def _broken(message: str) -> NeedsAttention:
    return NeedsAttention(message, code="configuration", next_step="correct the field map, then run: leadgrade doctor")


def _meets(value: str, option: str) -> bool:
    return value == option or (option.endswith("*") and bool(value) and value.startswith(option[:-1]))


def _fold(value: object) -> str:
    return str(value).strip().casefold() if value is not None else ""
