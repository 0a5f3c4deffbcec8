"""How a correction is made: what a person may correct, and what stops it.

The amount that an act states plainly is not replaced by a typed number (CGCT L2121-29 and its likes: the assembly
decides). It may have been read at the wrong place, though: then the words of the operative part that state it are
selected, and the value is read again from these words, in their context.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, ValidationError

from domain.amounts import AmountStatus, find_amounts
from domain.calendar import find_dates, paris_day
from domain.convention import AwardKey, fold
from domain.corrections import (
    CORRECTABLE,
    IDENTITY,
    Correction,
    FactName,
    Kind,
    fact_of,
    parsed,
    written,
)
from domain.deliberation import Act, Reading
from domain.documents import WireModel
from domain.errors import ActionRefused
from domain.facts import Evidence, Fact, FactStatus
from domain.parties import Staff
from domain.source import SourceText


class Asked(WireModel):
    """A correction as a person or a program asks for it: by a value, by words of the source, or both."""

    act: Annotated[int, Field(ge=0)] = 0
    award: Annotated[int, Field(ge=1)] | None = None
    fact: FactName
    value: Annotated[str, Field(max_length=500)] = ""
    """As typed: French figures and days are understood."""
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None
    """Offsets of the selected words in the source's text, in code points."""
    quote: Annotated[str, Field(max_length=2000)] = ""
    """Words of the source, looked for in its text when no offsets are given."""
    attested: bool = False


NAMES = {
    "authority": "la collectivité",
    "assembly": "l'assemblée",
    "number": "le numéro de la délibération",
    "session_date": "la date de la séance",
    "title": "l'objet de la délibération",
    "beneficiary": "le bénéficiaire",
    "amount": "le montant de la subvention",
    "purpose": "l'objet de la subvention",
    "signing_authority": "l'autorité habilitée à signer",
    "fiscal_year": "l'exercice budgétaire",
    "chapter": "le chapitre budgétaire",
    "nature": "la nature comptable",
    "function": "la fonction budgétaire",
    "other": "l'autre imputation",
    "receipt_id": "l'identifiant de télétransmission",
    "sent_at": "la date d'envoi au contrôle de légalité",
    "received_at": "la date de réception au contrôle de légalité",
    "published_at": "la date de publication",
}
"""French names of the facts, with their article."""

LONGEST = 2000
"""Characters that may be selected: a sentence, not a page."""

_AROUND = 400
"""Characters read around a selection, so that half a number is not taken for a whole one."""

_BLANK = re.compile(r"X{4,}|_{3,}|\.{4,}|…\s*[./…]|\{\{|\}\}|\{%|%\}", re.IGNORECASE)


def correction_of(
    reading: Reading,
    text: SourceText,
    asked: Asked,
    earlier: Sequence[Correction],
    by: Staff,
    at: datetime,
    opened: AwardKey | None = None,
) -> Correction:
    """The correction that ``asked`` makes of ``reading``.

    :param reading: with the ``earlier`` corrections applied.
    :param opened: the award of the convention, once there is one: its identity is not corrected any more.
    :raises ActionRefused: ``fact_unknown``, ``selection_unknown``, ``words_not_found``, ``words_not_unique``,
        ``value_missing``, ``value_invalid``, ``words_differ``, ``nothing_changed``, ``attestation_missing``,
        ``identity_fixed``, ``amount_replaced``, ``amount_not_operative``.
    """
    act, fact = _place(reading, asked)
    kind = CORRECTABLE[asked.fact].kind
    evidence = _selected(text, asked)
    value = _value(text, asked, kind, evidence, paris_day(at))
    if fact.usable is not None and fact.usable == value and (fact.evidence == evidence or not evidence):
        raise ActionRefused("nothing_changed", f"Cette valeur est déjà celle qui est retenue pour {NAMES[asked.fact]}.")
    if opened is not None and asked.fact in IDENTITY:
        keep_identity(opened, asked.fact, value)
    elif asked.fact in IDENTITY and not evidence and not asked.attested:
        raise ActionRefused(
            "attestation_missing",
            f"Vous avez saisi {NAMES[asked.fact]} sans montrer les mots de l'acte : attestez que cette valeur est celle"
            " du registre des délibérations.",
        )
    correction = Correction(
        act=asked.act,
        award=asked.award if CORRECTABLE[asked.fact].of_award else None,
        fact=asked.fact,
        value=written(value),
        evidence=evidence,
        before=written(fact.value),
        before_status=fact.status,
        before_evidence=fact.evidence,
        attested=asked.attested,
        by=by,
        at=at,
    )
    if asked.fact == "amount":
        check_amount(correction, [c for c in earlier if c.act == asked.act], act, text)
    return correction


def check_amount(correction: Correction, earlier: Sequence[Correction], act: Act, text: SourceText) -> None:
    """Refuse an amount that would replace the one that the act states plainly, but for words of its operative part.

    :param earlier: the corrections before this one, of the same act.
    :raises ActionRefused: ``amount_replaced`` or ``amount_not_operative``.
    """
    first = next((c for c in (*earlier, correction) if c.fact == "amount" and c.award == correction.award), correction)
    if first.before_status is not FactStatus.FOUND or correction.value == first.before:
        return
    if not correction.evidence:
        raise ActionRefused(
            "amount_replaced",
            "La délibération fixe ce montant sans ambiguïté : il ne se remplace pas par une saisie. S'il a été lu au"
            " mauvais endroit, sélectionnez dans le dispositif les mots qui disent le bon ; sinon, seule une nouvelle"
            " délibération peut le changer.",
        )
    span = operative_part(text, act)
    stated = {stated_amount(text, words) for words in correction.evidence}
    inside = span is not None and all(span[0] <= words.start and words.end <= span[1] for words in correction.evidence)
    if not inside or stated != {Decimal(correction.value)}:
        raise ActionRefused(
            "amount_not_operative",
            "Ces mots ne fixent pas le montant dans le dispositif de la délibération : sélectionnez, dans ce que"
            " l'assemblée décide, le montant avec sa monnaie.",
        )


def recheck(reading: Reading, text: SourceText, corrections: Sequence[Correction], opened: AwardKey) -> None:
    """Judge kept corrections again, before a draft is made of them.

    :param reading: as it was when the convention opened.
    :raises ActionRefused: ``selection_unknown``, ``identity_fixed`` or the refusals of :func:`check_amount`.
    """
    for rank, made in enumerate(corrections):
        if made.act >= len(reading.acts) or made.fact not in CORRECTABLE or not all(map(text.holds, made.evidence)):
            raise _not_in_text()
        if made.fact in IDENTITY:
            keep_identity(opened, made.fact, made.value)
        if made.fact == "amount":
            check_amount(made, [c for c in corrections[:rank] if c.act == made.act], reading.acts[made.act], text)


_OPERATIVE = re.compile(r"^[^\w\n]{0,4}(?:d[ée] ?lib[èe]re\b|d[ée]cide\b|arr[êe]te\b)", re.IGNORECASE | re.MULTILINE)
_FIRST_ARTICLE = re.compile(r"^[^\w\n]{0,4}article\s+(?:1er|1\b|premier|unique)", re.IGNORECASE | re.MULTILINE)
_CLOSING = re.compile(
    r"^[^\w\n]{0,4}(?:certifi[ée] conforme|pour (?:extrait|copie|exp[ée]dition) conforme|fait et d[ée]lib[ée]r[ée])",
    re.IGNORECASE | re.MULTILINE,
)


def operative_part(text: SourceText, act: Act) -> tuple[int, int] | None:
    """Where the act decides (dispositif): from its first article to its end; none when that is not known."""
    start, end = (act.span.start, act.span.end) if act.span is not None else (0, len(text.text))
    articles = [place.start for article in act.articles for place in article.text.evidence]
    opening = _OPERATIVE.search(text.text, start, end) or _FIRST_ARTICLE.search(text.text, start, end)
    if articles:
        start = min(articles)
    elif opening:
        start = opening.start()
    else:
        return None
    closing = _CLOSING.search(text.text, start, end)
    return start, closing.start() if closing else end


def stated_amount(text: SourceText, words: Evidence) -> Decimal | None:
    """The one amount in euros that these words state, whole; none when they cut one, or state several or none."""
    start = max(0, words.start - _AROUND)
    around = text.text[start : words.end + _AROUND]
    touched = [
        found for found in find_amounts(around) if found.start + start < words.end and words.start < found.end + start
    ]
    whole = all(words.start <= f.start + start and f.end + start <= words.end for f in touched)
    values = {found.euros if found.status is AmountStatus.FOUND else None for found in touched}
    return values.pop() if whole and len(values) == 1 else None


def _place(reading: Reading, asked: Asked) -> tuple[Act, Fact[Any]]:
    if asked.fact in CORRECTABLE and asked.act < len(reading.acts):
        act = reading.acts[asked.act]
        award = act.awards[asked.award - 1] if asked.award and asked.award <= len(act.awards) else None
        if award is not None or not CORRECTABLE[asked.fact].of_award:
            return act, fact_of(act, award, asked.fact)
    raise ActionRefused("fact_unknown", "Ce fait n'est pas de ceux qui se corrigent dans cette délibération.")


def _selected(text: SourceText, asked: Asked) -> tuple[Evidence, ...]:
    if asked.start is not None and asked.end is not None:
        try:
            chosen = text.evidence(asked.start, asked.end)
        except ValueError:
            chosen = None
        if chosen is None or len(chosen.text) > LONGEST:
            raise _not_in_text()
        return (chosen,)
    quote = asked.quote.strip(' \t\n\u00a0«»"')
    if not quote:
        return ()
    places = list(text.places_of(quote, 2))
    if not places:
        raise ActionRefused(
            "words_not_found",
            "Les mots cités ne sont pas dans le texte de la délibération : recopiez-les tels qu'ils y sont écrits.",
        )
    if len(places) > 1:
        raise ActionRefused(
            "words_not_unique",
            "Les mots cités figurent à plusieurs endroits de la délibération : citez-en davantage, jusqu'à ce que le"
            " passage soit unique.",
        )
    return (text.evidence(*places[0]),)


def _not_in_text() -> ActionRefused:
    return ActionRefused(
        "selection_unknown",
        "Ces mots ne sont pas dans le texte de la délibération, ou sont trop nombreux : sélectionnez la phrase qui dit"
        " ce fait.",
    )


def _value(text: SourceText, asked: Asked, kind: Kind, evidence: tuple[Evidence, ...], today: date) -> Any:
    typed = _one_line(asked.value)
    if not typed and not evidence:
        raise ActionRefused("value_missing", f"Indiquez {NAMES[asked.fact]}, ou sélectionnez les mots qui le disent.")
    from_words = _from_words(text, kind, evidence[0]) if evidence else None
    if not typed and from_words is None:
        raise ActionRefused(
            "value_invalid",
            f"Ces mots ne disent pas clairement {NAMES[asked.fact]} : sélectionnez-les en entier, ou saisissez la"
            " valeur.",
        )
    value = _from_typing(asked.fact, kind, typed) if typed else from_words
    if kind in {Kind.AMOUNT, Kind.DATE, Kind.YEAR} and from_words is not None and value != from_words:
        raise ActionRefused(
            "words_differ", f"La valeur saisie n'est pas celle que disent les mots choisis pour {NAMES[asked.fact]}."
        )
    _plausible(asked.fact, kind, value, today)
    return value


def _from_words(text: SourceText, kind: Kind, words: Evidence) -> Any:
    match kind:
        case Kind.AMOUNT:
            return stated_amount(text, words)
        case Kind.DATE | Kind.MOMENT:
            start = max(0, words.start - _AROUND)
            around = text.text[start : words.end + _AROUND]
            days = {
                found.value
                for found in find_dates(around)
                if words.start <= found.start + start and found.end + start <= words.end
            }
            return days.pop() if len(days) == 1 else None
        case Kind.YEAR:
            years = set(re.findall(r"(?<!\d)(?:19|20)\d{2}(?!\d)", words.text))
            return int(years.pop()) if len(years) == 1 else None
        case Kind.TEXT:
            joined = re.sub(r"(?<=[^\W\d_])[-\u2010]\s*\n\s*(?=[^\W\d_])", "-", words.text)
            return _one_line(joined)


def _from_typing(name: str, kind: Kind, typed: str) -> Any:
    plain = typed
    if kind is Kind.AMOUNT:
        plain = re.sub(r"[\s\u00a0\u202f€]|euros?$", "", typed).replace(",", ".")
    if kind in {Kind.DATE, Kind.MOMENT} and not re.match(r"\d{4}-\d{2}-\d{2}", typed):
        days = {found.value for found in find_dates(typed)}
        plain = written(days.pop()) if len(days) == 1 else ""
    try:
        return parsed(kind, plain)
    except (ValueError, ValidationError) as error:
        raise _invalid(name) from error


def _plausible(name: str, kind: Kind, value: Any, today: date) -> None:
    refused = False
    match kind:
        case Kind.AMOUNT:
            refused = value <= 0 or value != value.quantize(Decimal("0.01"))
        case Kind.YEAR:
            refused = not 1980 <= value <= 2200
        case Kind.DATE | Kind.MOMENT:
            day = value.date() if isinstance(value, datetime) else value
            refused = day.year < 1980 or day > today
        case Kind.TEXT:
            longest = 100 if name in {"number", "receipt_id", "chapter", "nature", "function", "other"} else 500
            refused = len(value) > longest or not any(c.isalnum() for c in value) or bool(_BLANK.search(value))
    if refused:
        raise _invalid(name)


def _invalid(name: str) -> ActionRefused:
    return ActionRefused(
        "value_invalid",
        f"Cette valeur ne convient pas pour {NAMES[name]} : vérifiez qu'elle est complète et vraisemblable.",
    )


_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""What changes how a line looks without being seen in it: controls, bidirectional marks, soft hyphens."""


def _one_line(text: str) -> str:
    spaced = re.sub(r"\s+", " ", text)
    return unicodedata.normalize("NFC", _UNSEEN.sub("", spaced)).strip()


def keep_identity(opened: AwardKey, name: str, value: Any) -> None:
    """Refuse a number, a day or an authority that is not the one of the award that a convention carries out.

    :raises ActionRefused: ``identity_fixed``.
    """
    kept: Any = getattr(opened, name)
    if fold(written(value)) != fold(written(kept)):
        raise ActionRefused(
            "identity_fixed",
            f"Changer {NAMES[name]} ferait de cette convention celle d'une autre délibération : retirez-la, puis"
            " déposez de nouveau la délibération en corrigeant ce fait avant l'ouverture.",
        )
