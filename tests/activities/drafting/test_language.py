"""French as the templates write it."""

import pytest

from activities.drafting.language import au, capital, clean, du, prose, sentence, siret


@pytest.mark.parametrize(
    ("name", "of", "to"),
    [
        ("la Métropole", "de la Métropole", "à la Métropole"),
        ("le Département", "du Département", "au Département"),
        ("les Communes", "des Communes", "aux Communes"),
        ("l'Agglomération", "de l'Agglomération", "à l'Agglomération"),
        ("Exempleville", "de Exempleville", "à Exempleville"),
    ],
)
def test_articles_contract_after_de_and_a(name: str, of: str, to: str) -> None:
    assert du(name) == of
    assert au(name) == to


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("l'objet : « Smart Port »", "l’objet\u00a0: «\u00a0Smart Port\u00a0»"),
        ("fini ; vraiment ?", "fini\u202f; vraiment\u202f?"),
        ("n° 12, 30 % de 50 €", "n°\u00a012, 30\u00a0% de 50\u00a0€"),
        ("ECO 010-6552/19/BM", "ECO 010-6552/19/BM"),
        ("5' et 'entre guillemets'", "5' et 'entre guillemets'"),
    ],
)
def test_spaces_and_apostrophes_become_french(typed: str, printed: str) -> None:
    assert prose(typed) == printed
    assert prose(printed) == printed


def test_text_is_composed_on_one_line_without_what_cannot_be_seen() -> None:
    assert clean(" e\u0301te\u0301\u200b\r\n\u202eMarseille\x07\uf06e ") == "été Marseille"
    assert clean("50\u202f000\u00a0€ – œuvre “é” 𝄞") == "50\u202f000\u00a0€ – œuvre “é” 𝄞"


def test_small_mends() -> None:
    assert capital("élan") == "Élan"
    assert capital("") == ""
    assert sentence("Fin") == sentence("Fin.") == "Fin."
    assert siret("13099887500012") == "130\u00a0998\u00a0875\u00a000012"
