"""French amounts: written as acts write them, read without ever inventing one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amounts import AmountStatus, Currency, find_amounts, in_figures, in_full, in_words

amounts = st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("50000", "cinquante mille euros"),
        ("1000000", "un million d'euros"),
        ("2000000", "deux millions d'euros"),
        ("3000000000", "trois milliards d'euros"),
        ("1000001", "un million un euros"),
        ("200000000", "deux cents millions d'euros"),
        ("80", "quatre-vingts euros"),
        ("81", "quatre-vingt-un euros"),
        ("80000", "quatre-vingt mille euros"),
        ("200", "deux cents euros"),
        ("200000", "deux cent mille euros"),
        ("201.50", "deux cent un euros et cinquante centimes"),
        ("71", "soixante et onze euros"),
        ("21", "vingt et un euros"),
        ("1", "un euro"),
        ("1.01", "un euro et un centime"),
        ("0.50", "zéro euro et cinquante centimes"),
        ("1000", "mille euros"),
        ("254600", "deux cent cinquante-quatre mille six cents euros"),
    ],
)
def test_an_amount_is_written_in_words_with_traditional_spelling(amount: str, words: str) -> None:
    assert in_words(Decimal(amount)) == words


@pytest.mark.parametrize(
    ("amount", "figures"),
    [
        ("50000", "50\u202f000\u00a0€"),
        ("1250.5", "1\u202f250,50\u00a0€"),
        ("999", "999\u00a0€"),
        ("0", "0\u00a0€"),
        ("1234567.89", "1\u202f234\u202f567,89\u00a0€"),
    ],
)
def test_an_amount_is_written_in_figures_with_no_break_spaces(amount: str, figures: str) -> None:
    assert in_figures(Decimal(amount)) == figures


def test_an_amount_in_full_has_words_then_figures() -> None:
    assert in_full(Decimal(50000)) == "cinquante mille euros (50\u202f000\u00a0€)"


@pytest.mark.parametrize("amount", ["-1", "0.001", "1000000000000", "NaN", "Infinity"])
def test_an_amount_that_no_act_can_bear_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        in_words(Decimal(amount))
    with pytest.raises(ValueError, match="amount"):
        in_figures(Decimal(amount))


@given(amounts)
def test_what_is_written_in_words_reads_back_the_same(amount: Decimal) -> None:
    [found] = find_amounts(f"une subvention de {in_words(amount)}.")
    assert (found.text, found.value, found.currency) == (in_words(amount), amount, Currency.EUR)


@given(amounts)
def test_what_is_written_in_figures_reads_back_the_same(amount: Decimal) -> None:
    [found] = find_amounts(f"une subvention de {in_figures(amount)}.")
    assert (found.text, found.value, found.status) == (in_figures(amount), amount, AmountStatus.FOUND)


@given(amounts)
def test_words_and_figures_that_agree_are_one_amount(amount: Decimal) -> None:
    [found] = find_amounts(f"une subvention de {in_full(amount)} versée")
    assert (found.text, found.value) == (in_full(amount), amount)


@given(amounts, amounts)
def test_words_and_figures_that_disagree_have_no_value(one: Decimal, other: Decimal) -> None:
    [found] = find_amounts(f"une subvention de {in_words(one)} ({in_figures(other)})")
    assert found.value == (one if one == other else None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("50 000 euros", "50000"),
        ("50.000 euros", "50000"),
        ("50000€", "50000"),
        ("50\u00a0000,00 €", "50000"),
        ("50\u202f000 €", "50000"),
        ("50\u2009000 EUR", "50000"),
        ("50 000 €uros", "50000"),
        ("84 000 EUROS", "84000"),
        ("1'250 euros", "1250"),
        ("163 055,63€", "163055.63"),
        ("632.481,90 €", "632481.90"),
        ("8.151.298,30 €", "8151298.30"),
        ("25 000\neuros", "25000"),
        ("50\n000 euros", "50000"),
        ("10 millions d’euros", "10000000"),
        ("850 K€", "850000"),
        ("2,5 M€", "2500000"),
        ("deux-cent-cinquante-quatre-mille six-cents euros", "254600"),
        ("Cinquante Mille Euros", "50000"),
        ("cinquante mille (50 000) euros", "50000"),
        ("50 000 (cinquante mille) euros", "50000"),
        ("254 600,00 €\n(deux-cent-cinquante-quatre-mille six-cents euros)", "254600"),
    ],
)
def test_every_typography_of_an_amount_is_read(text: str, value: str) -> None:
    [found] = find_amounts(f"la somme de {text}, versée")
    assert (found.text, found.value) == (text, Decimal(value))


@pytest.mark.parametrize(
    "text",
    [
        "850 0000 euros",
        "2019 50 000 euros",
        "1.50 €",
        "1 250.500 €",
        "1.250 500 €",
        "012 euros",
        "000 euros",
        "1,125 €",
        "771\n500 €",
        "1 250\n500 euros",
        "1 2345 000 €",
        "12345678901234567890 €",
        "50 mille euros",
        "trcnte deux mille euros",
        "mille cent cent euros",
        "2023, 50 €",
    ],
)
def test_a_doubtful_amount_is_malformed_as_a_whole_never_guessed(text: str) -> None:
    found = find_amounts(f"la somme de {text}.")
    assert found
    assert all(amount.value is None and amount.status is AmountStatus.MALFORMED for amount in found)


@pytest.mark.parametrize(
    "text",
    [
        "cinquante mille (60 000) euros",
        "60 000 (cinquante mille) euros",
        "mille cinq cents euros (1 050 €)",
        "10 000 F (1 600 €)",
    ],
)
def test_an_amount_written_twice_that_disagrees_with_itself_is_conflicting(text: str) -> None:
    [found] = find_amounts(f"la somme de {text}.")
    assert (found.value, found.status) == (None, AmountStatus.CONFLICTING)


def test_francs_with_their_euros_at_the_fixed_rate_are_euros() -> None:
    [found] = find_amounts("une subvention de 10 000 F (1 524,49 euros) pour")
    assert (found.value, found.currency) == (Decimal("1524.49"), Currency.EUR)


def test_a_year_before_an_amount_is_no_part_of_it() -> None:
    assert [a.value for a in find_amounts("10 000 € en 2023, 12 000 € en 2024")] == [Decimal(10000), Decimal(12000)]


@pytest.mark.parametrize("text", ["5.000 F", "3 000 francs", "cinq mille francs"])
def test_francs_are_never_euros(text: str) -> None:
    [found] = find_amounts(f"Une subvention de {text} est attribuée")
    assert (found.currency, found.euros) == (Currency.FRF, None)
    assert found.value is not None


@pytest.mark.parametrize(
    "text",
    [
        "800 millions de consommateurs",
        "41 000 emplois",
        "8 %",
        "loi n° 2014-58",
        "nature 65 738",
        "4F",
        "€",
        "euros",
        "",
    ],
)
def test_a_number_without_currency_is_no_amount(text: str) -> None:
    assert find_amounts(text) == []


def test_cells_of_a_table_are_not_joined() -> None:
    assert [a.value for a in find_amounts("4265\n\n25 000 €\n25 000 €")] == [Decimal(25000), Decimal(25000)]


@given(st.text(alphabet="0123456789 .,'’\u00a0\u202f\n\r\f€Feurosmilcntqavgzd()-", max_size=120))
def test_any_text_is_read_without_error_and_spans_are_true(text: str) -> None:
    end = 0
    for amount in find_amounts(text):
        assert end <= amount.start < amount.end
        assert text[amount.start : amount.end] == amount.text
        assert (amount.value is None) == (amount.status is not AmountStatus.FOUND)
        end = amount.end


@given(st.from_regex(r"[1-9][0-9]{0,2}( [0-9]{1,5}){1,3}", fullmatch=True))
def test_a_run_with_a_group_that_has_not_three_digits_is_never_read(run: str) -> None:
    [found] = find_amounts(f"{run} euros")
    well_formed = all(len(group) == 3 for group in run.split(" ")[1:])
    assert (found.value is not None) == well_formed


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text", ["1 " * 200_000, "cent " * 100_000, "9" * 400_000 + " €", "€" * 100_000, "1" + " " * 300_000 + "€"]
)
def test_hostile_texts_are_read_in_linear_time(text: str) -> None:
    assert all(amount.value is None for amount in find_amounts(text))
