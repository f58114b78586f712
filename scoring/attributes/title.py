"""Seniority and function of a free-text job title, in English, French, German, Spanish and Portuguese.

Words decide, never whole titles; how the borderline cases are decided stands at `classify_title`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from scoring.attributes.lexicon import Hit, Lexicon
from scoring.attributes.place import is_country_name
from scoring.attributes.remembered import SHARED
from scoring.attributes.text import word_set
from scoring.attributes.title_functions import FUNCTION_WORDS
from scoring.attributes.title_levels import LEVEL_WORDS
from scoring.attributes.title_tokens import Word, tokenize

if TYPE_CHECKING:
    from collections.abc import Sequence

SENIORITIES: Final = ("c_level", "vp", "director", "manager", "lead", "individual", "intern", "student", "unknown")
FUNCTIONS: Final = (
    "executive", "sales", "marketing", "it", "finance", "operations", "hr", "engineering", "procurement", "legal",
    "other", "unknown",
)  # fmt: skip

_LEVELS: Final = Lexicon[str]((tag, text) for tag, text in LEVEL_WORDS.items())
_FUNCTIONS: Final = Lexicon[tuple[int, str]](
    (((tier, function), text) for tier, function, text in FUNCTION_WORDS), rank=lambda value: value[0]
)
_RANK: Final = {
    "c_level": 8,
    "vp": 7,
    "director": 6,
    "manager": 5,
    "lead": 4,
    "intern": 3,
    "student": 2,
    "individual": 1,
}
_SENIOR: Final = frozenset(("c_level", "vp", "director", "organ"))
_LEADING: Final = frozenset(("c_level", "vp", "director", "manager"))
#: After one of these words an English "assistant" is a grade, not somebody's assistant.
_GRADES: Final = word_set("""
    manager mgr director dir vp vice head supervisor superintendent general treasurer managing
""")
_OVER: Final = word_set("""
    retired retiree pensioner unemployed rentner rentnerin pensionar pensionarin ruhestand arbeitslos arbeitssuchend
    retraite retraitee jubilado jubilada desempleado desempleada aposentado aposentada desempregado desempregada
    chomage jobseeker housewife hausfrau hausmann
""")
_FORMER: Final = word_set("""
    former formerly ex ehemalig ehemaliger ehemalige ehem ancien ancienne antiguo antigua antigo antiga aspiring
    future futur seeking
""")
#: Words that say nothing about the function, so that a director with these alone runs the whole.
_NEUTRAL: Final = word_set("""
    senior sr junior jr deputy assistant associate group gruppe groupe grupo global worldwide regional regionale
    national nationale nacional international internacional area corporate executive adjoint adjointe adjunto
    adjunta stellv stellvertretender stellvertretende stv interim acting emea apac dach latam europe europa uk usa
    us eu north south east west nord sud americas america asia asien iberia benelux nordics pais pays land zone zona region company
    firm sous co bereichs niederlassungsleiter niederlassungsleiterin geschaftsstellenleiter agence agency branch
    sucursal filial delegacion general generale geral
""")
_OFFICE: Final = frozenset(("office", "buro", "buero", "bureau", "cabinet", "gabinete", "despacho"))
_TYPO_LENGTH: Final = 6
_WHOLE_WORDS: Final = frozenset(_LEVELS.vocabulary | _FUNCTIONS.vocabulary)
#: What a misspelt word may stand for. Students and interns are not among it: "interna" is no slip of "intern".
_VOCABULARY: Final = sorted(
    word
    for word in _WHOLE_WORDS
    if len(word) >= _TYPO_LENGTH
    and word.isalpha()
    and _LEVELS.word_value(word) not in {"intern", "intern_mode", "student"}
)
#: Before "partner", a practice of a firm of partners; other partners are employees.
_PRACTICES: Final = word_set("""
    tax audit law legal investment advisory consulting assurance litigation
""")


class Title(NamedTuple):
    """What a job title says: one of SENIORITIES and one of FUNCTIONS."""

    seniority: str
    function: str


class _Verdict(NamedTuple):
    level: str
    #: Words whose function does not count, because they are another person's.
    foreign: frozenset[int]


@lru_cache(maxsize=SHARED)
def classify_title(text: str) -> Title:
    """Seniority and function of a job title.

    Decisions where titles leave a choice:
    - The word decides, not the number of reports, and a title has one seniority in every language: "Project Manager",
      "Chef de projet", "Projektleiter", "Jefe de proyecto" and "Gerente de projetos" are managers, as is "Key Account
      Manager".
    - "Head of", "Leiter", "-leiter", "Directeur", "DSI", "DAF", "DRH", "Prokurist", "General Manager", "Country
      Manager" and "Chief of Staff" are directors; heads of a department, a branch or a site ("Abteilungsleiter",
      "Filialleiter", "Chef de service") managers; "Teamleiter", "Chef d'équipe", supervisors, foremen and chief
      engineers leads. "Coordinador" and "Coordenador" lead teams in their countries; "Coordinator", "Coordinatrice"
      and "Koordinator" are individuals.
    - Owners, founders, partners of a firm, "Gérant", "Vorstand", "Geschäftsführer" and members of a board are
      c_level.
    - Who assists, advises or studies keeps that level, whoever is named afterwards. "Assistant Director" is a grade:
      director.
    - "Werkstudent", trainees and apprentices are interns.
    - Executive is the function of those who run the whole; it gives way to a named one ("Geschäftsführer Vertrieb" is
      sales), except for the CEO. Product management counts as marketing, software development and R&D as engineering,
      systems, data and security as it, customer service, projects, quality and office administration as operations,
      customer success as sales.
    - Other: a known profession outside the list (assistants, consultants, teachers). Unknown: nothing recognised.
    """
    raw, joined = tokenize(text)
    if not raw or any(word.text in _OVER for word in raw):
        return Title("unknown", "unknown")
    words = [word._replace(text=_known_form(word.text)) for word in raw]
    hits = _level_hits(words)
    verdicts = _verdicts(words, hits, joined)
    level = max((verdict.level for verdict in verdicts), key=lambda name: _RANK.get(name, 0), default="unknown")
    foreign = frozenset().union(*(verdict.foreign for verdict in verdicts))
    aided = any(hit.value == "aide" for hit in hits)
    return Title(level, _function(words, hits, level, foreign, aided=aided))


def _level_hits(words: Sequence[Word]) -> list[Hit[str]]:
    hits: list[Hit[str]] = []
    for number in range(words[-1].segment + 1):
        places = [at for at, word in enumerate(words) if word.segment == number]
        if not places:
            continue
        first, texts = places[0], [words[at].text for at in places]
        found = [Hit(hit.start + first, hit.end + first, hit.value) for hit in _LEVELS.find(texts)]
        hits += _special(words, found, first, first + len(places))
    return hits


def _special(words: Sequence[Word], found: list[Hit[str]], first: int, last: int) -> list[Hit[str]]:
    """Words whose level depends on their neighbours: chief, partner."""
    by_start = {hit.start: hit for hit in found}
    at = first
    hits: list[Hit[str]] = []
    while at < last:
        text, hit = words[at].text, by_start.get(at)
        if text == "chief" and (hit is None or hit.end == at + 1):
            hit = _chief(words, by_start, at, first, last)
        elif text == "partner" and hit is None and at == last - 1:
            before = {words[place].text for place in range(first, at)}
            hit = Hit(at, at + 1, "c_level" if before <= _PRACTICES | _NEUTRAL else "individual")
        if hit is not None and hit.value != "nothing":
            hits.append(hit)
        at = hit.end if hit is not None else at + 1
    return hits


def _chief(words: Sequence[Word], by_start: dict[int, Hit[str]], at: int, first: int, last: int) -> Hit[str]:
    for end in range(at + 1, min(at + 6, last)):
        if words[end].text in {"officer", "officers"}:
            return Hit(at, end + 1, "c_level")
    following = by_start.get(at + 1)
    if following is not None and following.value == "individual":
        return Hit(at, following.end, "lead")
    return Hit(at, at + 1, "manager" if at == last - 1 and at > first else "c_level")


def _verdicts(words: Sequence[Word], hits: Sequence[Hit[str]], joined: frozenset[int]) -> list[_Verdict]:
    verdicts: list[_Verdict] = []
    serving = False
    for number in range(words[-1].segment + 1):
        own = [hit for hit in hits if words[hit.start].segment == number]
        span = [at for at, word in enumerate(words) if word.segment == number]
        if not span:
            continue
        if words[span[0]].text in _FORMER:
            verdicts.append(_Verdict("unknown", frozenset(span)))
            continue
        if serving and number in joined and all(hit.value in _SENIOR for hit in own):
            verdicts.append(_Verdict("unknown", frozenset(span)))
            continue
        verdict = _verdict(words, own, span)
        serving = bool(verdict.foreign)
        verdicts.append(verdict)
    return verdicts


def _verdict(words: Sequence[Word], hits: list[Hit[str]], span: Sequence[int]) -> _Verdict:
    nothing: frozenset[int] = frozenset()
    if any(hit.value == "intern" for hit in hits):
        return _Verdict("intern", nothing)
    leading = any(hit.value in _LEADING and not words[hit.start].linked for hit in hits)
    for hit in hits:
        if hit.value == "intern_mode" and (not leading or hit.start == span[0] or words[hit.start].within):
            return _Verdict("intern", nothing)
        if hit.value == "student" and not leading:
            following = next((other for other in hits if other.start == hit.end), None)
            if following is None or following.value in {"aide", "student"} or words[following.start].linked:
                return _Verdict("student", nothing)
    aides = [hit for hit in hits if hit.value == "aide" and not _is_grade(words, hit, span)]
    if aides and not words[aides[0].start].linked:
        return _Verdict("individual", _foreign(words, hits, span, aides[0]))
    return _Verdict(
        _highest(words, [hit for hit in hits if hit.value not in {"aide", "intern_mode", "student"}], span), nothing
    )


def _is_grade(words: Sequence[Word], hit: Hit[str], span: Sequence[int]) -> bool:
    """Whether an English "assistant" qualifies a later title ("Assistant Store Manager") instead of serving somebody."""
    if words[hit.start].text not in {"assistant", "asst"}:
        return False
    after = takewhile(lambda at: not words[at].linked, range(hit.end, span[-1] + 1))
    return any(words[at].text in _GRADES for at in after)


def _foreign(words: Sequence[Word], hits: Sequence[Hit[str]], span: Sequence[int], aide: Hit[str]) -> frozenset[int]:
    """The words that name whom an assistant works for."""
    served = [hit for hit in hits if hit.value in _SENIOR]
    if not served:
        return frozenset()
    link = next((at for at in span if at >= aide.end and words[at].linked), None)
    if link is not None and any(hit.start >= link for hit in served):
        return frozenset(at for at in span if at >= link)
    return frozenset(at for hit in served for at in range(hit.start, hit.end) if hit.value in {"c_level", "organ"})


def _highest(words: Sequence[Word], hits: Sequence[Hit[str]], span: Sequence[int]) -> str:
    heads = [hit for hit in hits if not words[hit.start].linked and hit.value not in {"organ", "person"}]
    bodies = [hit for hit in hits if hit.value == "organ"]
    if heads:
        return max((hit.value for hit in heads), key=_RANK.__getitem__)
    if words[span[0]].text in _OFFICE:
        return "unknown"
    if bodies:
        return "c_level"
    linked = [hit.value for hit in hits if hit.value not in {"organ", "person"}]
    if linked:
        return max(linked, key=_RANK.__getitem__)
    return "individual" if hits else "unknown"


def _function(
    words: Sequence[Word], levels: Sequence[Hit[str]], level: str, foreign: frozenset[int], *, aided: bool
) -> str:
    own = {
        at
        for hit in levels
        if hit.value in {"c_level", "organ"} and words[hit.start].text != "chief"
        for at in range(hit.start, hit.end)
    }
    best: tuple[int, str] | None = None
    for hit in _FUNCTIONS.find([word.text for word in words]):
        tier, _ = hit.value
        if hit.start in foreign or (tier < 2 and own.issuperset(range(hit.start, hit.end))):
            continue
        if tier >= 0 and (best is None or tier > best[0]):
            best = hit.value
    if best is not None and (best[0] > 0 or level != "c_level"):
        return best[1]
    if level == "c_level":
        return "executive"
    if aided and level == "individual":
        return "other"
    if level in {"vp", "director"} and _runs_the_whole(words, levels):
        return "executive"
    return "unknown"


def _runs_the_whole(words: Sequence[Word], levels: Sequence[Hit[str]]) -> bool:
    covered = {at for hit in levels for at in range(hit.start, hit.end)}
    return all(
        at in covered or word.text in _NEUTRAL or word.text.isdigit() or is_country_name(word.text)
        for at, word in enumerate(words)
    )


@lru_cache(maxsize=SHARED)
def _known_form(word: str) -> str:
    """The word as the lists spell it: with German ae, oe, ue as a, o, u, without a feminine ending, or with one slip
    of the typist mended.
    """
    if word in _WHOLE_WORDS:
        return word
    feminine = word.removesuffix("innen").removesuffix("in")
    if feminine in _WHOLE_WORDS and len(feminine) >= _TYPO_LENGTH:
        return feminine
    if len(feminine) >= _TYPO_LENGTH and _LEVELS.word_value(word) is None and _LEVELS.word_value(feminine) is not None:
        return feminine
    if _is_known(word):
        return word
    plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    for form in (plain, feminine, word.removeprefix("co")):
        if form != word and len(form) >= _TYPO_LENGTH and _is_known(form):
            return form
    if len(word) < _TYPO_LENGTH or word in _NEUTRAL or word in _FORMER or not word.isascii() or is_country_name(word):
        return word
    near = process.extractOne(word, _VOCABULARY, scorer=OSA.distance, score_cutoff=1)
    return str(near[0]) if near is not None and near[0][0] == word[0] else word


def _is_known(word: str) -> bool:
    return _LEVELS.word_value(word) is not None or _FUNCTIONS.word_value(word) is not None
