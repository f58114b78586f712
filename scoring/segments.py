"""Several models by segment: a person is scored by the model of the first entry whose condition holds. Pure, person by person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.compile import CompiledModel, compile_model
from scoring.conditions import attributes_of, happenings_of
from scoring.grades import attention_code
from scoring.model import Machines, Model, Reason
from scoring.model_conditions import All, AttributeTest, Comparison, Operator
from scoring.model_digest import digest
from scoring.sheet import fill_sheet
from scoring.vocabulary import ENRICHED_PREFIX, AttributeType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from scoring.model_conditions import Condition

#: Value of `model` of people for whom no entry holds.
NO_MODEL: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One entry: a model, and who is scored by it."""

    model: Model
    #: Absent: it holds for everybody.
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What of an entry counts for the version."""

    version: str
    when: Condition | None


class StandaloneCondition:
    """A condition on people outside of any model file, seen as a model would see it: its types, lists, horizon, machines."""

    def __init__(self, condition: Condition, model: Model) -> None:
        names = {each.name for each in attributes_of(condition)}
        #: The columns of people that are read.
        self.person_columns: Final = frozenset({"person_id"} | names | {ENRICHED_PREFIX + name for name in names})
        self.model: Final = model
        # NOTE: attention is what the engine evaluates for everybody, in scope or not, with unknown as false.
        self.compiled: Final = compile_model(
            Model(
                name=model.name,
                time_zone=model.time_zone,
                horizon_days=model.horizon_days,
                attributes=model.attributes,
                lists=model.lists,
                machines=model.machines if happenings_of(condition) else Machines(),
                attention=(Reason(code="holds", reason="", when=condition),),
            )
        )

    def holds(
        self,
        people: pl.DataFrame | pl.LazyFrame,
        activities: pl.DataFrame | pl.LazyFrame,
        *,
        day: date,
        assets: pl.DataFrame | pl.LazyFrame | None = None,
    ) -> pl.DataFrame:
        """Tell for whom the condition holds on a day; unknown is false.

        The frames are described in scoring.frames; of the people `person_columns` are read, of the activities
        `compiled.activity_columns`.

        Returns:
            `person_id, holds`, in the order of the people.

        Raises:
            FrameError: a frame lacks a column, or a column has a type that does not suit its attribute.
        """
        if not self.compiled.happenings:
            activities, assets = activities.head(0), None
        sheet = fill_sheet(self.compiled, people, activities, day=day, assets=assets)
        return sheet.frame.select("person_id", attention_code(self.compiled).is_not_null().alias("holds"))


class Segments:
    """The entries in their order, made ready; the place of whoever no entry holds for is behind the last one."""

    def __init__(self, entries: Sequence[Segment]) -> None:
        self.entries: Final = tuple(entries)
        nobody = Model(name=NO_MODEL, time_zone=entries[0].model.time_zone, scope=_NEVER)
        ready: dict[str, CompiledModel] = {}
        #: The model of each entry, then the one under which everybody is out of scope.
        self.models: Final[tuple[CompiledModel, ...]] = tuple(
            ready.setdefault(model.version, compile_model(model))
            for model in (*(each.model for each in self.entries), nobody)
        )
        self._conditions: Final = tuple(
            None if each.when is None else StandaloneCondition(each.when, each.model) for each in self.entries
        )

    @cached_property
    def version(self) -> str:
        """The version of the model when there is but one for everybody; else a digest of models and conditions in order."""
        if len(self.entries) == 1 and self.entries[0].when is None:
            return self.entries[0].model.version
        return digest(tuple(_Content(version=each.model.version, when=each.when) for each in self.entries))

    @cached_property
    def name(self) -> str:
        """Names of the models, each once, in order."""
        return ", ".join(dict.fromkeys(each.model.name for each in self.entries))

    @cached_property
    def by_version(self) -> dict[str, CompiledModel]:
        """Each model by its version, which a person's score carries."""
        return {each.model.version: each for each in self.models}

    @property
    def for_everybody(self) -> CompiledModel | None:
        """The model of the first entry when that has no condition: nobody needs to be told apart."""
        return self.models[0] if self._conditions[0] is None else None

    @cached_property
    def companies(self) -> Model | None:
        """The first model with a section `companies`: it rolls up the people of all models."""
        return next((each.model for each in self.entries if each.model.companies is not None), None)

    @cached_property
    def activity_columns(self) -> frozenset[str]:
        """Columns of activities that models and conditions read, as CompiledModel.activity_columns."""
        conditions = (each.compiled for each in self._conditions if each is not None)
        return frozenset().union(*(each.activity_columns for each in (*self.models, *conditions)))

    def places(
        self,
        people: Callable[[Model, frozenset[str]], pl.DataFrame],
        activities: pl.DataFrame,
        *,
        day: date,
        assets: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """Tell which entry each person belongs to on a day.

        Args:
            people: Some columns of the people, typed as a model declares them. Asked for every condition; always the same
                people in the same order.
            activities: As for `score`.
            day: The day.
            assets: As for `score`.

        Returns:
            `person_id, place`: from 0, the number of entries for those of nobody; in the order of the people.
        """
        first = pl.lit(len(self.entries), dtype=pl.Int64)
        told: list[pl.Series] = []
        ids = pl.DataFrame()
        for condition in self._conditions:
            if condition is None:
                break
            held = condition.holds(
                people(condition.model, condition.person_columns), activities, day=day, assets=assets
            )
            ids = held.select("person_id")
            told.append(held["holds"].alias(str(len(told))))
        if not told:
            ids = people(self.models[0].model, frozenset({"person_id"}))
        if len(told) < len(self.entries):
            first = pl.lit(len(told), dtype=pl.Int64)
        for column in reversed(told):
            first = pl.when(column.name).then(pl.lit(int(column.name), dtype=pl.Int64)).otherwise(first)
        return ids.with_columns(told).select("person_id", first.alias("place"))


_ABSENT: Final = Comparison(operator=Operator.PRESENT, values=(False,))
_PRESENT: Final = Comparison(operator=Operator.PRESENT, values=(True,))
#: An attribute that is there and is not.
_NEVER: Final = All(
    parts=tuple(
        AttributeTest(attribute="status", type=AttributeType.TEXT, comparisons=(each,)) for each in (_PRESENT, _ABSENT)
    )
)
