"""What a reading is worth: each fact read compared with what a person read in the same document.

The hand-read facts are one JSON object a document, in the format of ``index.json`` (``docs/reading-quality.md``). The
comparison forgives what carries no fact (articles, civilities, accents, case, spacing) and never a digit.
A value called ``found`` that is not true is *wrong*, whether the document states another value or none at all.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import chain, repeat
from operator import attrgetter, eq
from typing import Any

from domain.convention import fold
from domain.deliberation import Act, Award, Outcome
from domain.facts import Fact, FactStatus

Truth = dict[str, Any]
"""The hand-read facts of one act."""

CRITICAL = ("number", "session_date", "outcome", "amount", "beneficiary", "signing_authority")
"""What a convention cannot survive: one wrong value there and the reader fails."""
ENOUGH = 0.9
"""Share of the stated facts that must be found."""


class Kind(StrEnum):
    RIGHT = "right"
    MISSING = "missing"
    """Stated in the document, and not called found."""
    WRONG = "wrong"
    SILENT = "silent"
    """Not stated, and rightly not called found."""


@dataclass(frozen=True)
class Verdict:
    """One fact of one act, judged."""

    field: str
    kind: Kind
    status: FactStatus = FactStatus.MISSING
    value: object = None
    expected: object = None
    file: str = ""


def judge(acts: Sequence[Act], truth: Truth) -> list[Verdict]:
    """Every fact of one document. ``acts`` is empty when the document was refused.

    A ``truth`` with ``acts`` holds the facts of each act, completed by those of the document; a ``truth`` with
    ``refused`` is of a document that is no deliberation and must be turned away.
    """
    verdicts = list(_refusal(acts, truth) if truth.get("refused") else _document(acts, truth))
    return [replace(verdict, file=truth["file"]) for verdict in verdicts]


def _refusal(acts: Sequence[Act], truth: Truth) -> Iterator[Verdict]:
    kind = Kind.WRONG if acts else Kind.RIGHT
    yield Verdict("refused", kind, value=[act.title.value for act in acts], expected=truth["refused"])


def _document(acts: Sequence[Act], truth: Truth) -> Iterator[Verdict]:
    common = {key: value for key, value in truth.items() if key != "acts"}
    several = [common | act for act in truth.get("acts", ())]
    left = list(acts)
    for one in several or [common]:
        read = max(left, key=lambda act, one=one: _likeness(act, one), default=None)  # type: ignore[misc]
        if read is None or (several and _likeness(read, one) <= 0):
            yield from _act(Act(), one)
            continue
        left.remove(read)
        # A file of which one act alone was read by hand: its awards may lie in any of the acts.
        pooled = [award for act in acts for award in act.awards]
        yield from _act(read if several else read.model_copy(update={"awards": tuple(pooled)}), one)
    if several or "multi" not in (truth.get("document_kind") or ""):
        for act in left:
            if act.number.usable is not None or any(award.amount.usable for award in act.awards if several):
                yield Verdict("acts", Kind.WRONG, FactStatus.FOUND, act.number.value or act.title.value, None)


def _likeness(act: Act, truth: Truth) -> int:
    """How much an act read looks like one read by hand."""
    weights = {"number": 9, "title": 5, "beneficiary": 3, "amount": 3}
    verdicts = [v for v in _act(act, truth) if v.kind is Kind.RIGHT and v.field in (*weights, "for", "against")]
    return sum(weights.get(verdict.field, 1) for verdict in verdicts)


def found_share(verdicts: Iterable[Verdict]) -> float:
    """Facts found and right, out of those that the documents state."""
    kinds = Counter(verdict.kind for verdict in verdicts)
    # A wrong value where nothing is stated is no stated fact: it is counted as wrong, and not here.
    stated = kinds[Kind.RIGHT] + kinds[Kind.MISSING]
    return kinds[Kind.RIGHT] / stated if stated else 1.0


def wrongs(verdicts: Iterable[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.kind is Kind.WRONG]


# What is the same -----------------------------------------------------------------------------------------------------


_NO_FACT = re.compile(
    r"^(?:(?:monsieur|madame|m\.|mme)|son|sa|le|la|les|l'|(?:l[' ])?association)(?:(?<=')|\s+)(?=\S)", re.I
)
"""What may open a name and tells nothing of who or what is named."""


def _plain(value: object) -> str:
    """What is compared of a name: no civility, no article, no accent, no case, no spacing."""
    text = re.sub(r"[’ʼ‘]", "'", " ".join(str(value).split()))
    while (shorter := _NO_FACT.sub("", text)) != text:
        text = shorter
    return fold(re.sub(r"\b[dl](?:'| (?=\w))", "", text, flags=re.I))


def _same(value: object, expected: object) -> bool:
    return _plain(value) == _plain(expected)


def _same_number(value: object, expected: object) -> bool:
    return fold(str(value)) == fold(str(expected))


def _same_title(value: object, expected: object) -> bool:
    """With or without the number of the item on the agenda: « 3/ », « 8.2 – »."""
    item = r"^\d{1,2}(?:\.\d{1,2})?\s*(?:[/.)–-]\s*|(?=\D))"
    return _same(value, expected) or _same(value, re.sub(item, "", str(expected)))


def _same_day(value: Any, expected: str) -> bool:
    """The same day; the same minute when an hour is expected."""
    return bool(value.isoformat()[: len(expected)] == expected)


# Facts alone ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Check:
    field: str
    fact: Fact[Any]
    true: Callable[[Any], bool]
    stated: bool
    expected: object


def _act(act: Act, truth: Truth) -> Iterator[Verdict]:
    for check in _checks(act, defaultdict(type(None), truth)):
        if _KEYS.get(check.field, check.field) not in truth:
            continue
        fact = check.fact
        kind = _kind(fact, check.stated, fact.usable is not None and check.true(fact.value))
        yield Verdict(check.field, kind, fact.status, fact.value, check.expected)
    if "beneficiaries" in truth:
        yield from _awards(act.awards, truth["beneficiaries"])
    for field, expected in (truth.get("more") or {}).items():
        yield from _more(field, attrgetter(field)(act), expected)


_KEYS = {
    "number": "deliberation_numbers", "title": "object", "signing_authority": "signature_authorised_to",
    "certified_by": "certifier",
    **dict.fromkeys(("outcome", "for", "against", "abstentions", "unanimous"), "vote"),
    **dict.fromkeys(("fiscal_year", "chapter", "nature", "function"), "budget_line"),
    **dict.fromkeys(("receipt.id", "sent_at", "received_at", "published_at"), "prefecture_stamp"),
}  # fmt: skip
"""Where a field's truth is, when not under its own name. A key that is not there is not judged; a null one is."""


def _more(field: str, read: Fact[Any] | tuple[Fact[Any], ...], expected: Any) -> Iterator[Verdict]:
    """A further field of the reading, named by its path; a list is held against a list, in any order."""
    facts = read if isinstance(read, tuple) else (read,)
    left = list(expected) if isinstance(read, tuple) else [expected] * (expected is not None)
    for fact in facts:
        match = next((one for one in left if fact.usable is not None and _same(fact.value, one)), None)
        if match is not None:
            left.remove(match)
            yield Verdict(field, Kind.RIGHT, fact.status, fact.value, match)
        elif fact.usable is not None:
            yield Verdict(field, Kind.WRONG, fact.status, fact.value, expected)
    if not any(fact.usable is not None for fact in facts) or isinstance(read, tuple):
        yield from (Verdict(field, Kind.MISSING, expected=one) for one in left)


def _kind(fact: Fact[Any], stated: bool, true: bool) -> Kind:
    if fact.usable is None:
        return Kind.MISSING if stated else Kind.SILENT
    return Kind.RIGHT if true else Kind.WRONG


class _Checks:
    """The checks of one act, against what a person read there and the other readings that are as right."""

    def __init__(self, truth: Truth) -> None:
        self._also: dict[str, list[Any]] = truth.get("also_right") or {}

    def __call__(
        self, field: str, fact: Fact[Any], expected: Any, same: Callable[[Any, Any], bool] = _same, *also: Any
    ) -> _Check:
        values = [one for one in (expected, *also, *self._also.get(field, ())) if one is not None]
        return _Check(
            field, fact, lambda value: any(same(value, one) for one in values), expected is not None, expected
        )


def _checks(act: Act, truth: Truth) -> Iterator[_Check]:
    check = _Checks(truth)
    yield check("authority", act.authority, truth["authority"])
    yield check("assembly", act.assembly, (truth["assembly"] or "").split(",")[0] or None)
    yield check("session_date", act.session_date, truth["session_date"], _same_day)
    yield check("number", act.number, next(iter(truth["deliberation_numbers"] or ()), None), _same_number)
    yield check("title", act.title, truth["object"], _same_title)
    yield from _vote(act, truth.get("vote") or {}, check)
    # An act that approves no convention need not say so: only an approval is a stated fact.
    approved = truth["convention_approved"]
    yield check("convention_approved", act.convention_approved, approved or None, eq, approved)
    yield check("signing_authority", act.signing_authority, truth["signature_authorised_to"])
    yield check("certified_by", act.certified_by, truth["certifier"], lambda value, one: fold(value) in fold(one))
    budget = truth.get("budget_line") or {}
    yield check("fiscal_year", act.budget.fiscal_year, budget.get("exercice"), lambda value, one: str(value) == one)
    yield check("chapter", act.budget.chapter, budget.get("chapitre"))
    # An « article » of the budget is the account by nature under its other name.
    yield check("nature", act.budget.nature, budget.get("nature"), _same, budget.get("article"))
    yield check("function", act.budget.function, budget.get("fonction"))
    stamp = truth.get("prefecture_stamp") or {}
    yield check("receipt.id", act.receipt.id, stamp.get("id"), _same_number)
    yield check("sent_at", act.receipt.sent_at, stamp.get("envoye"), _same_day)
    yield check("received_at", act.receipt.received_at, stamp.get("recu"), _same_day)
    yield check("published_at", act.receipt.published_at, stamp.get("affiche_ou_publie"), _same_day)


def _vote(act: Act, vote: Truth, check: _Checks) -> Iterator[_Check]:
    told = vote.get("outcome") or ""
    yield check("outcome", act.outcome, next((value for word, value in _OUTCOMES.items() if word in told), None), eq)
    counted, against, abstaining = vote.get("pour"), vote.get("contre"), vote.get("abstention")
    yield check("for", act.vote.for_, counted, eq)
    yield check("against", act.vote.against, against, eq)
    yield check("abstentions", act.vote.abstentions, abstaining, eq)
    # All votes for and none other is unanimity too, and a count against denies it.
    unanimous = "unanimité" in told
    agreed = unanimous or (bool(counted) and against == abstaining == 0)
    yield check("unanimous", act.vote.unanimous, unanimous or None, eq, agreed)


_OUTCOMES = {
    "adopté": Outcome.ADOPTED,
    "rejeté": Outcome.REJECTED,
    "ajourné": Outcome.POSTPONED,
    "reporté": Outcome.POSTPONED,
    "retiré": Outcome.POSTPONED,
}


# Awards --------------------------------------------------------------------------------------------------------------


def _awards(awards: Iterable[Award], expected: Iterable[Truth]) -> Iterator[Verdict]:
    """The awards read, each held against at most one award read by hand: an award read twice is wrong once."""
    left, read = list(expected), [a for a in awards if a.beneficiary.value is not None or a.amount.value is not None]
    for likeness in (_both, _by_name, _by_sum):
        for award in tuple(read):
            match = next((one for one in left if likeness(award, one)), None)
            if match is not None:
                left.remove(match)
                read.remove(award)
                yield from _award(award, match)
    doubtful: list[Award] = []
    for award in read:
        for name, fact in (("beneficiary", award.beneficiary), ("amount", award.amount)):
            if fact.usable is not None:
                yield Verdict(name, Kind.WRONG, fact.status, _shown(award), None)
        if award.beneficiary.usable is None and award.amount.usable is None:
            doubtful.append(award)
    for one, award in zip(left, chain(doubtful, repeat(Award())), strict=False):
        yield from _award(award, one)


def _both(award: Award, one: Truth) -> bool:
    return _by_name(award, one) and (award.amount.usable in _sums(one) or not _sums(one))


def _by_name(award: Award, one: Truth) -> bool:
    name = award.beneficiary.usable
    return name is not None and any(_same(name, known) for known in (one["name"], *one.get("names", ())) if known)


def _by_sum(award: Award, one: Truth) -> bool:
    return award.amount.usable in _sums(one)


def _sums(one: Truth) -> list[Decimal]:
    """The sum stated, and those that may be said without being false (a ceiling, a sum to compute)."""
    return [Decimal(str(euros)) for euros in (one["amount_eur"], *one.get("amounts", ())) if euros is not None]


def _award(award: Award, one: Truth) -> Iterator[Verdict]:
    told = f"{one['name']} : {one['amount_eur']}"
    for name, fact, stated, true in (
        ("beneficiary", award.beneficiary, one["name"] is not None, _by_name(award, one)),
        ("amount", award.amount, one["amount_eur"] is not None, _by_sum(award, one)),
    ):
        yield Verdict(name, _kind(fact, stated, true), fact.status, _shown(award), told)


def _shown(award: Award) -> str:
    return f"{award.beneficiary.usable} : {award.amount.usable}"
