"""Builds ``templates/conventions/fonctionnement-affecte.docx``: the convention for a subsidy tied to one action.

The result is an ordinary Word file. Legal affairs edit it in Word from then on; this script is how it was first made,
and how it is remade after a change of structure.

    python scripts/build_template.py
"""

from collections.abc import Iterable
from pathlib import Path

from docx.document import Document as WordDocument
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt
from docx.table import Table, _Cell, _Row
from wordfile import add_property, blank, borders, emphasise, field, write

TEMPLATES = Path(__file__).parent.parent / "templates" / "conventions"
TITLE = "Convention de subvention"

A = "{{ authority.short_name }}"
DU_A = "{{ authority.short_name|du }}"
AU_A = "{{ authority.short_name|au }}"
CAP_A = "{{ authority.short_name|capital }}"
DELIBERATION = "délibération n° {{ deliberation.number }} du {{ deliberation.session_date|long_date }}"

Block = tuple[str, str]
"""A style and a text; style ``if`` opens a condition, ``end`` closes it."""

PARTIES: tuple[Block, ...] = (
    ("heading 2", "Entre"),
    (
        "Body Text",
        "**{{ authority.name|prose }}**, {{ authority.legal_form|prose }}, dont le siège est situé"
        " {{ authority.seat|string|prose }}, numéro SIRET {{ authority.siret|siret }}, ayant pour"
        " représentant légal {{ executive.civility }} {{ executive.full_name|prose }}, {{ executive.capacity|prose"
        " }}, et"
        f" agissant en vertu de la {DELIBERATION},",
    ),
    ("Mention", f"ci-après « {A} », d'une part,"),
    ("heading 2", "Et"),
    (
        "Body Text",
        "**{{ beneficiary.name|prose }}**{% if beneficiary.short_name %} ({{ beneficiary.short_name|prose }}){% endif"
        " %},"
        " {{ beneficiary.legal_kind|kind }}, dont le siège est situé {{ beneficiary.seat|string|prose }},"
        " numéro SIRET {{ beneficiary.siret|siret }}, ayant pour représentant {{ beneficiary.representative.civility }}"
        " {{ beneficiary.representative.full_name|prose }}, {{ beneficiary.representative.capacity|prose }}, qui"
        " déclare être habilité{% if beneficiary.representative.civility == 'Madame' %}e{% endif %} à signer la"
        " présente"
        " convention,",
    ),
    ("Mention", "ci-après « le Bénéficiaire », d'autre part,"),
    ("Body Text", "ensemble « les Parties »."),
)

VISAS: tuple[Block, ...] = (
    ("heading 2", "Visas"),
    ("Visa", "Vu le code général des collectivités territoriales, notamment son article L. 1611-4 ;"),
    (
        "Visa",
        "Vu la loi n° 2000-321 du 12 avril 2000 relative aux droits des citoyens dans leurs relations avec les"
        " administrations, notamment ses articles 9-1{% if 'republican_commitment' in clauses %}, 10 et 10-1"
        "{% else %} et 10{% endif %} ;",
    ),
    ("Visa", "Vu le décret n° 2001-495 du 6 juin 2001 pris pour l'application de l'article 10 de cette loi ;"),
    ("Visa", "Vu l'arrêté du 11 octobre 2006 relatif au compte rendu financier ;"),
    ("if", "'republican_commitment' in clauses"),
    (
        "Visa",
        "Vu le décret n° 2021-1947 du 31 décembre 2021 approuvant le contrat d'engagement républicain des"
        " associations et fondations bénéficiant de subventions publiques ;",
    ),
    ("end", ""),
    ("if", "'de_minimis' in clauses"),
    (
        "Visa",
        "Vu le {{ deliberation.session_date|de_minimis_regulation }} de la Commission relatif aux aides de minimis ;",
    ),
    ("end", ""),
    (
        "Visa",
        f"Vu la {DELIBERATION}{{% if deliberation.assembly %}} ({{{{ deliberation.assembly|prose }}}}){{% endif %}},"
        " qui attribue la subvention{% if deliberation.title %}, intitulée « {{ deliberation.title|prose }} »{% endif"
        " %}.",
    ),
    ("heading 2", "Préambule"),
    (
        "Body Text",
        "Le Bénéficiaire a conçu le projet décrit ci-après. Il le mène à son initiative et sous sa responsabilité.",
    ),
    (
        "Body Text",
        f"{CAP_A} considère que ce projet présente un intérêt public local. Par la délibération visée ci-dessus, son"
        " assemblée a décidé de le soutenir par une subvention, qui n'est la contrepartie d'aucune prestation et ne"
        " répond"
        " à aucun besoin de la collectivité elle-même.",
    ),
    ("Body Text", "**Les Parties sont convenues de ce qui suit.**"),
)

ARTICLES: tuple[Block, ...] = (
    ("heading 1", "Objet de la convention"),
    (
        "Alinéa numéroté",
        f"La convention fixe les conditions dans lesquelles {A} apporte son soutien financier au Bénéficiaire pour"
        " l'objet suivant : **{{ purpose|prose }}**.",
    ),
    (
        "Alinéa numéroté",
        "Le Bénéficiaire s'engage à réaliser le projet ainsi décrit : {{ project_summary|prose|sentence }}",
    ),
    (
        "Alinéa numéroté",
        f"Il y consacre les moyens humains et matériels nécessaires, et informe sans délai {A} de tout fait qui en"
        " compromettrait ou en retarderait la réalisation.",
    ),
    ("heading 1", "Montant de la subvention"),
    (
        "Alinéa numéroté",
        f"{CAP_A} attribue au Bénéficiaire une subvention de fonctionnement d'un montant de"
        f" **{{{{ amount|in_full }}}}**,"
        " affectée à la seule réalisation du projet.",
    ),
    (
        "Alinéa numéroté",
        "Ce montant est un maximum. Il n'est pas révisé si le coût du projet dépasse les prévisions ; il est ramené à"
        " la dépense réellement engagée si celle-ci lui est inférieure.",
    ),
    ("heading 1", "Modalités de versement"),
    ("Alinéa numéroté", "La subvention est versée selon l'échéancier suivant."),
    ("schedule", ""),
    (
        "Alinéa numéroté",
        "Les versements sont faits par virement au compte du Bénéficiaire dont le relevé d'identité bancaire a été"
        " remis"
        f" {AU_A}, selon les règles de la comptabilité publique. Le comptable assignataire est le comptable public"
        f" {DU_A}.",
    ),
    ("if", "'payment_delay' in clauses"),
    (
        "Alinéa numéroté",
        "Sauf lorsque l'échéancier fixe une date ou un événement, le paiement intervient dans les soixante jours de la"
        " notification de l'attribution.",
    ),
    ("end", ""),
    ("if", "deliberation.fiscal_year or deliberation.chapter"),
    ("heading 1", "Imputation budgétaire"),
    (
        "Body Text",
        "La dépense est imputée au budget{% if deliberation.fiscal_year %} de l'exercice {{ deliberation.fiscal_year }}"
        "{% endif %}{% if deliberation.chapter %}, chapitre {{ deliberation.chapter }}{% endif %}{% if"
        " deliberation.nature %}, nature {{ deliberation.nature }}{% endif %}{% if deliberation.function %}, fonction"
        " {{"
        " deliberation.function }}{% endif %}{% if deliberation.other %}, {{ deliberation.other|prose }}{% endif %}.",
    ),
    ("end", ""),
    ("heading 1", "Durée"),
    (
        "Body Text",
        "La convention prend effet {% if term.start %}le {{ term.start|long_date }}{% else %}à la date de sa"
        " notification au Bénéficiaire{% endif %} et prend fin le {{ term.end|long_date }}. Les obligations de compte"
        " rendu, de"
        " contrôle et de reversement demeurent jusqu'à leur complète exécution.",
    ),
    ("heading 1", "Utilisation de la subvention"),
    (
        "Alinéa numéroté",
        "Le Bénéficiaire emploie la subvention conformément à son objet. Toute autre affectation est interdite, même"
        " provisoire.",
    ),
    (
        "Alinéa numéroté",
        "Il ne peut pas la reverser, en tout ou partie, sous forme de subvention à un autre organisme (article L."
        " 1611-4 du code général des collectivités territoriales). Les prestations achetées pour le projet ne sont"
        " pas visées"
        " par cette interdiction.",
    ),
    (
        "Alinéa numéroté",
        "Il tient une comptabilité qui permet d'isoler les dépenses et les recettes du projet, et en conserve les"
        " pièces pendant dix ans.",
    ),
    ("heading 1", "Compte rendu financier et justificatifs"),
    (
        "Alinéa numéroté",
        f"Le Bénéficiaire remet {AU_A}, au plus tard le **{{{{ report_due|long_date }}}}** :",
    ),
    (
        "List Bullet",
        "un compte rendu financier, conforme à l'arrêté du 11 octobre 2006, qui atteste l'emploi de la subvention et"
        " que signe une personne habilitée ;",
    ),
    ("List Bullet", "un bilan des actions menées et de leurs résultats ;"),
    ("List Bullet", "ses comptes annuels approuvés et, s'il en existe un, le rapport du commissaire aux comptes."),
    (
        "Alinéa numéroté",
        "La convention, le budget et les comptes du Bénéficiaire ainsi que le compte rendu financier sont"
        " communicables à toute personne qui en fait la demande, dans les conditions de l'article 10 de la loi du 12"
        " avril 2000.",
    ),
    ("heading 1", "Contrôle et évaluation"),
    (
        "Alinéa numéroté",
        f"{CAP_A} peut vérifier à tout moment, sur pièces et sur place, l'emploi de la subvention et la réalisation"
        " du projet. Le Bénéficiaire facilite l'accès aux documents utiles.",
    ),
    (
        "Alinéa numéroté",
        "Les Parties évaluent ensemble le projet à son terme. L'évaluation porte sur la conformité des résultats à"
        " l'objet de la convention, sur leur utilité pour le territoire et sur les suites à leur donner.",
    ),
    ("heading 1", "Part non dépensée"),
    (
        "Alinéa numéroté",
        f"La part de la subvention qui n'a pas été dépensée pour le projet est reversée {AU_A} dans les deux mois de la"
        " demande qui en est faite au Bénéficiaire.",
    ),
    (
        "Alinéa numéroté",
        "Il en va de même de la part qui a été employée à un autre objet, ou dont l'emploi n'est pas justifié.",
    ),
    ("if", "'unspent_share' in clauses"),
    (
        "Alinéa numéroté",
        "Par exception, le Bénéficiaire peut en conserver tout ou partie lorsque le projet a été entièrement réalisé,"
        " que l'excédent reste raisonnable au regard de son coût et qu'il sert à poursuivre le même objet. Il en fait"
        " la"
        " demande"
        f" motivée avec le compte rendu financier ; {A} répond par écrit.",
    ),
    ("end", ""),
    ("heading 1", "Communication"),
    (
        "Body Text",
        f"Le Bénéficiaire mentionne le soutien {DU_A} dans les documents et manifestations qui concernent le projet."
        f" Il y"
        " fait figurer le logotype qui lui est remis à cette fin, selon les règles qui l'accompagnent, et n'en fait"
        " aucun"
        " autre usage.",
    ),
    ("if", "'republican_commitment' in clauses"),
    ("heading 1", "Contrat d'engagement républicain"),
    (
        "Alinéa numéroté",
        "Le Bénéficiaire a souscrit le contrat d'engagement républicain prévu à l'article 10-1 de la loi du 12 avril"
        " 2000. Il le respecte, en informe ses membres par tout moyen et veille à ce que ses dirigeants, salariés et"
        " bénévoles"
        " l'observent.",
    ),
    (
        "Alinéa numéroté",
        f"En cas de manquement, {A} retire la subvention au prorata de la période qui reste à courir, après avoir mis"
        " le Bénéficiaire en mesure de présenter ses observations.",
    ),
    ("end", ""),
    ("if", "'de_minimis' in clauses"),
    ("heading 1", "Aide de minimis"),
    (
        "Body Text",
        "La subvention est une aide de minimis au sens du {{ deliberation.session_date|de_minimis_regulation }}. Le"
        " Bénéficiaire déclare que, ajoutée aux aides de même nature reçues par l'entreprise unique qu'il forme, elle"
        " ne dépasse pas le plafond de {{ deliberation.session_date|de_minimis_ceiling|in_figures }} sur trois ans.",
    ),
    ("end", ""),
    ("if", "'accounts_deposit' in clauses or 'essential_data' in clauses"),
    ("heading 1", "Publicité"),
    ("if", "'accounts_deposit' in clauses"),
    (
        "Body Text",
        "Le Bénéficiaire qui reçoit plus de 153 000 euros de subventions publiques dans l'année dépose à la"
        " préfecture de son siège son budget, ses comptes, la présente convention et le compte rendu financier.",
    ),
    ("end", ""),
    ("if", "'essential_data' in clauses"),
    (
        "Body Text",
        f"{CAP_A} publie les données essentielles de la convention dans les trois mois de sa signature (décret n°"
        " 2017-779 du 5 mai 2017).",
    ),
    ("end", ""),
    ("end", ""),
    ("heading 1", "Responsabilité et assurances"),
    (
        "Body Text",
        "Le Bénéficiaire conduit le projet sous sa seule responsabilité et souscrit les assurances que son activité"
        " demande,"
        f" de sorte que la responsabilité {DU_A} ne puisse être recherchée.",
    ),
    ("heading 1", "Modification"),
    (
        "Body Text",
        "La convention ne peut être modifiée que par un avenant écrit, signé des deux Parties, qui n'en remet pas en"
        " cause l'objet. La demande en expose les motifs et les conséquences.",
    ),
    ("heading 1", "Manquements et résiliation"),
    (
        "Alinéa numéroté",
        f"Si le Bénéficiaire ne remplit pas ses obligations, {A} peut, après une mise en demeure par lettre"
        " recommandée avec avis de réception restée sans effet pendant un mois, suspendre les versements, réduire la"
        " subvention ou en"
        " exiger le reversement total ou partiel.",
    ),
    (
        "Alinéa numéroté",
        "Chaque Partie peut résilier la convention, dans les mêmes formes et le même délai, si l'autre manque"
        " gravement à ses obligations. La part de la subvention qui n'est pas justifiée à la date de la résiliation"
        " est reversée.",
    ),
    ("heading 1", "Litiges"),
    (
        "Body Text",
        "Les Parties recherchent un règlement amiable. À défaut, le litige est porté devant le tribunal administratif"
        " de {{ authority.court|prose }}.",
    ),
    ("heading 1", "Signature électronique et notification"),
    (
        "Alinéa numéroté",
        "La convention est établie et signée sous forme électronique, dans les conditions des articles 1366 et 1367"
        " du code civil. Chaque signature porte les nom, prénom et qualité de son auteur ; sa date est celle de son"
        " horodatage.",
    ),
    (
        "Alinéa numéroté",
        "Chaque Partie reçoit un exemplaire signé, qui fait foi. L'envoi de cet exemplaire au Bénéficiaire vaut"
        " notification.",
    ),
    ("heading 1", "Documents de référence"),
    (
        "Body Text",
        "La convention se lit avec la délibération qui l'autorise, la demande de subvention et le budget prévisionnel"
        " du projet. En cas de contradiction, la délibération prévaut, puis la convention.",
    ),
)

SUMMARY = (
    ("Bénéficiaire", "{{ beneficiary.name|prose }}"),
    ("Objet", "{{ purpose|prose|capital }}"),
    ("Montant", "**{{ amount|in_full }}**"),
    ("Délibération", "n° {{ deliberation.number }} du {{ deliberation.session_date|long_date }}"),
    (
        "Durée",
        "{% if term.start %}du {{ term.start|long_date }} au {{ term.end|long_date }}{% else %}de la notification au"
        " {{ term.end|long_date }}{% endif %}",
    ),
)


def build(target: Path) -> None:
    """Write the template."""
    word = blank("Modèle de convention : subvention de fonctionnement affectée à une action")
    _head_and_foot(word)
    write(word, TITLE, "Title")
    write(word, "n° {{ convention_number }}", "Subtitle")
    write(word, "Subvention de fonctionnement affectée à une action", "Subtitle").paragraph_format.space_after = Pt(14)
    _summary(word)
    _blocks(word, PARTIES)
    _blocks(word, VISAS)
    _blocks(word, ARTICLES)
    # Never a page with nothing but signatures: the last article goes with them.
    word.paragraphs[-1].paragraph_format.keep_with_next = True
    _signatures(word)
    target.parent.mkdir(parents=True, exist_ok=True)
    word.save(str(target))


def _blocks(word: WordDocument, blocks: Iterable[Block]) -> None:
    for style, text in blocks:
        if style == "if":
            word.add_paragraph(f"{{%p if {text} %}}", style="Balise")
        elif style == "end":
            word.add_paragraph("{%p endif %}", style="Balise")
        elif style == "schedule":
            _schedule(word)
        else:
            paragraph = write(word, text, style)
            if text.endswith((":", "suivant.")):
                paragraph.paragraph_format.keep_with_next = True


def _head_and_foot(word: WordDocument) -> None:
    section = word.sections[0]
    head = section.header.paragraphs[0]
    head.style = word.styles["header"]
    head.paragraph_format.tab_stops.add_tab_stop(Cm(16.4), WD_TAB_ALIGNMENT.RIGHT)
    emphasise(
        head,
        "Convention n° {{ convention_number }}\tDélibération n° {{ deliberation.number }} du"
        " {{ deliberation.session_date|long_date }}",
    )
    foot = section.footer.paragraphs[0]
    foot.style = word.styles["footer"]
    foot.paragraph_format.tab_stops.add_tab_stop(Cm(16.4), WD_TAB_ALIGNMENT.RIGHT)
    emphasise(foot, "{{ authority.name|prose }}\tPage ")
    field(foot, "PAGE")
    foot.add_run("/")
    field(foot, "NUMPAGES")


def _table(word: WordDocument, columns: Iterable[float]) -> Table:
    """A table of fixed columns (centimetres), with no row yet."""
    widths = tuple(columns)
    table: Table = word.add_table(rows=0, cols=len(widths))
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    return table


def _row(table: Table, *, header: bool = False) -> _Row:
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    for cell, column in zip(row.cells, table.columns, strict=True):
        cell.width = column.width
        cell.paragraphs[0].style = "Cellule"
    properties = row._tr.get_or_add_trPr()
    properties.append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
    if header:
        properties.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    return row


def _fill(cell: _Cell, text: str, style: str) -> None:
    emphasise(cell.paragraphs[0], text).style = style


def _shade(cell: _Cell, color: str = "EEF1F6") -> None:
    cell._tc.get_or_add_tcPr().append(
        parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{color}"/>')
    )


def _summary(word: WordDocument) -> None:
    table = _table(word, (3.6, 12.8))
    borders(table._tbl.tblPr, ("top", "bottom", "insideH"))
    for label, text in SUMMARY:
        cells = _row(table).cells
        _shade(cells[0])
        _fill(cells[0], label, "Cellule titre")
        _fill(cells[1], text, "Cellule")


def _schedule(word: WordDocument) -> None:
    table = _table(word, (4.4, 8.4, 3.6))
    borders(table._tbl.tblPr, ("top", "left", "bottom", "right", "insideH", "insideV"))
    head = _row(table, header=True).cells
    for cell, text, style in zip(
        head,
        ("Versement", "Fait générateur", "Montant"),
        ("Cellule titre", "Cellule titre", "Cellule montant"),
        strict=True,
    ):
        _shade(cell)
        _fill(cell, f"**{text}**", style)
    _row(table).cells[0].paragraphs[0].add_run("{%tr for instalment in schedule.instalments %}")
    cells = _row(table).cells
    _fill(cells[0], "{{ instalment.label|prose }}", "Cellule")
    _fill(cells[1], "{{ instalment.trigger|prose }}", "Cellule")
    _fill(cells[2], "{{ instalment.amount|in_figures }}", "Cellule montant")
    _row(table).cells[0].paragraphs[0].add_run("{%tr endfor %}")
    total = _row(table).cells
    _fill(total[0], "Total", "Cellule titre")
    _fill(total[1], "", "Cellule")
    _fill(total[2], "**{{ schedule.total|in_figures }}**", "Cellule montant")
    write(word, "", "Balise")


def _signatures(word: WordDocument) -> None:
    place = write(word, "Fait à {{ place|prose }}, par voie électronique.", "Body Text")
    place.paragraph_format.space_before = Pt(18)
    place.paragraph_format.keep_with_next = True
    table = _table(word, (8.0, 0.4, 8.0))
    # No cell margin: the corner that the bookmark gives is then the corner of the box that is drawn.
    margins = (
        f'<w:tblCellMar {nsdecls("w")}><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
    )
    add_property(table._tbl.tblPr, parse_xml(margins))
    names = _row(table).cells
    _fill(names[0], "Pour le Bénéficiaire", "Cellule titre")
    write(names[0], "{{ beneficiary.name|prose }}", "Cellule").paragraph_format.keep_with_next = True
    _fill(names[2], f"Pour {A}", "Cellule titre")
    write(
        names[2], "{{ deliberation.signing_authority|prose|capital }}", "Cellule"
    ).paragraph_format.keep_with_next = True
    boxes = _row(table)
    boxes.height, boxes.height_rule = Cm(3.05), WD_ROW_HEIGHT_RULE.EXACTLY
    for index, bookmark in ((0, "SIGNBENEFICIARY"), (2, "SIGNAUTHORITY")):
        cell = boxes.cells[index]
        borders(cell._tc.get_or_add_tcPr(), ("top", "left", "bottom", "right"))
        paragraph = cell.paragraphs[0]
        paragraph.style = "Cellule"
        paragraph.paragraph_format.space_before = Pt(0)
        paragraph.paragraph_format.keep_with_next = True
        paragraph._p.append(parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="{index + 1}" w:name="{bookmark}"/>'))
        paragraph._p.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="{index + 1}"/>'))
    notes = _row(table).cells
    for index in (0, 2):
        _fill(notes[index], "Nom, qualité et date : dans la signature électronique.", "Note")


if __name__ == "__main__":
    build(TEMPLATES / "fonctionnement-affecte.docx")
