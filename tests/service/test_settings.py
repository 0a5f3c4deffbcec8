"""Settings: a bad value stops the process at the door, and is named."""

from pathlib import Path

import pytest

from domain.convention import Role
from service.settings import Settings, load
from service.stack import environment


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("PARAPHE_PORTAL_PORT", "70000", "PORTAL_PORT"),
        ("PARAPHE_BASE_URL", "pas une adresse", "BASE_URL"),
        ("PARAPHE_BASE_URL", "http://conventions.example.org", "base_url"),
        ("PARAPHE_SMTP_PASSWORD", "secret", "smtp_encryption"),
        ("PARAPHE_SIGNING_ORDER", "authority", "signing_order"),
        ("PARAPHE_SIGNING_ORDER", "authority,authority", "signing_order"),
        ("PARAPHE_REMINDER_DAYS", "90", "reminder_days"),
        ("PARAPHE_SIGNING_P12", "/nowhere/seal.p12", "trust_roots"),
        ("PARAPHE_LINK_SECRET_FILE", "/nowhere/secret", "/nowhere/secret"),
        ("PARAPHE_MAIL_SENDER", "sans arobase", "MAIL_SENDER"),
        ("PARAPHE_SMTP_ENCRYPTION", "peut-être", "SMTP_ENCRYPTION"),
        ("PARAPHE_COMPANIES_URL", "http://companies.example.org", "companies_url"),
        ("PARAPHE_COMPANIES_URL", "non", "COMPANIES_URL"),
        ("PARAPHE_RULES_FILE", "/nowhere/rules.json", "/nowhere/rules.json"),
    ],
)
def test_a_bad_value_stops_the_process_and_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        load()
    assert "ne démarre pas" in str(end.value)
    assert named in str(end.value)


def test_a_choice_of_law_that_the_law_does_not_allow_stops_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.json"
    monkeypatch.setenv("PARAPHE_RULES_FILE", str(rules))
    rules.write_text('{"convention_threshold": "30000"}', "utf-8")
    with pytest.raises(SystemExit, match="convention_threshold"):
        load()
    rules.write_text('{"convention_threshold": "10000", "cumulate": false}', "utf-8")
    assert load().rules().convention_threshold == 10_000
    assert not load().rules().cumulate


def test_the_refusal_never_repeats_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARAPHE_SMTP_PASSWORD", "très-secret")
    monkeypatch.setenv("PARAPHE_SMTP_ENCRYPTION", "tls")
    monkeypatch.setenv("PARAPHE_PORTAL_PORT", "zéro")
    with pytest.raises(SystemExit) as end:
        load()
    assert "très-secret" not in str(end.value)
    monkeypatch.delenv("PARAPHE_PORTAL_PORT")
    assert "très-secret" not in repr(load())


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARAPHE_SIGNING_ORDER", "authority, beneficiary")
    monkeypatch.setenv("PARAPHE_TSA_URLS", "http://one.example.org,http://two.example.org")
    settings = load()
    assert settings.policy.order == (Role.AUTHORITY, Role.BENEFICIARY)
    assert settings.timestamp_urls == ("http://one.example.org", "http://two.example.org")


def test_a_child_process_gets_the_very_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path, signing_order=(Role.AUTHORITY, Role.BENEFICIARY), reminder_days=(1, 2))
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert load() == settings


def test_the_usual_variable_of_temporal_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example.org:7233")
    assert load().temporal_address == "temporal.example.org:7233"
    assert Settings(temporal_address="here:1").temporal_address == "here:1"


def test_a_variable_that_is_set_but_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PARAPHE_AUTHORITY_FILE", "PARAPHE_SIGNING_P12", "PARAPHE_PORTAL_PORT"):
        monkeypatch.setenv(name, "")
    assert load().authority_file is None
    assert load().portal_port == 8400
