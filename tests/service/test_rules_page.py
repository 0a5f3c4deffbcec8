"""``docs/rules.md`` is the page that the rules make of themselves."""

from domain.rules.catalogue import RULES
from domain.rules.settings import RuleSettings
from service.rules_page import page
from service.settings import ROOT


def test_the_page_is_what_the_rules_say_today() -> None:
    # To mend: python -m service.rules_page > docs/rules.md
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == page()


def test_every_rule_and_every_choice_is_listed_with_its_reason() -> None:
    text = page()
    for rule in RULES:
        assert text.count(f"\n| `{rule.code}` |") == 1
        assert rule.article
    for name, field in RuleSettings.model_fields.items():
        assert text.count(f"\n| `{name}` |") == 1
        assert field.title
        assert field.description
        assert any(name in rule.settings for rule in RULES), name


def test_every_choice_that_a_rule_names_exists() -> None:
    assert {name for rule in RULES for name in rule.settings} <= set(RuleSettings.model_fields)
