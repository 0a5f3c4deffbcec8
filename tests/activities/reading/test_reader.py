"""The reader: exact on the reference, prudent elsewhere, and every fact is a span of the text."""

import json
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from activities.reading import read_document, take_in
from activities.reading.profile import profiles
from activities.reading.view import View
from domain.deliberation import Act, Outcome, Reading
from domain.errors import NotADeliberation, ParapheError
from domain.facts import Evidence, FactStatus, Severity

HEAD = """Commune de Valbrune
EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS DU CONSEIL MUNICIPAL
Séance du 12 mars 2024
Délibération n° 2024-031
OBJET : {title}

Rapporteur : Mme Ada Roche
{report}

Vu le code général des collectivités territoriales,
Le Conseil municipal, après en avoir délibéré,
DÉCIDE :
"""
END = "\n\n{vote}\nPour extrait conforme,\nLe Maire,\nJeanne MARTIN\n"


def deliberation(
    operative: str, *, title: str = "Subvention", report: str = "", vote: str = "Adopté à l'unanimité."
) -> str:
    """A small invented deliberation of an invented commune."""
    return HEAD.format(title=title, report=report) + operative + END.format(vote=vote)


def act(text: str) -> Act:
    [only] = read_document(text.encode(), "deliberation.txt").acts
    return only


def codes(read: Act, severity: Severity | None = None) -> set[str]:
    return {f.code for f in read.findings if severity in (None, f.severity)}


def evidences(model: BaseModel) -> Iterator[Evidence]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Evidence):
                yield item
            elif isinstance(item, BaseModel):
                yield from evidences(item)


@pytest.fixture(scope="session")
def reference(shared: Path) -> bytes:
    [path] = (shared / "seeds").glob("*.txt")
    return path.read_bytes()


# The reference, and our sample with its facts


def assert_facts_of_the_reference(read: Act) -> None:
    for fact, value in (
        (read.authority, "Métropole Aix-Marseille-Provence"),
        (read.assembly, "Bureau de la Métropole"),
        (read.session_date, date(2019, 9, 26)),
        (read.number, "ECO 010-6552/19/BM"),
        (read.outcome, Outcome.ADOPTED),
        (read.convention_approved, True),
        (read.signing_authority, "Présidente ou son représentant"),
        (read.certified_by, "Martial ALVAREZ"),
        (read.budget.fiscal_year, 2019),
        (read.budget.chapter, "65"),
        (read.budget.nature, "657381"),
        (read.budget.function, "61"),
        (read.budget.other, "B320"),
    ):
        assert (fact.status, fact.value) == (FactStatus.FOUND, value)
    [award] = read.awards
    assert (award.amount.status, award.amount.value) == (FactStatus.FOUND, Decimal("50000.00"))
    assert award.beneficiary.usable == "Chambre de Commerce et d'Industrie Marseille Provence"
    assert award.purpose.usable is not None
    assert award.purpose.usable.lower() == "la mise en œuvre de la phase 2 de la démarche smart port"
    assert [n.usable for n in read.other_numbers] == ["MET 19/12074/BM"]
    assert [r.usable for r in read.references] == ["FAG 21-5718/19/CM", "ECO 001-6036/19/BM"]
    assert read.title.usable is not None
    assert read.title.usable.startswith(
        "Attribution d'une subvention à la Chambre de Commerce et d'Industrie Marseille"
    )
    assert read.title.usable.endswith("Smart Port - Approbation d'une convention")
    missing = (read.vote.unanimous, read.vote.for_, read.vote.against, read.vote.abstentions)
    stamps = (read.receipt.id, read.receipt.sent_at, read.receipt.received_at, read.receipt.published_at)
    assert all(fact.status is FactStatus.MISSING and fact.value is None for fact in (*missing, *stamps))
    [malformed] = [f for f in read.findings if f.code == "malformed_amount"]
    assert [" ".join(e.text.split()) for e in malformed.evidence] == ["850 0000 euros"]
    assert codes(read) >= {
        "annex_absent", "votes_unknown", "signatory_unresolved", "certifier_not_signatory", "no_executory_proof",
        "no_payment_terms", "no_duration", "no_beneficiary_siret",
    }  # fmt: skip
    assert codes(read, Severity.BLOCKING) == set()


def test_the_reference_deliberation_is_read_exactly(reference: bytes) -> None:
    [read] = read_document(reference, "reference.txt").acts
    assert_facts_of_the_reference(read)
    assert "table_missing" in codes(read)


@pytest.mark.parametrize("suffix", [".pdf", ".docx"])
def test_our_sample_has_the_facts_of_the_reference(samples: Path, suffix: str) -> None:
    path = samples / f"deliberation{suffix}"
    if not path.exists():
        pytest.skip(f"{path.name} is not made yet")
    [read] = read_document(path.read_bytes(), path.name).acts
    assert_facts_of_the_reference(read)
    assert all(e.page in ((1, 2) if suffix == ".pdf" else (None,)) for e in evidences(read))


@pytest.mark.parametrize("form", ["NFD", "CRLF", "form feeds", "narrow spaces", "cp1252", "hyphens"])
def test_the_reference_is_read_the_same_however_it_was_saved(reference: bytes, form: str) -> None:
    text = reference.decode()
    match form:
        case "NFD":
            changed = unicodedata.normalize("NFD", text).encode()
        case "CRLF":
            changed = text.replace("\n", "\r\n").encode()
        case "form feeds":
            changed = text.replace("Délibère", "\fDélibère").replace(" Article 4", "\f Article 4").encode()
        case "narrow spaces":
            changed = text.replace("50 000", "50\u202f000").replace(" :", "\u00a0:").encode()
        case "cp1252":
            changed = text.replace("\uf06e", "").replace("\uf0b7", "").encode("cp1252", "ignore")
        case _:
            changed = text.replace("010-6552", "010\u20106552").replace("Marseille-", "Marseille\u2011").encode()
    reading = read_document(changed, "reference.txt")
    if form == "hyphens":
        assert reading.acts[0].number.usable == "ECO 010-6552/19/BM"
        return
    assert_facts_of_the_reference(reading.acts[0])
    if form == "form feeds":
        assert reading.source.pages == 3
        assert reading.acts[0].awards[0].amount.evidence[0].page == 2


def test_the_reading_goes_to_json_and_back(reference: bytes) -> None:
    reading = read_document(reference, "reference.txt")
    text = reading.model_dump_json(by_alias=True)
    assert Reading.model_validate_json(text) == reading
    assert json.loads(text)["acts"][0]["awards"][0]["amount"]["value"] == "50000.00"
    assert set(json.loads(text)["acts"][0]["vote"]) == {"for", "against", "abstentions", "unanimous"}


# Evidence


def test_every_evidence_of_every_public_deliberation_is_a_span_of_its_text(shared: Path) -> None:
    for path in sorted((*shared.glob("seeds/*.txt"), *shared.glob("deliberations/*.[tp][xd][tf]"))):
        content = path.read_bytes()
        raw = take_in(content, path.name).text
        spans = list(evidences(read_document(content, path.name)))
        assert spans
        assert all(raw[e.start : e.end] == e.text and e.text.strip() == e.text != "" for e in spans)


characters = st.sampled_from("aé\u0301 \u00a0\t\n\r\f\uf0b7\u2010’ﬁœ€1\u200b\ufffd-")


@given(st.text(characters, max_size=60), st.text(characters, max_size=20))
def test_the_clean_view_maps_back_to_the_raw_text(before: str, after: str) -> None:
    raw = f"x{before}NUMÉRO.{after}"
    view = View(take_in(raw.encode(), "x.txt"))
    start = view.text.index("NUMÉRO")
    evidence = view.evidence(start, start + 6)
    assert view.source.text[evidence.start : evidence.end] == evidence.text
    assert evidence.text.startswith("NUMÉRO")
    assert len(view.folded) == len(view.text)
    assert "  " not in view.text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1200), st.sampled_from(["", "\n", " ", "€", "1", "\f", "’", "à la "])), max_size=8
    )
)
def test_a_deliberation_damaged_anywhere_is_read_or_refused_and_its_evidence_stays_true(
    edits: list[tuple[int, str]],
) -> None:
    text = deliberation(AWARD, title="Subvention à l'association Les Amis du Port", report="Il est proposé 5 000 €.")
    for place, piece in edits:
        place %= len(text)
        text = text[:place] + piece + text[place + 1 :]
    try:
        reading = read_document(text.encode(), "x.txt")
    except ParapheError:
        return
    raw = take_in(text.encode(), "x.txt").text
    assert all(raw[e.start : e.end] == e.text for e in evidences(reading))


# Awards

AWARD = "Article 1 : Est attribuée une subvention de 5 000 € à l'association Les Amis du Port pour leur festival."


@pytest.mark.parametrize(
    ("operative", "beneficiary", "amount", "purpose"),
    [
        (AWARD, "Les Amis du Port", "5000", "leur festival"),
        (
            "Article premier.- Une subvention de 45.800 euros est attribuée à la Fondation du Lac.",
            "Fondation du Lac", "45800", None,
        ),
        (
            "- d'attribuer à l'association Les Amis du Port une subvention de fonctionnement de 12 500 € pour 2024 ;",
            "Les Amis du Port", "12500", "2024",
        ),
        (
            "- d'allouer une aide de cinquante mille euros (50 000 €) au Centre Social Les Tilleuls, afin de rénover\n"
            "ses locaux.",
            "Centre Social Les Tilleuls", "50000", "rénover ses locaux",
        ),
        (
            "- d'accorder au Club Nautique une aide financière d'un montant maximum de 3 000,00 € TTC, sur un coût\n"
            "total de 12 000 €.",
            "Club Nautique", "3000", None,
        ),
        (
            "Une subvention d'investissement, d'un montant de 20 000 €, est accordée à « Théâtre & Compagnie » pour\n"
            "l'achat de matériel.",
            "Théâtre & Compagnie", "20000", "l'achat de matériel",
        ),
        (
            "Une subvention de 5 000 € destinée à financer le festival est attribuée à l'association Les Amis.",
            "Les Amis", "5000", "financer le festival",
        ),
        (
            "- d'attribuer une subvention de 9 000 € à l'association Bêta, dont 3 000 € pour le projet Z.",
            "Bêta", "9000", None,
        ),
    ],
)  # fmt: skip
def test_an_award_is_read_in_the_phrases_of_deliberations(
    operative: str, beneficiary: str, amount: str, purpose: str | None
) -> None:
    [award] = act(deliberation(operative)).awards
    assert award.beneficiary.usable == beneficiary
    assert award.amount.usable == Decimal(amount)
    assert award.purpose.usable == purpose


@pytest.mark.parametrize(
    "operative",
    [
        "- Dit que la dépense de 50 000 euros sera imputée au chapitre 65 du budget 2024.",
        "- d'accorder une garantie d'emprunt pour un prêt de 100 000 € à l'OPH de Valbrune.",
        "- de solliciter une subvention de 30 000 € au Département des Monts.",
        "- d'approuver la demande de subvention de 30 000 € auprès de la Région pour la halle.",
        "- de ne pas attribuer la subvention de 30 000 € à l'association Oméga.",
        "- de rapporter la subvention de 3 000 € accordée en 2022 à l'association Delta.",
        "- d'approuver la convention avec l'association Gamma.",
        "- d'attribuer les subventions du tableau : Amicale 500 Judo 1 200",
    ],
)
def test_what_grants_nothing_to_anybody_is_no_award(operative: str) -> None:
    read = act(deliberation(operative))
    assert read.awards == ()
    assert "no_award" in codes(read, Severity.BLOCKING)


def test_an_amount_of_the_report_alone_is_no_award() -> None:
    report = "Il est proposé d'attribuer à l'association Les Amis du Port une subvention de 5 000 €."
    assert act(deliberation("- d'adopter le rapport.", report=report)).awards == ()


def test_several_awards_are_read_side_by_side() -> None:
    phrase = (
        "- d'attribuer une subvention de 5 000 € à l'association Alpha et une subvention de 6 000 € à la Ligue Bêta."
    )
    listed = "- d'attribuer les subventions suivantes :\n  - Amicale laïque : 500 €\n  - La Boule d'Or : 1 200 €\n"
    read = act(deliberation(f"{phrase}\n{listed}"))
    assert [(a.beneficiary.usable, a.amount.usable) for a in read.awards] == [
        ("Alpha", Decimal(5000)),
        ("Ligue Bêta", Decimal(6000)),
        ("Amicale laïque", Decimal(500)),
        ("La Boule d'Or", Decimal(1200)),
    ]


def test_beneficiaries_left_to_an_annex_are_not_invented() -> None:
    read = act(deliberation("- d'attribuer la somme de 254 600,00 € aux associations de la liste ci-annexée."))
    assert read.awards == ()
    assert "beneficiaries_not_named" in codes(read, Severity.BLOCKING)


@pytest.mark.parametrize("amount", ["850 0000 euros", "1.50 €", "0 €", "5.000 F"])
def test_an_award_with_a_doubtful_amount_has_none_and_blocks(amount: str) -> None:
    read = act(deliberation(f"- d'attribuer une subvention de {amount} à l'association Zénith."))
    [award] = read.awards
    assert (award.amount.status, award.amount.value) == (FactStatus.MALFORMED, None)
    assert award.beneficiary.usable == "Zénith"
    assert "amount_malformed" in codes(read, Severity.BLOCKING)


def test_an_award_that_the_report_contradicts_is_conflicting() -> None:
    report = "Il est proposé d'attribuer à l'association Les Amis du Port une subvention de 6 000 €."
    read = act(deliberation(AWARD, report=report))
    assert (read.awards[0].amount.status, read.awards[0].amount.usable) == (FactStatus.CONFLICTING, None)
    assert {e.text for e in read.awards[0].amount.evidence} == {"5 000 €", "6 000 €"}
    assert "amount_conflict" in codes(read, Severity.BLOCKING)


def test_a_beneficiary_that_the_title_contradicts_is_conflicting() -> None:
    read = act(deliberation(AWARD, title="Attribution d'une subvention à l'association Les Voisins"))
    assert read.awards[0].beneficiary.status is FactStatus.CONFLICTING
    assert "beneficiary_conflict" in codes(read, Severity.BLOCKING)


def test_a_name_whose_end_is_a_guess_is_ambiguous_until_the_title_confirms_it() -> None:
    name = "Association pour la Promotion du Sport"
    operative = f"- d'attribuer une subvention de 5 000 € à l'{name} pour Tous les Âges."
    [guessed] = act(deliberation(operative)).awards
    [confirmed] = act(deliberation(operative, title=f"Subvention à l'{name}")).awards
    assert (guessed.beneficiary.status, guessed.beneficiary.usable) == (FactStatus.AMBIGUOUS, None)
    assert confirmed.beneficiary.usable == name


def test_a_pronoun_is_no_beneficiary() -> None:
    [award] = act(deliberation("- d'attribuer une subvention de 5 000 € à celle-ci.")).awards
    assert award.beneficiary.usable is None


# Vote


@pytest.mark.parametrize(
    ("vote", "outcome", "counts", "unanimous"),
    [
        ("Cette proposition mise aux voix est adoptée.", Outcome.ADOPTED, (None, None, None), None),
        ("Adoptée à l'unanimité des suffrages exprimés.", Outcome.ADOPTED, (None, None, None), True),
        ("Adopté à la majorité. Contre : 3, abstentions : 2", Outcome.ADOPTED, (None, 3, 2), False),
        ("27 pour: 0 contre: 0 abstention(s)", Outcome.ADOPTED, (27, 0, 0), None),
        ("Pour : 20\nContre : 5\nAbstention : 1", Outcome.ADOPTED, (20, 5, 1), None),
        ("Pour : 5 Contre : 20", Outcome.REJECTED, (5, 20, None), None),
        ("VOTE : UNANIMITÉ", Outcome.ADOPTED, (None, None, None), True),
        ("Cette proposition mise aux voix est rejetée.", Outcome.REJECTED, (None, None, None), None),
        ("Cette proposition mise aux voix n'est pas adoptée.", Outcome.REJECTED, (None, None, None), None),
        ("La délibération est ajournée.", Outcome.POSTPONED, (None, None, None), None),
        ("Le rapport est retiré de l'ordre du jour.", Outcome.POSTPONED, (None, None, None), None),
    ],
)
def test_a_vote_says_what_it_says_and_no_more(
    vote: str, outcome: Outcome, counts: tuple[int | None, ...], unanimous: bool | None
) -> None:
    read = act(deliberation(AWARD, vote=vote))
    assert read.outcome.usable is outcome
    assert (read.vote.for_.usable, read.vote.against.usable, read.vote.abstentions.usable) == counts
    assert read.vote.unanimous.usable is unanimous
    expected = {Outcome.REJECTED: {"vote_rejected"}, Outcome.POSTPONED: {"vote_postponed"}}.get(outcome, set())
    assert codes(read, Severity.BLOCKING) == expected


def test_a_deliberation_that_does_not_say_how_it_was_voted_has_an_unknown_outcome() -> None:
    read = act(deliberation(AWARD, vote=""))
    assert (read.outcome.value, read.outcome.status) == (Outcome.UNKNOWN, FactStatus.MISSING)
    assert "outcome_unknown" in codes(read)


# The rest of an act


def test_stamps_and_budget_are_read_where_they_stand() -> None:
    text = deliberation(
        f"{AWARD}\nArticle 2 : La dépense est imputée au chapitre 65, nature 65748, fonction 311 du budget 2024.\n"
        "Article 3 : M. le Maire ou l'adjoint délégué est autorisé(e) à signer la convention ci-annexée."
    )
    text += (
        "Envoyé en préfecture le 15/03/2024\nReçu en préfecture le 15/03/2024\nPublié le 18/03/2024\n"
        "ID : 034-213401722-20240312-DEL2024_031-DE\nConvention\n"
    )
    read = act(text)
    budget = read.budget
    values = [f.usable for f in (budget.fiscal_year, budget.chapter, budget.nature, budget.function, budget.other)]
    assert values == [2024, "65", "65748", "311", None]
    assert read.signing_authority.usable == "Maire ou l'adjoint délégué"
    assert read.convention_approved.usable is True
    assert read.receipt.id.usable == "034-213401722-20240312-DEL2024_031-DE"
    assert read.receipt.sent_at.usable == read.receipt.received_at.usable == date(2024, 3, 15)
    assert read.receipt.published_at.usable == date(2024, 3, 18)
    assert codes(read).isdisjoint({"no_executory_proof", "annex_absent", "signing_authority_missing"})


def test_two_stamps_that_differ_are_conflicting() -> None:
    text = deliberation(AWARD) + "Reçu en préfecture le 15/03/2024\nReçu en préfecture le 16/03/2024\n"
    assert act(text).receipt.received_at.status is FactStatus.CONFLICTING
    assert "receipt_conflicting" in codes(act(text))


def test_a_session_on_a_day_that_does_not_exist_is_malformed() -> None:
    read = act(deliberation(AWARD).replace("12 mars 2024", "31 février 2024"))
    assert read.session_date.status is FactStatus.MALFORMED
    assert "session_date_malformed" in codes(read)


def test_a_second_decision_that_no_title_announces_is_reported() -> None:
    second = "\nLe Conseil municipal, après en avoir délibéré,\nDÉCIDE :\n- d'attribuer 300 € au Club Nautique.\n"
    read = act(deliberation(AWARD) + second)
    assert "several_acts" in codes(read, Severity.BLOCKING)


def test_an_unfilled_field_is_reported() -> None:
    read = act(deliberation(f"{AWARD}\nArticle 2 : convention n° XXXXX approuvée."))
    assert "unfilled_field" in codes(read)


def test_every_finding_has_a_french_sentence_for_a_person(reference: bytes) -> None:
    for finding in read_document(reference, "x.txt").acts[0].findings:
        assert finding.message[0].isupper() or finding.message[0] == "«" or finding.message.split()[0].istitle()
        assert finding.message.endswith(".")


NOVEL = "Il marchait depuis l'aube. Le conseil de son père, séance tenante, lui revint : garder 50 000 euros. " * 40
INVOICE = (
    "FACTURE n° 2024-118\nSociété Exemple\nMontant HT : 1 200,00 €\nTVA 20 % : 240,00 €\nNet à payer : 1 440,00 €\n"
)


@pytest.mark.parametrize("text", [NOVEL, INVOICE, "Bonjour", "Le conseil municipal est en vacances."])
def test_what_is_not_a_deliberation_is_refused(text: str) -> None:
    with pytest.raises(NotADeliberation) as refusal:
        read_document(text.encode(), "autre.txt")
    assert refusal.value.code == "not_a_deliberation"


def test_minutes_are_cut_into_what_was_voted_and_grant_nothing_that_no_sentence_decides(shared: Path) -> None:
    path = shared / "deliberations" / "19-couthenans-cr-2022-10-07.txt"
    acts = read_document(path.read_bytes(), path.name).acts
    assert "Subventions aux associations" in [act.title.usable for act in acts]
    assert {act.number.status for act in acts} == {FactStatus.MISSING}
    assert {act.session_date.usable for act in acts} == {date(2022, 10, 7)}
    assert all(act.awards == () and "operative_part_missing" in codes(act) for act in acts)


def test_profiles_are_data_with_the_generic_one_last() -> None:
    assert list(profiles())[-1] == "generic"
    assert profiles()["aix-marseille-provence"].name == "Métropole Aix-Marseille-Provence"


def test_no_code_of_the_reader_names_an_authority() -> None:
    folder = Path(__file__).parents[3] / "activities" / "reading"
    code = "\n".join(path.read_text(encoding="utf-8").lower() for path in folder.glob("*.py"))
    assert not [name for name in ("marseille", "paris ", "montpellier", "corte", "smart port") if name in code]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        "attribuer la somme de 5 euros à la ",
        "deliberation n° ",
        "autorise le président ",
        "approuve la ",
        "\n",
        "1",
        "a : ",
    ],
)
def test_a_hostile_text_is_read_in_reasonable_time(piece: str) -> None:
    assert act(deliberation(piece * (400_000 // len(piece))))


@pytest.mark.parametrize(
    ("bottom", "top"),
    [("", ""), ("\n\nValbrune - page 1/2", ""), ("", "Registre de Valbrune\n\n"), ("\n", "\n\n")],
)
def test_a_name_goes_on_across_a_page_and_its_running_lines(bottom: str, top: str) -> None:
    text = deliberation("Article 1 : Est attribuée une subvention de 5 000 € à la Compagnie des@Grandes Voiles.")
    text = top + text.replace("@", f"{bottom}\n\f{top}") + bottom.replace("1/2", "2/2")
    read = act(text)
    assert read.awards[0].beneficiary.usable == "Compagnie des Grandes Voiles"
    assert read.authority.usable == "Commune de Valbrune"


def test_a_name_that_an_empty_line_may_have_cut_is_ambiguous() -> None:
    read = act(
        deliberation("Article 1 : Est attribuée une subvention de 5 000 € à la Compagnie des\n\nGrandes Voiles.")
    )
    assert read.awards[0].beneficiary.usable is None
    assert "beneficiary_ambiguous" in codes(read)


def test_a_number_cited_in_the_title_is_not_the_number_of_the_act() -> None:
    text = deliberation(AWARD, title="Modification de la délibération n° 2020-012 sur les subventions")
    assert act(text).number.usable == "2024-031"
    assert act(text.replace("Délibération n° 2024-031\n", "")).number.status is FactStatus.MISSING
    assert "2020-012" in [reference.value for reference in act(text).references]


def test_a_wrapped_line_that_begins_with_a_word_of_vote_is_no_vote() -> None:
    wrapped = (
        f"{AWARD}\nArticle 2 : La charte\nadoptée par le Conseil en 2019 et la demande\nreportée restent sans effet."
    )
    read = act(deliberation(f"{wrapped}\nArticle 3 : Le Maire est autorisé à signer la convention.", vote=""))
    assert read.outcome.status is FactStatus.MISSING
    assert read.signing_authority.usable == "Maire"


def test_a_year_outside_the_budget_clause_is_not_the_fiscal_year() -> None:
    operative = f"{AWARD[:-1]} de l'exercice 2023.\nArticle 2 : Les crédits sont inscrits au budget 2024, chapitre 65."
    assert act(deliberation(operative)).budget.fiscal_year.usable == 2024
    assert act(deliberation(f"{AWARD[:-1]} de l'exercice 2023.")).budget.fiscal_year.usable is None
