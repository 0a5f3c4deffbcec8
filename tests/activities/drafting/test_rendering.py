"""Rendering: a function of the template and the facts, deaf to what values try to say."""

import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from jinja2 import Environment

from activities.drafting.lint import lint
from activities.drafting.package import normalised
from activities.drafting.rendering import render
from domain.convention import DraftFacts
from domain.errors import DraftRefused
from domain.facts import Severity


def text_of(docx: bytes) -> str:
    document = Document(io.BytesIO(docx))
    parts = [document.element.body, document.sections[0].header._element, document.sections[0].footer._element]
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for part in parts for p in part.iter(qn("w:p")))


def headings(docx: bytes) -> list[str]:
    return [p.text for p in Document(io.BytesIO(docx)).paragraphs if p.style.name == "Heading 1"]


def edited(template: bytes, text: str) -> bytes:
    """The template with one more paragraph, as a legal officer would add it."""
    document = Document(io.BytesIO(template))
    document.paragraphs[3].insert_paragraph_before(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def renamed(facts: DraftFacts, name: str) -> DraftFacts:
    return facts.model_copy(update={"beneficiary": facts.beneficiary.model_copy(update={"name": name})})


def with_clauses(facts: DraftFacts, *codes: str) -> DraftFacts:
    return facts.model_copy(update={"clauses": facts.clauses + codes})


def test_the_same_facts_and_template_give_the_same_bytes(template: bytes, facts: DraftFacts) -> None:
    assert render(template, facts) == render(template, DraftFacts.model_validate_json(facts.model_dump_json()))


def test_the_times_of_a_zip_do_not_reach_the_file(template: bytes, facts: DraftFacts) -> None:
    docx = render(template, facts)
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert package.namelist()[0] == "[Content_Types].xml"
    assert normalised(docx) == docx
    assert Document(io.BytesIO(docx)).core_properties.created == datetime(2019, 10, 1, 9, tzinfo=UTC)


def test_the_reference_convention_prints_what_was_decided(template: bytes, facts: DraftFacts) -> None:
    text = text_of(render(template, facts))
    assert "cinquante mille euros (50\u202f000\u00a0€)" in text
    assert "ECO 010-6552/19/BM du 26 septembre 2019" in text
    assert "chapitre 65, nature 657381, fonction 61, B320" in text
    assert "Chambre de Commerce et d’Industrie Marseille Provence" in text
    assert "Madame Dominique Laurent, Directrice générale, qui déclare être habilitée" in text
    assert "À la notification de la convention" in text
    assert "tribunal administratif de Marseille" in text
    assert "200\u00a0054\u00a0807\u00a000017" in text


def test_a_rendered_convention_has_nothing_for_the_lint_to_say(template: bytes, facts: DraftFacts) -> None:
    every = with_clauses(
        facts,
        "republican_commitment",
        "unspent_share",
        "de_minimis",
        "accounts_deposit",
        "essential_data",
        "payment_delay",
    )
    for variant in (facts, every):
        assert lint(render(template, variant), variant) == ()


def test_conditional_articles_come_and_go_and_word_numbers_them(template: bytes, facts: DraftFacts) -> None:
    plain = render(template, facts)
    more = render(template, with_clauses(facts, "republican_commitment", "de_minimis"))
    assert "Contrat d’engagement républicain" not in headings(plain)
    added = [heading for heading in headings(more) if heading not in headings(plain)]
    assert added == ["Contrat d’engagement républicain", "Aide de minimis"]
    # No article bears a number typed by hand: Word and LibreOffice count them.
    assert not any(re.match(r"(Article\s*)?\d", heading) for heading in headings(more))
    style = Document(io.BytesIO(more)).styles["Heading 1"].element
    assert style.find(f".//{qn('w:numPr')}") is not None


def test_without_a_budget_line_there_is_no_article_on_it(template: bytes, facts: DraftFacts) -> None:
    unknown = facts.deliberation.model_copy(update={"fiscal_year": None, "chapter": "", "nature": ""})
    docx = render(template, facts.model_copy(update={"deliberation": unknown}))
    assert "Imputation budgétaire" not in headings(docx)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Cie « Aube & Fils » <b>", "Cie «\u00a0Aube & Fils\u00a0» <b>"),
        ("L'œuvre d'Été", "L’œuvre d’Été"),
        ("E\u0301cole de la mer", "École de la mer"),
        ("{{ 7 * 7 }} {% raw %}", "{{ 7 * 7 }} {% raw %}"),
        ("A\x00B\x0bC\u202eD\ufeffE\nF\tG", "AB CDE F G"),
        ("</w:t></w:r><w:r><w:t>Z", "</w:t></w:r><w:r><w:t>Z"),
        ('"Aube" \uf06e &amp;', '"Aube"  &amp;'),
        ("{_{ amount }_}", "{{ amount }}"),
    ],
)
def test_hostile_values_are_printed_as_text_and_nothing_else(
    template: bytes, facts: DraftFacts, typed: str, printed: str
) -> None:
    docx = render(template, renamed(facts, typed))
    assert printed in text_of(docx)
    assert len(headings(docx)) == len(headings(render(template, facts)))


def test_a_value_between_braces_does_not_pass_for_a_tag_left_behind(template: bytes, facts: DraftFacts) -> None:
    named = renamed(facts, "Réseau {{alpha}} & Cie")
    assert lint(render(template, named), named) == ()


def test_a_template_that_names_an_unknown_value_is_refused_with_its_name(template: bytes, facts: DraftFacts) -> None:
    with pytest.raises(DraftRefused) as refusal:
        render(edited(template, "Montant : {{ montant }}"), facts)
    assert refusal.value.code == "template_undefined"
    assert "montant" in refusal.value.message


@pytest.mark.parametrize(
    "text",
    [
        "{{ amount ",
        "{% if %}",
        "{{ amount|inconnu }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ facts.__init__.__globals__ }}",
        "{{ amount.__class__ }}",
        "{{ project_summary|long_date }}",
        "{{ 1 // 0 }}",
        "{{ purpose() }}",
        "{% for i in range(99999999) %}x{% endfor %}",
    ],
)
def test_a_template_with_a_bad_or_forbidden_tag_is_refused(template: bytes, facts: DraftFacts, text: str) -> None:
    with pytest.raises(DraftRefused) as refusal:
        render(edited(template, text), facts)
    assert refusal.value.code in {"template_invalid", "template_undefined"}


@pytest.mark.parametrize("template_bytes", [b"", b"PK\x03\x04", b"%PDF-1.7", b"<html></html>"])
def test_a_template_that_is_no_word_file_is_refused(facts: DraftFacts, template_bytes: bytes) -> None:
    with pytest.raises(DraftRefused) as refusal:
        render(template_bytes, facts)
    assert refusal.value.code == "template_unreadable"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Délibération n° du 3 mars", "value_empty"),
        ("Convention n° XXXXX", "blank_left"),
        ("Le …/…/2019", "blank_left"),
        ("À [compléter] par le service", "blank_left"),
        ("Nom : ______", "blank_left"),
    ],
)
def test_the_lint_sees_the_blanks_of_a_template(template: bytes, facts: DraftFacts, text: str, code: str) -> None:
    findings = lint(render(edited(template, text), facts), facts)
    assert [finding.code for finding in findings] == [code]
    assert findings[0].severity is Severity.BLOCKING


def test_the_lint_refuses_a_convention_that_does_not_say_its_amount(template: bytes, facts: DraftFacts) -> None:
    other = facts.model_copy(update={"amount": Decimal("49999.00")})
    findings = lint(render(template, facts), other)
    assert {finding.code for finding in findings} == {"amount_not_printed"}


def test_the_template_is_a_clean_word_file_with_a_place_for_each_signature(template: bytes) -> None:
    document = Document(io.BytesIO(template))
    bookmarks = [b.get(qn("w:name")) for b in document.element.body.iter(qn("w:bookmarkStart"))]
    assert bookmarks == ["SIGNBENEFICIARY", "SIGNAUTHORITY"]
    assert len(document.styles) < 30
    used = {Paragraph(p, document._body).style.name for p in document.element.body.iter(qn("w:p"))}
    assert "Normal" not in used, "every paragraph has a style that a legal officer can change at once"
    language = document.styles.element.find(f"{qn('w:docDefaults')}//{qn('w:lang')}")
    assert language.get(qn("w:val")) == "fr-FR"
    for row in document.tables[-1].rows:
        assert row._tr.trPr.find(qn("w:cantSplit")) is not None


def test_tags_of_the_template_are_complete_jinja(template: bytes) -> None:
    text = text_of(template)
    assert text.count("{{") == text.count("}}")
    assert len(re.findall(r"\{%p if", text)) == len(re.findall(r"\{%p endif", text))
    assert Environment(autoescape=True).parse(re.sub(r"\{%(p|tr) ", "{% ", text))
