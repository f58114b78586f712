"""A model's parts in words: conditions, what activity rules look for, how amounts fade."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from scoring.model_conditions import All, AnyOf, DaysBefore, Happened, Not, Operator
from scoring.model_dimensions import DecayKind
from scoring.vocabulary import SCALE

if TYPE_CHECKING:
    from scoring.model import Companies, Machines
    from scoring.model_conditions import ActivityMatch, AttributeTest, Comparison, Condition, Operand
    from scoring.model_dimensions import ActivityRule, Decay, Inactivity

_SIGNS: Final = {Operator.GT: ">", Operator.GTE: ">=", Operator.LT: "<", Operator.LTE: "<="}
_VERBS: Final = {
    Operator.CONTAINS: "contains",
    Operator.STARTS_WITH: "starts with",
    Operator.ENDS_WITH: "ends with",
    Operator.MATCHES: "matches",
}


def points(amount: int | None) -> Decimal | None:
    """Thousandths as points, without needless zeros."""
    if amount is None:
        return None
    value = Decimal(amount) / SCALE
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def condition(node: Condition | None, *, inside: bool = False) -> str:
    """A condition as a sentence; `inside` another one it gets brackets where they are needed."""
    match node:
        case None:
            return ""
        case All(parts=parts) | AnyOf(parts=parts):
            word = " and " if isinstance(node, All) else " or "
            text = word.join(condition(part, inside=True) for part in parts)
            return f"({text})" if inside and len(parts) > 1 else text
        case Not(part=part):
            return f"not ({condition(part)})"
        case Happened():
            return _happened(node)
        case _:
            return _test(node)


def activities(match: ActivityMatch) -> str:
    """Which activities are meant."""
    where = f" where {condition(match.where)}" if match.where is not None else ""
    return " or ".join(match.kinds) + where


def decay(form: Decay) -> str:
    """How an amount shrinks."""
    match form.kind:
        case DecayKind.HALF_LIFE:
            return f"halves every {days(form.days)}"
        case DecayKind.LINEAR:
            return f"fades over {days(form.days)}"
        case DecayKind.EXPIRY:
            return f"ends after {days(form.days)}"
        case DecayKind.NONE:
            return "stays"


def bounds(rule: ActivityRule) -> str:
    """Limit and cap of an activity rule."""
    pieces = []
    if rule.limit is not None:
        per = f" per {days(rule.limit.per_days)}" if rule.limit.per_days else ""
        pieces.append(f"{rule.limit.count}{per}")
    if rule.cap is not None:
        pieces.append(f"cap {points(rule.cap)}")
    return ", ".join(pieces)


def inactivity(rule: Inactivity) -> str:
    """What silence costs."""
    amount = f"{points(rule.points)} points" if rule.percent is None else f"{points(rule.percent)} percent less"
    every = f", again every {days(rule.every_days)}" if rule.every_days else ""
    cap = f", at most {points(rule.cap)}" if rule.cap is not None else ""
    return f"{amount} after {days(rule.after_days)}{every}{cap}"


def machines(rule: Machines) -> str:
    """Which clicks are no person's; empty when none are sought."""
    pieces = []
    if rule.click_after_send_us is not None:
        pieces.append(f"clicks within {_length(rule.click_after_send_us)} of the sending")
    if rule.burst is not None:
        pieces.append(f"clicks on {rule.burst.links} links of a mail within {_length(rule.burst.within_us)}")
    return ", ".join(pieces)


def companies(roll_up: Companies) -> str:
    """How a company's score is made of its people's."""
    pieces = [roll_up.roll_up.value + (f" {roll_up.n}" if roll_up.n else "")]
    pieces += [f"cap {points(roll_up.cap)}"] if roll_up.cap is not None else []
    if roll_up.weights is not None:
        weights = ", ".join(f"{each.value} {points(each.weight)}" for each in roll_up.weights.weights)
        pieces.append(f"weights by {roll_up.weights.attribute}: {weights}")
    return ", ".join(pieces)


def days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _length(microseconds: int) -> str:
    seconds = microseconds // 1_000_000
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _happened(node: Happened) -> str:
    times = f"at least {node.at_least} times " if node.at_least > 1 else ""
    within = f" within {days(node.within_days)}" if node.within_days is not None else ""
    return f"{times}{activities(node.activities)}{within}"


def _test(test: AttributeTest) -> str:
    name = test.written or test.attribute
    text = " and ".join(f"{name} {_comparison(each)}" for each in test.comparisons)
    return f"{text} (case counts)" if test.case else text


def _comparison(each: Comparison) -> str:
    values = [_operand(value) for value in each.values]
    match each.operator:
        case Operator.IN:
            return f"is {values[0]}" if len(values) == 1 else f"is one of {', '.join(values)}"
        case Operator.IN_LIST:
            return f"is in the list {each.list_name}"
        case Operator.BETWEEN:
            return f"is from {values[0]} to {values[1]}"
        case Operator.PRESENT:
            return "is known" if each.values[0] else "is missing"
        case Operator.BEFORE | Operator.AFTER:
            return _moment(each, values[0])
        case Operator.GT | Operator.GTE | Operator.LT | Operator.LTE:
            return f"{_SIGNS[each.operator]} {values[0]}"
        case _:
            return f"{_VERBS[each.operator]} {values[0]}"


def _moment(each: Comparison, value: str) -> str:
    before = each.operator is Operator.BEFORE
    if isinstance(each.values[0], DaysBefore):
        return f"is at least {value} ago" if before else f"is less than {value} ago"
    return f"is before {value}" if before else f"is after {value}"


def _operand(value: Operand) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, DaysBefore):
        return days(value.days)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        return value if value.replace("_", "").replace("-", "").isalnum() else repr(value)
    return value.isoformat()
