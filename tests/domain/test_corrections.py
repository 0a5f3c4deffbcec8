"""A person corrects what was read: which words, which value, and what no hand may change."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.convention import AwardKey, SettledFacts
from domain.correcting import Asked, correction_of, operative_part
from domain.corrections import CORRECTABLE, Correction, answering, apply_corrections, fact_of, latest, without_corrected
from domain.deliberation import Act, Award, Reading, Source
from domain.errors import ActionRefused
from domain.facts import Evidence, Fact, FactStatus
from domain.parties import Staff
from domain.source import SourceText

WORDS = (
    "Extrait du registre\nSéance du 26 septembre 2019\nLe coût total est de 80 000 euros.\n\f"
    "DÉLIBÈRE\nArticle 1 :\nUne subvention de 50 000 euros est attribuée à l'association Le Phare d'Exemple.\n"
    "Article 2 :\nUn acompte de 850 0000 euros puis 12 000 € et 13 000 €. Exercice 2019.\n"
    "Pour extrait conforme, le montant de 70 000 euros\n"
)
BREAK = WORDS.index("\f")
TEXT = SourceText(text=WORDS, pages=((0, BREAK), (BREAK + 1, len(WORDS))))
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALIX = Staff(id="a.martin", name="Alix Martin")
KEY = AwardKey(authority="Commune d'Exemple", number="12", session_date=date(2019, 9, 26), ordinal=1)


def at(words: str) -> dict[str, int]:
    assert WORDS.count(words) == 1
    return {"start": WORDS.index(words), "end": WORDS.index(words) + len(words)}


def said(value: Any, words: str, status: FactStatus = FactStatus.FOUND) -> Fact[Any]:
    return Fact(value=value, status=status, evidence=(Evidence(text=words, page=2, **at(words)),))


def reading(**award: Any) -> Reading:
    awarded = Award(
        beneficiary=said("Le Phare d'Exemple", "Le Phare d'Exemple"),
        **{"amount": said(Decimal("50000.00"), "50 000 euros")} | award,
    )
    act = Act(number=Fact[str](), session_date=said(date(2019, 9, 26), "26 septembre 2019"), awards=(awarded,))
    return Reading(source=Source(name="a", sha256="0" * 64, media_type="text/plain", pages=2), acts=(act,))


def correct(
    of: Reading, earlier: tuple[Correction, ...] = (), opened: AwardKey | None = None, **asked: Any
) -> Correction:
    return correction_of(apply_corrections(of, earlier), TEXT, Asked(award=1, **asked), earlier, ALIX, AT, opened)


def refused(of: Reading, earlier: tuple[Correction, ...] = (), opened: AwardKey | None = None, **asked: Any) -> str:
    with pytest.raises(ActionRefused) as refusal:
        correct(of, earlier, opened, **asked)
    assert " : " in refusal.value.message or refusal.value.message.endswith(".")
    return refusal.value.code


def test_selected_words_become_the_fact_with_who_when_and_what_was_there() -> None:
    made = correct(reading(), fact="beneficiary", **at("l'association Le Phare d'Exemple"))
    assert (made.value, made.before) == ("l'association Le Phare d'Exemple", "Le Phare d'Exemple")
    assert (made.by, made.at) == (ALIX, AT)
    [words] = made.evidence
    assert (words.text, words.page) == ("l'association Le Phare d'Exemple", 2)
    fact = apply_corrections(reading(), [made]).acts[0].awards[0].beneficiary
    assert fact.usable == "l'association Le Phare d'Exemple"
    assert fact.evidence == made.evidence


def test_a_missing_fact_is_typed_and_has_no_words() -> None:
    made = correct(reading(), fact="purpose", value="  La saison\n2019 ")
    fact = apply_corrections(reading(), [made]).acts[0].awards[0].purpose
    assert (fact.usable, fact.evidence, made.before_status) == ("La saison 2019", (), FactStatus.MISSING)


@pytest.mark.parametrize(
    ("fact", "typed", "value"),
    [
        ("session_date", "27/09/2019", date(2019, 9, 27)),
        ("session_date", "le 1er octobre 2019", date(2019, 10, 1)),
        ("fiscal_year", "2019", 2019),
        ("received_at", "2019-10-02T10:30:00+02:00", datetime.fromisoformat("2019-10-02T10:30:00+02:00")),
        ("published_at", "2019-10-03", date(2019, 10, 3)),
    ],
)
def test_french_values_are_understood(fact: str, typed: str, value: object) -> None:
    made = correct(reading(), fact=fact, value=typed, attested=True)
    assert fact_of(apply_corrections(reading(), [made]).acts[0], None, fact).usable == value


@pytest.mark.parametrize(
    ("fact", "typed"),
    [
        ("session_date", "31 février 2019"),
        ("session_date", "2031-01-01"),
        ("fiscal_year", "deux mille"),
        ("fiscal_year", "1789"),
        ("number", "n° ……"),
        ("number", "x" * 101),
        ("title", "____"),
        ("purpose", "à compléter XXXX"),
        ("purpose", "\u202e\u200b"),
        ("received_at", "hier"),
    ],
)
def test_what_is_no_value_is_refused(fact: str, typed: str) -> None:
    assert refused(reading(), fact=fact, value=typed, attested=True) in {"value_invalid", "value_missing"}


def test_quoted_words_are_found_whatever_their_spaces() -> None:
    made = correct(reading(), fact="beneficiary", quote="« l'association   Le Phare\nd'Exemple »")
    assert made.evidence[0].text == "l'association Le Phare d'Exemple"
    assert refused(reading(), fact="beneficiary", quote="la Tour d'Exemple") == "words_not_found"
    assert refused(reading(), fact="beneficiary", quote="Article") == "words_not_unique"


@pytest.mark.parametrize("span", [(5, 5), (10, 5), (0, 10**9), (BREAK, BREAK + 1), (10**9, 10**9 + 1)])
def test_a_selection_that_is_not_of_the_text_is_refused(span: tuple[int, int]) -> None:
    assert refused(reading(), fact="title", start=span[0], end=span[1]) == "selection_unknown"


def test_an_amount_that_the_act_states_plainly_is_not_replaced_by_typing() -> None:
    assert refused(reading(), fact="amount", value="60 000") == "amount_replaced"
    assert refused(reading(), fact="amount", value="60 000", **at("50 000 euros")) == "words_differ"
    assert refused(reading(), fact="amount", value="60 000", quote="Le coût total") == "amount_not_operative"


@pytest.mark.parametrize("words", ["80 000 euros", "70 000 euros"])
def test_nor_by_words_that_the_assembly_did_not_decide(words: str) -> None:
    assert refused(reading(), fact="amount", **at(words)) == "amount_not_operative"


@pytest.mark.parametrize(
    "words", ["0 000 euros est attribuée", "2 000 €", "850 0000 euros", "12 000 € et 13 000 €", "Exercice 2019"]
)
def test_half_a_number_or_several_are_no_amount(words: str) -> None:
    assert refused(reading(), fact="amount", **at(words)) == "value_invalid"


def test_words_of_the_operative_part_that_state_another_amount_correct_it() -> None:
    made = correct(reading(), fact="amount", **at("puis 12 000 €"))
    assert (made.value, made.before, made.before_status) == ("12000.00", "50000.00", FactStatus.FOUND)
    assert apply_corrections(reading(), [made]).acts[0].awards[0].amount.usable == Decimal("12000.00")


def test_the_guard_is_not_walked_around_by_correcting_twice() -> None:
    first = correct(reading(), fact="amount", **at("puis 12 000 €"))
    assert refused(reading(), (first,), fact="amount", value="99 000") == "amount_replaced"
    back = correct(reading(), (first,), fact="amount", **at("50 000 euros"))
    assert back.value == "50000.00"


@pytest.mark.parametrize(
    "status", [FactStatus.MISSING, FactStatus.MALFORMED, FactStatus.CONFLICTING, FactStatus.AMBIGUOUS]
)
def test_an_amount_in_doubt_is_settled_by_typing_and_may_be_settled_again(status: FactStatus) -> None:
    doubtful = reading(amount=Fact(status=status))
    first = correct(doubtful, fact="amount", value="60 000,50 €")
    again = correct(doubtful, (first,), fact="amount", value="61 000")
    corrected = apply_corrections(doubtful, [first, again])
    assert corrected.acts[0].awards[0].amount.usable == Decimal("61000.00")
    # The same from the reading that was already corrected and kept as a document.
    assert apply_corrections(corrected, [first, again]) == corrected


@pytest.mark.parametrize(
    ("fact", "value"), [("number", "13"), ("session_date", "2019-09-27"), ("authority", "Commune d'Ailleurs")]
)
def test_the_identity_of_an_open_convention_is_fixed(fact: str, value: str) -> None:
    assert refused(reading(), opened=KEY, fact=fact, value=value, attested=True) == "identity_fixed"


def test_before_the_opening_a_typed_identity_is_attested() -> None:
    assert refused(reading(), fact="number", value="12") == "attestation_missing"
    assert correct(reading(), fact="number", value="12", attested=True).attested
    assert correct(reading(), fact="number", **at("Exercice 2019")).value == "Exercice 2019"


def test_saying_the_same_again_is_refused() -> None:
    assert refused(reading(), fact="session_date", value="26/09/2019", attested=True) == "nothing_changed"


def test_a_fact_that_does_not_exist_is_refused() -> None:
    assert refused(reading(), fact="outcome", value="adopted") == "fact_unknown"
    assert refused(reading(), fact="number", act=3, value="1") == "fact_unknown"
    with pytest.raises(ActionRefused):
        correction_of(reading(), TEXT, Asked(award=2, fact="amount", value="1"), (), ALIX, AT)


def test_a_correction_prevails_over_what_was_settled_and_answers_its_doubts() -> None:
    made = correct(reading(), fact="purpose", value="La saison")
    standing = latest([made], 0, 1)
    settled = SettledFacts(purpose="Autre chose", fiscal_year=2019)
    assert without_corrected(settled, standing) == SettledFacts(fiscal_year=2019)
    assert answering(settled, standing).purpose == "La saison"
    assert latest([made], 0, 2) == {}


def test_every_correctable_fact_is_a_fact_of_an_act() -> None:
    act, award = reading().acts[0], reading().acts[0].awards[0]
    assert all(isinstance(fact_of(act, award, name), Fact) for name in CORRECTABLE)


def test_the_operative_part_ends_before_the_certification() -> None:
    span = operative_part(TEXT, reading().acts[0])
    assert span is not None
    assert WORDS[slice(*span)].strip().startswith("DÉLIBÈRE")
    assert "70 000" not in WORDS[slice(*span)]
    assert operative_part(SourceText(text="Rien n'est décidé"), reading().acts[0]) is None


@pytest.mark.timeout(20)
def test_a_megabyte_without_an_end_of_line_is_corrected_in_time() -> None:
    hostile = SourceText(text="a" + "1 000 " * 150_000 + "fin 5 000 euros")
    start = len(hostile.text) - len("5 000 euros")
    doubtful = reading(amount=Fact(status=FactStatus.MISSING))
    made = correction_of(
        doubtful, hostile, Asked(award=1, fact="amount", start=start, end=len(hostile.text)), (), ALIX, AT
    )
    assert made.value == "5000.00"
    with pytest.raises(ActionRefused):
        correction_of(doubtful, hostile, Asked(award=1, fact="title", quote="1 000 " * 300), (), ALIX, AT)
