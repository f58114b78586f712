"""An independent evaluator: plain Python, row by row, written from scoring.md. It shares no code with the engine."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from tests.slow_conditions import Sight, clean, duration, effective, in_days, local, named_attributes

INBOUND = {"page_view", "email_clicked", "download", "demo_attended"}


def half_away(value):
    value = Fraction(value)
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def milli(number):
    return half_away(Fraction(str(number)) * 1000)


def clamp(amount, section, floor=None, cap=None):
    floor, cap = section.get("floor", floor), section.get("cap", cap)
    if floor is not None:
        amount = max(amount, milli(floor))
    return amount if cap is None else min(amount, milli(cap))


def decayed(points, decay, age):
    if not decay:
        return points
    ((kind, words),) = decay.items()
    days = in_days(words)
    if kind == "expiry":
        return points if age < days else 0
    if kind == "linear":
        return half_away(points * max(Fraction(0), 1 - Fraction(age, days)))
    if age % days == 0:
        return half_away(Fraction(points, 2 ** (age // days)))
    with localcontext() as context:
        context.prec = 80
        return half_away(Fraction(points * Decimal(2) ** (Decimal(-age) / Decimal(days))))


class Slow:
    """One model on one day."""

    def __init__(self, model, day):
        self.model, self.day = model, day
        self.zone = model.get("time_zone", "UTC")
        self.horizon = in_days(model.get("horizon", "730 days"))
        self.trend = model.get("trend", {"days": 30})["days"]

    # -- activities -----------------------------------------------------------------------------------------------

    def existing(self, rows, day):
        found = []
        for row in rows:
            age = (day - local(row["at"], self.zone)).days
            if 0 <= age < self.horizon:
                found.append({**row, "age": age, "n": row.get("count") or 1})
        dropped = [row for row in found if row.get("machine") or self.is_machine(row, found)]
        return [row for row in found if row not in dropped or not any(row is each for each in dropped)], dropped

    def is_machine(self, row, rows):
        machines = self.model.get("machines", {})
        message = clean(row.get("message_id"))
        if row["kind"] != "email_clicked" or message is None:
            return False
        message = row["message_id"]
        same = [other for other in rows if other.get("message_id") == message]
        if "click_after_send" in machines:
            sends = [send for send in same if send["kind"] in ("email_sent", "email_delivered")]
            longest = duration(machines["click_after_send"])
            if any(timedelta() <= row["at"] - send["at"] <= longest for send in sends):
                return True
        if "burst" not in machines:
            return False
        within = duration(machines["burst"]["within"])
        clicks = [other for other in same if other["kind"] == "email_clicked"]
        for start in {other["at"] for other in clicks}:
            inside = [other for other in clicks if start <= other["at"] <= start + within]
            links = {other["link"] for other in inside if clean(other.get("link")) is not None}
            if start <= row["at"] <= start + within and len(links) >= machines["burst"]["links"]:
                return True
        return False

    def matches(self, rule, row, day):
        kinds = rule["on"] if isinstance(rule["on"], list) else [rule["on"]]
        if row["kind"] not in kinds:
            return False
        if "where" not in rule:
            return True

        def cell(name):
            return row["n"] if name == "count" else row.get(name)

        return Sight(cell, day, self.zone, self.model.get("lists", {})).truth(rule["where"]) is True

    def kept(self, rule, rows, day):
        """Pairs of a row and how much of its count is kept."""
        matching = sorted(
            (row for row in rows if self.matches(rule, row, day)), key=lambda row: (row["at"], row["n"]), reverse=True
        )
        limit = rule.get("limit")
        used = {}
        for row in matching:
            count = row["n"]
            if limit:
                block = None
                if "per" in limit:
                    block = local(row["at"], self.zone).toordinal() - EPOCH
                    block //= in_days(limit["per"])
                count = min(count, limit["count"] - used.get(block, 0))
                used[block] = used.get(block, 0) + count
            if count > 0:
                yield row, count

    def keep(self, person, row):
        recycled = effective(person, "recycled_at")[0]
        if recycled is None or row["at"] >= recycled:
            return 1000
        return milli(effective(person, "recycle_keep")[0] or 0)

    def rule_amount(self, rule, dimension, rows, day, person, *, plain=False):
        total = 0
        for row, count in self.kept(rule, rows, day):
            decay = None if plain else rule.get("decay", dimension.get("decay"))
            amount = decayed(milli(rule["points"]), decay, row["age"]) * count
            keep = self.keep(person, row)
            total += amount if keep == 1000 else half_away(Fraction(amount * keep, 1000))
        return total

    def activity_dimension(self, dimension, rows, day, person, *, only=None, inactivity=True):
        groups, total = {}, 0
        for rule in dimension["rules"]:
            if only is not None and only not in rule.get("products", []):
                continue
            amount = self.rule_amount(rule, dimension, rows, day, person)
            if "cap" in rule:
                amount = min(amount, milli(rule["cap"])) if rule["points"] > 0 else max(amount, milli(rule["cap"]))
            if "group" in rule:
                groups[rule["group"]] = groups.get(rule["group"], 0) + amount
            else:
                total += amount
        total += sum(min(amount, milli(dimension["group_caps"][name])) for name, amount in groups.items())
        if inactivity and "inactivity" in dimension:
            total += self.inactivity(dimension["inactivity"], total, rows, day, person)
        return self.weigh(dimension, total)

    def weigh(self, dimension, total):
        return half_away(Fraction(clamp(total, dimension) * milli(dimension.get("weight", 1)), 1000))

    def inactivity(self, section, total, rows, day, person):
        gaps = [row["age"] for row in rows if row["kind"] in INBOUND]
        last = effective(person, "last_activity_on")[0]
        if last is not None:
            gaps.append((day - last).days)
        if not gaps or min(gaps) < in_days(section["after"]):
            return 0
        n = 1
        if "every" in section:
            n += (min(gaps) - in_days(section["after"])) // in_days(section["every"])
        if "percent" in section:
            if total <= 0:
                return 0
            factor = half_away(((100 - Fraction(str(section["percent"]))) / 100) ** n * 10**6)
            amount = half_away(Fraction(total * factor, 10**6)) - total
        else:
            amount = n * milli(section["points"])
        return max(amount, milli(section["cap"])) if "cap" in section else amount

    # -- people ---------------------------------------------------------------------------------------------------

    def sight(self, person, rows, day):
        def happened(test):
            within = in_days(test["within"]) if "within" in test else self.horizon
            number = sum(row["n"] for row in rows if row["age"] < within and self.matches(test, row, day))
            return number >= test.get("at_least", 1)

        return Sight(
            lambda name: effective(person, name)[0], self.day, self.zone, self.model.get("lists", {}), happened
        )

    def attribute_dimension(self, dimension, person, sight):
        fired = []
        for group in dimension.get("groups", {}).values():
            fired += [rule for rule in group if sight.truth(rule["when"]) is True][:1]
        fired += [rule for rule in dimension.get("rules", []) if sight.truth(rule["when"]) is True]
        total = 0
        for rule in fired:
            amount = milli(rule["points"])
            rests = any(effective(person, name)[1] for name in named_attributes(rule["when"]))
            if rests and self.model.get("enrichment", {}).get("discount"):
                amount = half_away(Fraction(amount * self.confidence(person, 1000), 1000))
            total += amount
        return self.weigh(dimension, total)

    def confidence(self, person, absent):
        given = effective(person, "enrichment_confidence")[0]
        return absent if given is None else milli(given)

    def quality(self, person, sight):
        section = self.model.get("quality", {})
        total = sum(milli(rule["points"]) for rule in section.get("rules", []) if sight.truth(rule["when"]) is True)
        if "completeness" in section:
            share = self.completeness(person)
            below = section["completeness"].get("below")
            if below and share * 100 < Fraction(str(below["percent"])):
                total += milli(below["points"])
            if "linear" in section["completeness"]:
                total += half_away(milli(section["completeness"]["linear"]) * (1 - share))
        return max(total, milli(section["cap"])) if "cap" in section else total

    def completeness(self, person):
        fields = self.model["quality"]["completeness"]["fields"]
        return Fraction(sum(clean(person.get(name)) is not None for name in fields), len(fields))

    def enrichment(self, person):
        section = self.model.get("enrichment", {})
        total = 0
        status, at = effective(person, "enrichment_status")[0], effective(person, "enriched_at")[0]
        if status is not None and status.casefold() == "unmatched":
            total += milli(section.get("unmatched", 0))
        if "stale" in section and at is not None and max(0, (self.day - at).days) >= in_days(section["stale"]["after"]):
            total += milli(section["stale"]["points"])
        low = section.get("low_confidence")
        if low and self.confidence(person, 10**9) < milli(low["below"]):
            total += milli(low["points"])
        if "conflicts" in section:
            total += milli(section["conflicts"]["points"]) * sum(
                conflict(person, n) for n in section["conflicts"]["fields"]
            )
        return max(total, milli(section["cap"])) if "cap" in section else total

    def dimensions(self):
        for name in ("fit", "engagement"):
            if name in self.model:
                yield name, "attributes" if name == "fit" else "activities", self.model[name]
        for name, dimension in self.model.get("dimensions", {}).items():
            yield name, dimension["kind"], dimension

    def step8(self, person, rows, day):
        sight = self.sight(person, rows, day)
        found = {}
        for name, kind, dimension in self.dimensions():
            if kind == "attributes":
                found[name] = self.attribute_dimension(dimension, person, sight)
            else:
                found[name] = self.activity_dimension(dimension, rows, day, person)
        found["quality"], found["enrichment"] = self.quality(person, sight), self.enrichment(person)
        total = clamp(sum(found.values()), self.model.get("total", {}), 0, 100)
        for gate in self.model.get("gates", []):
            if sight.truth(gate["unless"]) is not True:
                total = min(total, milli(gate["cap"]))
        return found, half_away(Fraction(total, 1000)), sight

    # -- the row --------------------------------------------------------------------------------------------------

    def score(self, person, rows):
        model, earlier = self.model, self.day - timedelta(days=self.trend)
        now, dropped = self.existing(rows, self.day)
        then, _ = self.existing(rows, earlier)
        found, total, sight = self.step8(person, now, self.day)
        if "scope" in model and sight.truth(model["scope"]) is False:
            return {"in_scope": False}
        codes = [each["code"] for each in model.get("disqualify", []) if sight.truth(each["when"]) is True]
        out_of = {"total": 0, "grade": "D4", **model.get("on_disqualify", {})}
        final, overridden = (out_of["total"], False) if codes else self.overridden(person, total)
        grade = self.grade(found) if "grade" in model else None
        grade = out_of["grade"] if grade and codes else grade
        created = effective(person, "created_at")[0]
        out = {
            "in_scope": True,
            "total": final,
            "quality": half_away(Fraction(found["quality"], 1000)),
            "enrichment": half_away(Fraction(found["enrichment"], 1000)),
            "completeness": half_away(self.completeness(person) * 100)
            if "completeness" in model.get("quality", {})
            else None,
            "grade": grade,
            "rating": "disqualified" if codes else self.rating(grade, final),
            "stars": 0 if codes else self.stars(final),
            "qualified": not codes and self.qualified(person, grade, final),
            "disqualified": bool(codes),
            "disqualify_code": codes[0] if codes else None,
            "disqualify_codes": codes,
            "machines_dropped": sum(row["n"] for row in dropped),
            "overridden": overridden,
            "trend": None
            if created is not None and created > earlier
            else total - self.step8(person, then, earlier)[1],
            "attention_code": next(
                (a["code"] for a in model.get("attention", []) if sight.truth(a["when"]) is True), None
            ),
            **self.of_engagement(person, now),
            **self.products(person, now, found, out_of["total"] if codes else None),
        }
        for name, _, _ in self.dimensions():
            out[name if name in ("fit", "engagement") else f"dimension_{name}"] = half_away(Fraction(found[name], 1000))
        return out

    def overridden(self, person, total):
        override, until = effective(person, "score_override")[0], effective(person, "score_override_until")[0]
        if override is None or (until is not None and until < self.day):
            return total, False
        return clamp(half_away(override) * 1000, self.model.get("total", {}), 0, 100) // 1000, True

    def grade(self, found):
        section, cells = self.model["grade"], ""
        for axis, names in (("letter", "ABCD"), ("number", "1234")):
            amount = found[section[axis]["from"]]
            cells += next((name for name in names[:3] if amount >= milli(section[axis][name])), names[3])
        return cells

    def rating(self, grade, final):
        rating = self.model["rating"]
        if rating["by"] == "grade":
            return "hot" if grade in rating["hot"] else "warm" if grade in rating["warm"] else "cold"
        return "hot" if final >= rating["hot"] else "warm" if final >= rating["warm"] else "cold"

    def stars(self, final):
        section = self.model.get("total", {})
        floor, cap = section.get("floor", 0), section.get("cap", 100)
        return min(5, 1 + 5 * (final - floor) // (cap - floor))

    def qualified(self, person, grade, final):
        rule = self.model["qualified"]
        kept = effective(person, "was_qualified")[0] is True and final >= rule["keep_until"]
        return final >= rule["total"] or kept or grade in rule.get("grades", [])

    def of_engagement(self, person, now):
        engagement = self.model["engagement"]
        days = self.model.get("recent", {"days": 90})["days"]
        recent = [row for row in now if row["age"] < days]
        amounts = [
            (rule, self.rule_amount(rule, engagement, now, self.day, person, plain=True))
            for rule in engagement["rules"]
            if rule["points"] > 0
        ]
        everything = sum(amount for _, amount in amounts)
        active = sum(amount for rule, amount in amounts if rule.get("intent") == "active")
        return {
            "recent": half_away(
                Fraction(self.activity_dimension(engagement, recent, self.day, person, inactivity=False), 1000)
            ),
            "active_share": half_away(Fraction(100 * active, everything)) if everything else None,
        }

    def products(self, person, now, found, instead):
        out = {}
        for name, product in self.model.get("products", {}).items():
            amount = self.activity_dimension(
                self.model["engagement"], now, self.day, person, only=name, inactivity=False
            )
            amount += found["fit"] if product.get("include_fit") else 0
            amount = clamp(amount, {"floor": 0, **({"cap": product["cap"]} if "cap" in product else {})})
            out[f"product_{name}"] = half_away(Fraction(amount, 1000)) if instead is None else instead
        return out


EPOCH = 719163


def conflict(person, name):
    own, other = clean(person.get(name)), clean(person.get(f"enriched_{name}"))
    if own is None or other is None:
        return False
    if name == "country":
        codes = person.get("country_code"), person.get("enriched_country_code")
        return None not in codes and codes[0] != codes[1]
    if isinstance(own, str):
        return own.casefold() != other.casefold()
    if isinstance(own, list):
        return {each.casefold() for each in own} != {each.casefold() for each in other}
    if isinstance(own, int | float):
        sign = (own > 0) - (own < 0) != (other > 0) - (other < 0)
        return sign or max(abs(own), abs(other)) > 2 * min(abs(own), abs(other))
    return own != other
