"""Profiles are data: the guide's example works as it is printed, and a wrong profile is refused with what to mend."""

import re
from pathlib import Path

import pytest

from activities.reading import identity, stamps
from activities.reading.acts import places
from activities.reading.identity import other_numbers
from activities.reading.intake import take_in
from activities.reading.parts import Text, parts
from activities.reading.profile import InvalidProfile, Profile, load, profiles
from activities.reading.view import View

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "authority-profiles.md").read_text("utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
ACT = """Valbrune-sur-Orle
Bureau des adjoints
Séance du 12 mars 2024
Acte VO/2024/031
Dossier 24-118
=====
Subvention au Club Nautique
pour sa régate
=====
Vu le code général des collectivités territoriales,
Le bureau, après en avoir délibéré, décide :
- d'attribuer une subvention de 3 000 € au Club Nautique, opération NA-24.
Visa du contrôle, le 15 mars 2024
"""


def written(tmp_path: Path, text: str) -> Profile:
    path = tmp_path / "valbrune.toml"
    path.write_text(text, "utf-8")
    return load(path, profiles()["generic"])


def test_the_example_of_the_guide_reads_what_the_guide_says(tmp_path: Path) -> None:
    assert EXAMPLE
    profile = written(tmp_path, EXAMPLE[1])
    text = Text(View(take_in(ACT.encode(), "acte.txt")))
    cut = parts(text, profile)
    assert identity.authority(text, cut, profile).usable == "Commune de Valbrune-sur-Orle"
    assert identity.assembly(text, cut, profile).usable == "Bureau des adjoints"
    assert identity.number(text, cut, profile).usable == "VO/2024/031"
    assert [n.usable for n in other_numbers(text, cut, profile)] == ["24-118"]
    assert identity.title(text, cut, profile).usable == "Subvention au Club Nautique pour sa régate"
    assert str(stamps.receipt_stamp(text, profile, None).received_at.usable) == "2024-03-15"
    assert len(places(text, profile)) == 1


def test_the_guide_names_every_key_that_a_profile_may_have_and_no_other() -> None:
    table = GUIDE[GUIDE.index("## Ce qu'un profil peut dire") : GUIDE.index("## Vérifier")]
    named = {
        key
        for line in table.splitlines()
        if line.startswith("| `")
        for key in re.findall(r"`([^`]+)`", line.split("|")[1])
    }
    assert named == {"name", "match", "assemblies", "authority_forms", *profiles()["generic"].rules}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nombres = ['x']", "règle inconnue « nombres »"),
        ("numbers = ['(?P<number>[0-9']", "est mal écrite"),
        ("numbers = ['^acte [0-9]+$']", "(?P<number>…)"),
        ("numbers = 'abc'", "doit être une liste"),
        ("titles = ['(?P<title>Objet)']", "capitales"),
        ("numbers = ['(?P<number>(?:[a-z]+)+)']", "peut ne jamais finir"),
        ("assemblies = [{ match = 'bureau' }]", "« match » et « name » obligatoires"),
        ("numbers = [", "n'est pas du TOML"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_rule_and_its_mend(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(InvalidProfile) as refusal:
        written(tmp_path, f"name = \"Commune de Valbrune\"\nmatch = ['(?P<authority>valbrune)']\n{line}\n")
    assert said in str(refusal.value)
    assert str(refusal.value).startswith("valbrune.toml : ")


@pytest.mark.parametrize("text", ["match = ['(?P<authority>x)']", 'name = "X"', 'name = " "\nmatch = []'])
def test_a_profile_says_whose_it_is(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidProfile):
        written(tmp_path, text)
