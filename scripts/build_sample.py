"""Builds our own sample deliberation: ``service/samples/deliberation.docx`` and its PDF.

The facts are those of a public act of the Métropole Aix-Marseille-Provence (Bureau, 26 September 2019); the text is
ours.
It keeps on purpose what makes such acts hard to read: two reference numbers, other deliberations among the visas, a
global budget that is no number ("850 0000 euros"), a certifier who is not the signatory, an annex that is not there.

    python scripts/build_sample.py
"""

import subprocess
import tempfile
from pathlib import Path

from docx.enum.text import WD_TAB_ALIGNMENT
from docx.shared import Cm, Pt
from wordfile import blank, borders, emphasise, field, write

SAMPLES = Path(__file__).parent.parent / "service" / "samples"

REPORT = (
    "Le port de Marseille Fos est l'un des premiers employeurs du département : environ 41 000 emplois en dépendent,"
    " soit 8 % des salariés du secteur privé. Sa place dans les échanges entre l'Europe, l'Afrique et l'Asie, ses"
    " liaisons"
    " par le rail, le fleuve et la route, et la proximité d'un marché de plus de 800 millions de consommateurs en"
    " font un"
    " atout de premier ordre pour l'économie métropolitaine.",
    "La démarche « Smart Port » réunit depuis 2017 des acteurs publics et privés autour d'une idée simple : faire du"
    " port et"
    " de la ville un même terrain d'innovation, sobre en énergie, fluide et ouvert. Une convention cadre de"
    " partenariat,"
    " approuvée par le Bureau en juin 2019, en a fixé la gouvernance.",
    "Une première phase, d'avril 2017 à juillet 2018, a dégagé trois axes de travail :",
)
AXES = (
    "une logistique numérique et sans papier ;",
    "une énergie plus propre et une écologie industrielle partagée ;",
    "un port mieux relié au monde et à ses habitants.",
)
SECOND_PHASE = (
    "La seconde phase passe des intentions aux essais. Elle prévoit un concours d'innovation ouvert aux jeunes"
    " entreprises,"
    " le « Challenge d'Innovation », un « Démonstrateur » où les solutions retenues seront éprouvées en conditions"
    " réelles,"
    " une plateforme de données portuaires et l'animation d'une communauté de chercheurs et de professionnels.",
    "Pour en accompagner le lancement, la Métropole Aix-Marseille-Provence propose d'attribuer à la Chambre de"
    " Commerce et"
    " d'Industrie Marseille Provence (CCIMP) une subvention de 50 000 euros. Le projet vient de la CCIMP et"
    " reste le sien : elle en répond seule, porte les dépenses et les contrats du Challenge d'Innovation et du"
    " Démonstrateur,"
    " et anime l'ensemble de la démarche.",
    "Le budget global de la démarche est estimé à 850 0000 euros sur trois ans, selon le plan de financement annexé au"
    " présent rapport.",
    "Telles sont les raisons qui nous incitent à proposer au Bureau de la Métropole de prendre la délibération"
    " ci-après :",
)
VISAS = (
    "Le Code Général des Collectivités Territoriales ;",
    "La loi n° 2014-58 du 27 janvier 2014 de modernisation de l'action publique territoriale et d'affirmation des"
    " métropoles ;",
    "La loi n° 2015-991 du 7 août 2015 portant nouvelle organisation territoriale de la République ;",
    "La délibération FAG 21-5718/19/CM du 28 mars 2019 portant délégation de compétences du Conseil au Bureau de la"
    " Métropole ;",
    "La délibération ECO 001-6036/19/BM du 20 juin 2019 approuvant la convention cadre de partenariat relative au"
    " pilotage du French Smart Port in Med.",
)
ARTICLES = (
    "Est attribuée une subvention d'un montant de 50 000 euros à la Chambre de Commerce et d'Industrie Marseille"
    " Provence"
    " pour la mise en œuvre de la phase 2 de la démarche Smart Port.",
    "Est approuvée la convention ci-annexée, relative à l'attribution de cette subvention à la Chambre de Commerce et"
    " d'Industrie Marseille Provence.",
    "Madame la Présidente de la Métropole Aix-Marseille-Provence ou son représentant est autorisé à signer cette"
    " convention et tous documents y afférents.",
    "Les crédits nécessaires sont inscrits pour l'exercice 2019 au budget principal de la Métropole – Chapitre 65 –"
    " Nature 657381 – Fonction 61 – Sous-politique B320.",
)


def build(target: Path) -> None:
    """Write the deliberation as a Word file."""
    word = blank("Délibération ECO 010-6552/19/BM (exemple)", font="Liberation Serif", alternative="Times New Roman")
    word.core_properties.subject = "Exemple reconstitué, sans valeur juridique"
    head = word.add_table(rows=1, cols=2)
    head.autofit = False
    left, right = head.rows[0].cells
    left.width, right.width = Cm(8.2), Cm(8.2)
    borders(left._tc.get_or_add_tcPr(), ("bottom",), size=8)
    borders(right._tc.get_or_add_tcPr(), ("bottom",), size=8)
    emphasise(left.paragraphs[0], "**Métropole Aix-Marseille-Provence**").style = word.styles["Cellule titre"]
    right.paragraphs[0].style = word.styles["Cellule montant"]
    emphasise(right.paragraphs[0], "République française")
    write(right, "Département des Bouches-du-Rhône", "Cellule montant")

    write(word, "EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS DU BUREAU DE LA MÉTROPOLE AIX-MARSEILLE-PROVENCE", "Title")
    write(word, "**Séance du 26 septembre 2019**", "Subtitle")
    write(
        word,
        "Madame Martine VASSAL, Présidente de la Métropole Aix-Marseille-Provence, a ouvert la séance, à laquelle ont"
        " été"
        " présents 29 membres.",
        "Body Text",
    )
    write(word, "Étaient absents et représentés : 2 membres. Étaient absents et excusés : 2 membres.", "Body Text")
    write(
        word,
        "Madame la Présidente a proposé au Bureau de la Métropole d'accepter les conclusions exposées ci-après et de"
        " les"
        " convertir en délibération.",
        "Body Text",
    )

    number = write(word, "**ECO 010-6552/19/BM**", "Body Text")
    number.paragraph_format.space_before = Pt(14)
    number.paragraph_format.space_after = Pt(2)
    title = write(
        word,
        "**Attribution d'une subvention à la Chambre de Commerce et d'Industrie Marseille Provence pour la mise en"
        " œuvre de"
        " la phase 2 de la démarche Smart Port - Approbation d'une convention**",
        "Body Text",
    )
    title.paragraph_format.space_after = Pt(2)
    write(word, "MET 19/12074/BM", "Body Text").paragraph_format.space_after = Pt(14)
    write(
        word,
        "Madame la Présidente de la Métropole Aix-Marseille-Provence, sur proposition du Commissaire Rapporteur,"
        " soumet au"
        " Bureau de la Métropole le rapport suivant :",
        "Body Text",
    )
    for paragraph in REPORT:
        write(word, paragraph, "Body Text")
    for axis in AXES:
        write(word, axis, "List Bullet")
    for paragraph in SECOND_PHASE:
        write(word, paragraph, "Body Text")

    opening = write(word, "**Le Bureau de la Métropole Aix-Marseille-Provence,**", "Body Text")
    opening.paragraph_format.space_before = Pt(14)
    opening.paragraph_format.keep_with_next = True
    write(word, "**Vu**", "Body Text").paragraph_format.keep_with_next = True
    for visa in VISAS:
        write(word, visa, "List Bullet")
    write(word, "**Ouï** le rapport ci-dessus,", "Body Text")
    write(word, "**Entendues** les conclusions du Commissaire Rapporteur,", "Body Text")
    write(word, "**Considérant**", "Body Text").paragraph_format.keep_with_next = True
    write(
        word,
        "L'intérêt pour la Métropole Aix-Marseille-Provence de prendre part à la mise en œuvre de la phase 2 de la"
        " démarche"
        " Smart Port.",
        "List Bullet",
    )
    write(word, "Délibère", "heading 2")
    for rank, article in enumerate(ARTICLES, start=1):
        head_line = write(word, f"**Article {rank} :**", "Body Text")
        head_line.paragraph_format.keep_with_next = True
        head_line.paragraph_format.space_after = Pt(2)
        write(word, article, "Body Text").paragraph_format.keep_together = True
    vote = write(word, "Cette proposition mise aux voix est adoptée.", "Body Text")
    vote.paragraph_format.space_before = Pt(12)
    vote.paragraph_format.keep_with_next = True
    lines = (
        "Certifié conforme,",
        "Le Vice-Président Délégué",
        "Emploi, Insertion,",
        "Économie sociale et solidaire",
        "",
        "**Martial ALVAREZ**",
    )
    for line in lines:
        signed = write(word, line, "Body Text")
        signed.paragraph_format.left_indent = Cm(9)
        signed.paragraph_format.space_after = Pt(1)
        signed.paragraph_format.keep_with_next = line != lines[-1]
    signed = word.paragraphs[-len(lines)]
    signed.paragraph_format.space_before = Pt(20)

    foot = word.sections[0].footer.paragraphs[0]
    foot.style = word.styles["footer"]
    foot.paragraph_format.tab_stops.add_tab_stop(Cm(16.4), WD_TAB_ALIGNMENT.RIGHT)
    emphasise(foot, "Exemple reconstitué à des fins de démonstration, sans valeur juridique.\tPage ")
    field(foot, "PAGE")
    foot.add_run("/")
    field(foot, "NUMPAGES")
    target.parent.mkdir(parents=True, exist_ok=True)
    word.save(str(target))


def to_pdf(source: Path) -> None:
    """The plain PDF beside ``source``, as an assembly's office would publish it."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{profile}",
                "--headless",
                "--convert-to",
                "pdf:writer_pdf_Export",
                "--outdir",
                str(source.parent),
                str(source),
            ],
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    build(SAMPLES / "deliberation.docx")
    to_pdf(SAMPLES / "deliberation.docx")
