"""Who may sign for the authority: the law of powers, case by case, then as properties."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.parties import Civility, Person
from domain.powers import Delegation, Mandate, PowerKind, PowerQuestion, PowerRegister, Recusal, Resolution
from domain.resolver import allows_representative, resolve

AUTHORITY = "Métropole d'Exemple"
SIRET = "90000000100017"
DAY = date(2026, 7, 6)


def person(name: str, capacity: str, civility: Civility = Civility.MADAME) -> Person:
    return Person(
        civility=civility,
        first_name="Dominique",
        last_name=name,
        capacity=capacity,
        email=f"{name.lower()}@example.org",
    )


PRESIDENT = person("Exemple", "Présidente")
VICE_PRESIDENT = person("Delegue", "Vice-présidente déléguée à l'emploi")
DIRECTOR = person("Directeur", "Directeur général des services", Civility.MONSIEUR)

MANDATE = Mandate(id="mandat", authority=AUTHORITY, holder=PRESIDENT, start=date(2026, 4, 1))
FUNCTION = Delegation(
    id="fonction",
    authority=AUTHORITY,
    kind=PowerKind.FUNCTION,
    holder=VICE_PRESIDENT,
    order_number="2026-12",
    order_date=date(2026, 4, 10),
    transmitted_on=date(2026, 4, 11),
    published_on=date(2026, 4, 12),
    matters=("subventions", "emploi"),
    start=date(2026, 4, 13),
)
SIGNATURE = FUNCTION.model_copy(
    update={
        "id": "signature",
        "kind": PowerKind.SIGNATURE,
        "holder": DIRECTOR,
        "order_number": "2026-13",
        "ceiling": Decimal("60000.00"),
    }
)
SUBSTITUTION = FUNCTION.model_copy(
    update={
        "id": "suppleance",
        "kind": PowerKind.SUBSTITUTION,
        "holder": person("Premier", "Premier vice-président", Civility.MONSIEUR),
        "order_number": "2026-14",
    }
)
REGISTER = PowerRegister(mandates=(MANDATE,), delegations=(SIGNATURE, FUNCTION))


def question(**changes: object) -> PowerQuestion:
    asked = PowerQuestion(
        authority=AUTHORITY,
        matter="subventions",
        amount=Decimal("50000.00"),
        beneficiary_siret=SIRET,
        signing_authority="Présidente ou son représentant",
        instant=datetime(2026, 7, 6, 12, tzinfo=UTC),
    )
    return asked.model_copy(update=changes)


def names(resolution: Resolution) -> list[str]:
    return [candidate.person.last_name for candidate in resolution.candidates]


def test_whoever_took_no_part_in_the_vote_is_not_called_to_sign() -> None:
    register = PowerRegister(mandates=(MANDATE,), delegations=(FUNCTION,))
    assert names(resolve(register, question())) == ["Delegue", "Exemple"]
    silent = resolve(register, question(not_voting=("Mme Dominique DELEGUE",)))
    assert names(silent) == ["Exemple"]
    (excluded,) = (e for e in silent.exclusions if e.person == VICE_PRESIDENT)
    assert "n'a pas pris part au vote" in excluded.reason


def test_whoever_signs_in_the_name_of_an_executive_who_took_no_part_in_the_vote_does_not_sign_either() -> None:
    agent = FUNCTION.model_copy(update={"id": "signature", "kind": PowerKind.SIGNATURE, "holder": DIRECTOR})
    register = PowerRegister(mandates=(MANDATE,), delegations=(agent,))
    nobody = resolve(register, question(not_voting=("EXEMPLE Dominique",)))
    assert nobody.candidates == ()
    assert "déport" in nobody.reason
    elected = PowerRegister(mandates=(MANDATE,), delegations=(FUNCTION,))
    assert names(resolve(elected, question(not_voting=("EXEMPLE Dominique",)))) == ["Delegue"]


def recusal(who: Person, **changes: object) -> Recusal:
    entry = Recusal(
        id="deport",
        authority=AUTHORITY,
        person_email=str(who.email).upper(),
        beneficiary_siret=SIRET,
        order_number="2026-20",
        start=date(2026, 5, 1),
    )
    return entry.model_copy(update=changes)


def with_delegation(**changes: object) -> PowerRegister:
    return PowerRegister(mandates=(MANDATE,), delegations=(FUNCTION.model_copy(update=changes),))


def ids(resolution: Resolution) -> list[str]:
    return [candidate.entry_id for candidate in resolution.candidates]


def reason_of(resolution: Resolution, entry_id: str) -> str:
    return next(exclusion.reason for exclusion in resolution.exclusions if exclusion.entry_id == entry_id)


def test_delegates_come_first_elected_before_agents_and_the_executive_last() -> None:
    resolution = resolve(REGISTER, question())
    assert ids(resolution) == ["fonction", "signature", "mandat"]
    assert resolution.executive == PRESIDENT
    assert resolution.exclusions == ()
    assert resolution.reason == ""


def test_a_setting_puts_the_executive_first() -> None:
    assert ids(resolve(REGISTER, question(), delegate_first=False)) == ["mandat", "fonction", "signature"]


def test_each_candidate_says_on_what_ground_in_french() -> None:
    function, signature, mandate = resolve(REGISTER, question()).candidates
    assert function.ground == (
        "Arrêté n° 2026-12 du 10 avril 2026 (délégation de fonction), transmis au représentant de l'État le"
        " 11 avril 2026 et publié le 12 avril 2026."
    )
    assert "(délégation de signature)" in signature.ground
    assert mandate.ground == "Mandat d'exécutif en cours depuis le 1er avril 2026."


def test_capacity_lines_agree_with_both_people() -> None:
    function, signature, mandate = resolve(REGISTER, question()).candidates
    assert function.capacity_line == "Pour la Présidente et par délégation, la Vice-présidente déléguée à l'emploi"
    assert signature.capacity_line == "Pour la Présidente et par délégation, le Directeur général des services"
    assert mandate.capacity_line == "La Présidente de la Métropole d'Exemple"


@pytest.mark.parametrize(
    ("authority", "capacity", "civility", "line"),
    [
        ("Commune d'Exemple", "Maire", Civility.MONSIEUR, "Le Maire de la Commune d'Exemple"),
        ("Commune d'Exemple", "la Maire", Civility.MADAME, "La Maire de la Commune d'Exemple"),
        ("Ville-Exemple", "Maire de Ville-Exemple", Civility.MADAME, "La Maire de Ville-Exemple"),
        ("Département d'Exemple", "Président", Civility.MONSIEUR, "Le Président du Département d'Exemple"),
        ("Eurométropole d'Exemple", "Présidente", Civility.MADAME, "La Présidente de l'Eurométropole d'Exemple"),
        ("Exemple Agglo", "Présidente", Civility.MADAME, "La Présidente d'Exemple Agglo"),
        ("Bord-de-Mer Agglo", "Présidente", Civility.MADAME, "La Présidente de Bord-de-Mer Agglo"),
        ("Le Bourg", "Maire", Civility.MADAME, "La Maire du Bourg"),
        ("La Rive", "Maire", Civility.MADAME, "La Maire de la Rive"),
        ("Commune d'Exemple", "Administratrice", Civility.MADAME, "L'Administratrice de la Commune d'Exemple"),
    ],
)
def test_the_executives_line_has_the_right_articles(
    authority: str, capacity: str, civility: Civility, line: str
) -> None:
    mandate = MANDATE.model_copy(update={"authority": authority, "holder": person("Exemple", capacity, civility)})
    resolution = resolve(PowerRegister(mandates=(mandate,)), question(authority=authority))
    assert resolution.candidates[0].capacity_line == line


@pytest.mark.parametrize(
    ("executive", "holder", "line"),
    [
        (
            (Civility.MADAME, "Présidente"),
            "Onzième vice-président",
            "Pour la Présidente empêchée, le Onzième vice-président",
        ),
        ((Civility.MONSIEUR, "Maire"), "Adjoint délégué", "Pour le Maire empêché, l'Adjoint délégué"),
    ],
)
def test_a_substitute_signs_for_the_prevented_executive(
    executive: tuple[Civility, str], holder: str, line: str
) -> None:
    mandate = MANDATE.model_copy(update={"holder": person("Exemple", executive[1], executive[0])})
    entry = SUBSTITUTION.model_copy(update={"holder": person("Premier", holder, Civility.MONSIEUR)})
    resolution = resolve(PowerRegister(mandates=(mandate,), delegations=(entry,)), question())
    assert resolution.candidates[0].capacity_line == line
    assert resolution.candidates[0].kind is PowerKind.SUBSTITUTION


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"transmitted_on": None}, "transmission au représentant de l'État n'est pas établie"),
        ({"published_on": None}, "publication n'est pas établie"),
        ({"transmitted_on": DAY}, "n'est exécutoire qu'après le 6 juillet 2026 (transmission)"),
        ({"published_on": DAY}, "n'est exécutoire qu'après le 6 juillet 2026 (publication)"),
        ({"published_on": DAY + timedelta(days=1)}, "7 juillet 2026"),
        ({"start": DAY + timedelta(days=1)}, "ne commence que le 7 juillet 2026"),
        ({"end": DAY - timedelta(days=1)}, "a pris fin le 5 juillet 2026"),
        ({"revoked_on": DAY}, "a été rapportée le 6 juillet 2026"),
        ({"matters": ("emploi",)}, "ne couvre pas la matière « subventions »"),
        ({"matters": ()}, "ne couvre pas la matière « subventions »"),
        ({"ceiling": Decimal("49999.99")}, "plafonne la délégation à 49\u202f999,99\u00a0€"),
        ({"order_date": date(2026, 3, 31)}, "tombée avec le mandat de l'exécutif qui l'avait consentie"),
        ({"kind": PowerKind.EXECUTIVE}, "un mandat s'inscrit comme mandat"),
        ({"holder": PRESIDENT}, "il signe au titre de son mandat"),
    ],
)
def test_a_delegation_that_does_not_hold_is_excluded_with_its_reason(changes: dict[str, object], reason: str) -> None:
    resolution = resolve(with_delegation(**changes), question())
    assert ids(resolution) == ["mandat"]
    assert reason in reason_of(resolution, "fonction")


@pytest.mark.parametrize(
    "changes",
    [
        {"transmitted_on": DAY - timedelta(days=1), "published_on": DAY - timedelta(days=1)},
        {"start": DAY, "end": DAY},
        {"revoked_on": DAY + timedelta(days=1)},
        {"ceiling": Decimal("50000.00")},
        {"order_date": MANDATE.start},
    ],
)
def test_a_delegation_holds_to_its_very_limits(changes: dict[str, object]) -> None:
    assert ids(resolve(with_delegation(**changes), question())) == ["fonction", "mandat"]


def test_the_day_is_the_day_in_paris() -> None:
    late_evening_utc = datetime(2026, 7, 5, 22, 30, tzinfo=UTC)
    register = with_delegation(end=date(2026, 7, 5))
    assert ids(resolve(register, question(instant=late_evening_utc))) == ["mandat"]
    assert ids(resolve(register, question(instant=late_evening_utc - timedelta(hours=1)))) == ["fonction", "mandat"]


def test_invariant_3_a_delegation_falls_with_the_mandate_of_who_gave_it_even_when_re_elected() -> None:
    old = MANDATE.model_copy(update={"end": date(2026, 7, 1)})
    new = MANDATE.model_copy(update={"id": "second-mandat", "start": date(2026, 7, 2)})
    resolution = resolve(PowerRegister(mandates=(old, new), delegations=(FUNCTION,)), question())
    assert ids(resolution) == ["second-mandat"]
    assert "tombée avec le mandat" in reason_of(resolution, "fonction")
    assert reason_of(resolution, "mandat") == "Son mandat a pris fin le 1er juillet 2026."


def test_without_an_executive_nobody_may_sign() -> None:
    ended = MANDATE.model_copy(update={"end": DAY - timedelta(days=1)})
    resolution = resolve(PowerRegister(mandates=(ended,), delegations=(FUNCTION, SUBSTITUTION)), question())
    assert resolution.candidates == ()
    assert resolution.executive is None
    assert "Aucun mandat d'exécutif" in resolution.reason
    assert {exclusion.entry_id for exclusion in resolution.exclusions} == {"mandat", "fonction", "suppleance"}
    assert resolve(PowerRegister(), question()).reason


def test_a_future_and_an_overlapping_mandate_are_explained() -> None:
    later = MANDATE.model_copy(update={"id": "futur", "start": DAY + timedelta(days=1)})
    newer = MANDATE.model_copy(update={"id": "nouveau", "start": DAY})
    resolution = resolve(PowerRegister(mandates=(MANDATE, later, newer)), question())
    assert ids(resolution) == ["nouveau"]
    assert "ne commence que le 7 juillet 2026" in reason_of(resolution, "futur")
    assert "plus récent" in reason_of(resolution, "mandat")


def test_entries_of_another_authority_give_no_power_here() -> None:
    resolution = resolve(REGISTER, question(authority="Commune d'Ailleurs"))
    assert (resolution.candidates, resolution.exclusions, resolution.executive) == ((), (), None)
    assert ids(resolve(REGISTER, question(authority="METROPOLE D’EXEMPLE"))) == ["fonction", "signature", "mandat"]


def test_a_recused_delegate_is_excluded_for_this_beneficiary_only() -> None:
    register = REGISTER.model_copy(update={"recusals": (recusal(VICE_PRESIDENT),)})
    resolution = resolve(register, question(beneficiary_siret="900 000 001 00017"))
    assert ids(resolution) == ["signature", "mandat"]
    assert "Déport pour ce bénéficiaire : arrêté n° 2026-20" in reason_of(resolution, "fonction")
    assert "fonction" in ids(resolve(register, question(beneficiary_siret="90000000200015")))


@pytest.mark.parametrize(
    "changes",
    [
        {"start": DAY + timedelta(days=1)},
        {"end": DAY - timedelta(days=1)},
        {"authority": "Commune d'Ailleurs"},
        {"person_email": "autre@example.org"},
    ],
)
def test_a_recusal_holds_for_its_time_its_authority_and_its_person(changes: dict[str, object]) -> None:
    register = REGISTER.model_copy(update={"recusals": (recusal(PRESIDENT, **changes),)})
    assert "mandat" in ids(resolve(register, question()))


def test_a_recused_executive_takes_the_agents_who_sign_in_her_name_with_her() -> None:
    register = REGISTER.model_copy(update={"recusals": (recusal(PRESIDENT),)})
    resolution = resolve(register, question())
    assert ids(resolution) == ["fonction"]
    assert resolution.executive == PRESIDENT
    assert "Déport" in reason_of(resolution, "mandat")
    assert "L'exécutif s'est déporté" in reason_of(resolution, "signature")


def test_a_recused_executive_alone_leaves_nobody_and_says_what_to_do() -> None:
    register = PowerRegister(mandates=(MANDATE,), recusals=(recusal(PRESIDENT),))
    resolution = resolve(register, question())
    assert resolution.candidates == ()
    assert "suppléant" in resolution.reason


def test_a_person_with_two_orders_is_proposed_once() -> None:
    second = FUNCTION.model_copy(update={"id": "seconde", "order_date": date(2026, 5, 1)})
    register = PowerRegister(mandates=(MANDATE,), delegations=(second, FUNCTION))
    assert ids(resolve(register, question())) == ["fonction", "mandat"]


def test_two_people_with_one_address_stay_two() -> None:
    namesake = VICE_PRESIDENT.model_copy(update={"last_name": "Autre"})
    second = FUNCTION.model_copy(update={"id": "seconde", "holder": namesake})
    register = PowerRegister(mandates=(MANDATE,), delegations=(second, FUNCTION))
    assert ids(resolve(register, question())) == ["fonction", "seconde", "mandat"]


@pytest.mark.parametrize(
    "words",
    [
        "Présidente ou son représentant",
        "Madame la Présidente de la Métropole ou son représentant",
        "le Président ou son-sa représentant-e",
        "le Président ou son(sa) représentant(e)",
        "la·le Président·e ou sa·son représentant·e",
        "le Maire ou, à défaut, l'adjoint délégué",
        "le Maire ou l'adjoint(e) aux finances",
        "la vice-présidente déléguée",
        "le Vice‐Président délégué",
        "LE PRESIDENT OU SON REPRESENTANT",
        "le Président ou toute personne dûment habilitée",
        "la Présidente ou l'élu·e délégué·e",
        "le Président, ou par délégation le directeur général",
        "Présidente ou représentant",
        "le Maire ou un autre représentant",
    ],
)
def test_words_that_let_a_representative_sign(words: str) -> None:
    assert allows_representative(words)
    assert ids(resolve(REGISTER, question(signing_authority=words)))[0] == "fonction"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Présidente",
        "Madame la Présidente de la Métropole",
        "le Maire",
        "la Présidente, représentant la Métropole",
        "la Présidente, sans possibilité de délégation",
        "le Maire, à l'exclusion de tout représentant",
    ],
)
def test_words_that_name_only_the_executive_exclude_delegates_visibly(words: str) -> None:
    assert not allows_representative(words)
    resolution = resolve(REGISTER, question(signing_authority=words))
    assert ids(resolution) == ["mandat"]
    for entry_id in ("fonction", "signature"):
        assert "La délibération" in reason_of(resolution, entry_id)


def test_a_substitute_has_the_executives_own_power_whatever_the_words() -> None:
    register = PowerRegister(mandates=(MANDATE,), delegations=(FUNCTION, SUBSTITUTION))
    assert ids(resolve(register, question(signing_authority="Présidente"))) == ["suppleance", "mandat"]
    recused = register.model_copy(update={"recusals": (recusal(PRESIDENT),)})
    assert ids(resolve(recused, question())) == ["suppleance", "fonction"]


days = st.dates(min_value=date(2026, 3, 1), max_value=date(2026, 9, 30))
people = st.sampled_from([PRESIDENT, VICE_PRESIDENT, DIRECTOR, SUBSTITUTION.holder])


@st.composite
def registers(draw: st.DrawFn) -> PowerRegister:
    maybe_day = st.none() | days
    mandates = [
        MANDATE.model_copy(
            update={"id": f"mandat-{n}", "holder": draw(people), "start": draw(days), "end": draw(maybe_day)}
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    delegations = [
        FUNCTION.model_copy(
            update={
                "id": f"delegation-{n}",
                "kind": draw(st.sampled_from(list(PowerKind))),
                "holder": draw(people),
                "order_date": draw(days),
                "transmitted_on": draw(maybe_day),
                "published_on": draw(maybe_day),
                "matters": tuple(draw(st.sets(st.sampled_from(["subventions", "emploi"])))),
                "ceiling": draw(st.none() | st.sampled_from([Decimal("10000.00"), Decimal("50000.00")])),
                "start": draw(days),
                "end": draw(maybe_day),
                "revoked_on": draw(maybe_day),
            }
        )
        for n in range(draw(st.integers(0, 5)))
    ]
    recusals = [
        recusal(draw(people), id=f"deport-{n}", start=draw(days), end=draw(maybe_day))
        for n in range(draw(st.integers(0, 2)))
    ]
    return PowerRegister(mandates=tuple(mandates), delegations=tuple(delegations), recusals=tuple(recusals))


questions = st.builds(
    lambda day, words: question(
        instant=datetime(day.year, day.month, day.day, 12, tzinfo=UTC), signing_authority=words
    ),
    days,
    st.sampled_from(["Présidente", "Présidente ou son représentant"]),
)


@given(registers(), questions)
def test_invariant_3_every_candidate_holds_the_power_that_the_law_asks(
    register: PowerRegister, asked: PowerQuestion
) -> None:
    day = asked.instant.date()
    resolution = resolve(register, asked)
    running = [m for m in register.mandates if m.start <= day and (m.end is None or day <= m.end)]
    entries = {d.id: d for d in register.delegations}
    recused = {
        r.person_email.casefold() for r in register.recusals if r.start <= day and (r.end is None or day <= r.end)
    }
    for candidate in resolution.candidates:
        assert str(candidate.person.email).casefold() not in recused
        assert running
        if candidate.kind is PowerKind.EXECUTIVE:
            assert candidate.entry_id in {m.id for m in running}
            continue
        entry = entries[candidate.entry_id]
        assert entry.transmitted_on is not None
        assert entry.published_on is not None
        assert max(entry.transmitted_on, entry.published_on) < day
        assert entry.start <= day <= (entry.end or day)
        assert entry.revoked_on is None or day < entry.revoked_on
        assert asked.matter in entry.matters
        assert entry.ceiling is None or entry.ceiling >= asked.amount
        assert entry.order_date >= max(m.start for m in running)
        assert candidate.kind is PowerKind.SUBSTITUTION or "représentant" in asked.signing_authority


@given(registers(), questions)
def test_the_answer_does_not_depend_on_the_order_of_the_entries(register: PowerRegister, asked: PowerQuestion) -> None:
    shuffled = PowerRegister(
        mandates=tuple(reversed(register.mandates)),
        delegations=tuple(reversed(register.delegations)),
        recusals=tuple(reversed(register.recusals)),
    )
    assert resolve(shuffled, asked) == resolve(register, asked)


@given(registers(), questions)
def test_every_entry_is_answered_for_and_silence_is_explained(register: PowerRegister, asked: PowerQuestion) -> None:
    resolution = resolve(register, asked)
    chosen = {c.entry_id for c in resolution.candidates}
    excluded = {e.entry_id for e in resolution.exclusions}
    assert not chosen & excluded
    unanswered = {e.id for e in (*register.mandates, *register.delegations)} - chosen - excluded
    holders = {c.person.email for c in resolution.candidates}
    assert all(d.holder.email in holders for d in register.delegations if d.id in unanswered)
    assert not unanswered & {m.id for m in register.mandates}
    assert all(e.reason.endswith((".", ").")) and "None" not in e.reason for e in resolution.exclusions)
    assert bool(resolution.reason) == (not resolution.candidates)
    assert {c.entry_id for c in resolve(register, asked, delegate_first=False).candidates} == chosen


@given(registers(), questions)
def test_a_recusal_only_ever_takes_power_away(register: PowerRegister, asked: PowerQuestion) -> None:
    before = {c.person.email for c in resolve(register, asked).candidates}
    more = register.model_copy(
        update={"recusals": (*register.recusals, recusal(VICE_PRESIDENT, id="de-plus", start=date(2026, 1, 1)))}
    )
    after = {c.person.email for c in resolve(more, asked).candidates}
    assert after <= before
    assert VICE_PRESIDENT.email not in after


@pytest.mark.parametrize(
    "other_side",
    [
        {"email": "DELEGUE@example.org", "first_name": "Autre", "last_name": "Nom"},
        {"email": "ailleurs@example.org"},
    ],
    ids=["one mailbox", "one name"],
)
def test_whoever_represents_the_beneficiary_does_not_sign_for_the_authority_too(other_side: dict[str, str]) -> None:
    representative = VICE_PRESIDENT.model_copy(update=other_side)
    register = PowerRegister(mandates=(MANDATE,), delegations=(FUNCTION,))
    resolution = resolve(register, question(beneficiary_representative=representative))
    assert ids(resolution) == ["mandat"]
    assert "représente le bénéficiaire" in reason_of(resolution, "fonction")


def test_an_executive_on_both_sides_leaves_nobody_and_it_is_said_how_to_go_on() -> None:
    resolution = resolve(PowerRegister(mandates=(MANDATE,)), question(beneficiary_representative=PRESIDENT))
    assert resolution.candidates == ()
    assert "déport" in resolution.reason
