"""A bare Word file for our own documents: real French styles, two numberings, nothing that python-docx brings unasked.

python-docx starts from a template of 164 styles, a theme and a thumbnail, which triples the time of a conversion
and buries the few styles that a legal officer needs. Here every style is one that the document uses.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm
from docx.table import _Cell
from docx.text.paragraph import Paragraph

NBSP = "\u00a0"
NNBSP = "\u202f"
INK = "1F2A44"
"""Dark blue of titles: 13.6:1 on white, well above what WCAG asks."""
RULE = "8A93A6"

ARTICLES, BULLETS = 1, 2
"""Ids of the two numberings: articles (with numbered sub-paragraphs), and dashes."""

_LEGACY = {
    "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
    RT.CUSTOM_XML,
    RT.THEME,
    RT.WEB_SETTINGS,
}


def _style(
    name: str, identifier: str, paragraph: str = "", run: str = "", *, based: str = "Normal", following: str = ""
) -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{identifier}"><w:name w:val="{name}"/>'
        + (f'<w:basedOn w:val="{based}"/>' if based else "")
        + (f'<w:next w:val="{following}"/>' if following else "")
        + f"<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def _styles(font: str, size: float) -> str:
    half = round(size * 2)
    ink = f'<w:color w:val="{INK}"/>'
    bottom = f'<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="4" w:color="{RULE}"/></w:pBdr>'
    return (
        f"<w:styles {nsdecls('w')}><w:docDefaults><w:rPrDefault><w:rPr>"
        f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'
        f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/><w:lang w:val="fr-FR" w:eastAsia="fr-FR" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>"
        '<w:spacing w:after="120" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        "<w:pPr><w:widowControl/></w:pPr></w:style>"
        '<w:style w:type="character" w:default="1" w:styleId="Policepardfaut">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableauNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
        '<w:top w:w="0" w:type="dxa"/><w:left w:w="100" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
        '<w:right w:w="100" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        '<w:style w:type="numbering" w:default="1" w:styleId="Aucuneliste"><w:name w:val="No List"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/></w:style>'
        + _style("Body Text", "Corps", '<w:jc w:val="both"/>')
        + _style(
            "Title",
            "Titre",
            '<w:keepNext/><w:spacing w:before="240" w:after="80" w:line="240" w:lineRule="auto"/>'
            '<w:jc w:val="center"/>',
            f'<w:b/>{ink}<w:sz w:val="{half + 11}"/><w:szCs w:val="{half + 11}"/>',
            following="Soustitre",
        )
        + _style(
            "Subtitle",
            "Soustitre",
            '<w:keepNext/><w:spacing w:after="60"/><w:jc w:val="center"/>',
            f'{ink}<w:sz w:val="{half + 2}"/><w:szCs w:val="{half + 2}"/>',
            following="Corps",
        )
        + _style(
            "heading 1",
            "Titre1",
            f'<w:keepNext/><w:keepLines/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{ARTICLES}"/></w:numPr>'
            '<w:spacing w:before="260" w:after="100"/><w:outlineLvl w:val="0"/>',
            f'<w:b/>{ink}<w:sz w:val="{half + 1}"/><w:szCs w:val="{half + 1}"/>',
            following="Corps",
        )
        + _style(
            "heading 2",
            "Titre2",
            '<w:keepNext/><w:keepLines/><w:spacing w:before="240" w:after="100"/><w:outlineLvl w:val="0"/>',
            f"<w:b/>{ink}",
            following="Corps",
        )
        + _style(
            "Alinéa numéroté",
            "Alinea",
            f'<w:numPr><w:ilvl w:val="1"/><w:numId w:val="{ARTICLES}"/></w:numPr><w:jc w:val="both"/>',
        )
        + _style(
            "List Bullet",
            "Liste",
            f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{BULLETS}"/></w:numPr><w:spacing w:after="60"/>'
            '<w:jc w:val="both"/>',
        )
        + _style("Visa", "Visa", '<w:spacing w:after="60"/><w:jc w:val="both"/>', based="Normal")
        + _style("Mention", "Mention", '<w:keepNext/><w:spacing w:before="160" w:after="160"/><w:jc w:val="right"/>')
        + _style("Cellule", "Cellule", '<w:spacing w:before="40" w:after="40"/>')
        + _style("Cellule montant", "Montant", '<w:jc w:val="right"/>', based="Cellule")
        + _style("Cellule titre", "CelluleTitre", "<w:keepNext/>", f"<w:b/>{ink}", based="Cellule")
        + _style("Note", "Note", '<w:spacing w:after="40"/>', '<w:sz w:val="17"/><w:szCs w:val="17"/>')
        + _style("header", "Entete", f'{bottom}<w:spacing w:after="0"/>', '<w:sz w:val="16"/><w:szCs w:val="16"/>')
        + _style("footer", "Pied", '<w:spacing w:after="0"/>', '<w:sz w:val="16"/><w:szCs w:val="16"/>')
        + _style(
            "Balise",
            "Balise",
            '<w:spacing w:after="0" w:line="200" w:lineRule="exact"/>',
            '<w:color w:val="7A5C00"/><w:sz w:val="14"/><w:szCs w:val="14"/>',
        )
        + "</w:styles>"
    )


_NUMBERING = (
    f"<w:numbering {nsdecls('w')}>"
    '<w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="multilevel"/>'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Titre1"/><w:suff w:val="space"/>'
    f'<w:lvlText w:val="Article{NBSP}%1{NBSP}–"/><w:lvlJc w:val="left"/>'
    '<w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr>'
    "</w:lvl>"
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Alinea"/>'
    '<w:lvlText w:val="%1.%2"/><w:lvlJc w:val="left"/><w:pPr><w:tabs><w:tab w:val="num" w:pos="624"/></w:tabs>'
    '<w:ind w:left="624" w:hanging="624"/></w:pPr></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="2"><w:multiLevelType w:val="singleLevel"/>'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:pStyle w:val="Liste"/><w:lvlText w:val="–"/>'
    '<w:lvlJc w:val="left"/><w:pPr><w:tabs><w:tab w:val="num" w:pos="680"/></w:tabs>'
    '<w:ind w:left="680" w:hanging="340"/></w:pPr></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num></w:numbering>'
)

_SETTINGS = (
    f'<w:settings {nsdecls("w")}><w:zoom w:percent="100"/><w:defaultTabStop w:val="709"/>'
    '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    '<w:themeFontLang w:val="fr-FR"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>'
)


def _fonts(font: str, alternative: str, family: str) -> str:
    # A desk without the Liberation fonts falls back on the one that has the same widths: the pages stay the same.
    return (
        f'<w:fonts {nsdecls("w")}><w:font w:name="{font}"><w:altName w:val="{alternative}"/>'
        f'<w:charset w:val="00"/><w:family w:val="{family}"/><w:pitch w:val="variable"/></w:font></w:fonts>'
    )


def blank(
    title: str, *, font: str = "Liberation Sans", alternative: str = "Arial", family: str = "swiss", size: float = 10.5
) -> WordDocument:
    """An empty A4 document with our styles and numberings."""
    document = Document()
    package = document.part.package
    for owner in (document.part, package):
        for key, relation in list(owner.rels.items()):
            if relation.reltype in _LEGACY or relation.reltype.endswith("/thumbnail"):
                del owner.rels[key]
    _replace(document.part.styles.element, _styles(font, size))
    _replace(document.part.numbering_part.element, _NUMBERING)
    _replace(document.settings.element, _SETTINGS)
    for relation in document.part.rels.values():
        if relation.reltype == RT.FONT_TABLE:
            relation.target_part._blob = (
                b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + _fonts(font, alternative, family).encode()
            )
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.1)
    section.header_distance, section.footer_distance = Cm(1.1), Cm(1.0)
    core = document.core_properties
    core.title, core.author, core.language = title, "Paraphe", "fr-FR"
    core.comments = core.keywords = core.subject = core.last_modified_by = ""
    core.created = core.modified = datetime(2026, 1, 1, tzinfo=UTC)
    return document


def _replace(element: Any, xml: str) -> None:
    new = parse_xml(xml)
    for child in list(element):
        element.remove(child)
    for child in list(new):
        element.append(child)


def write(holder: WordDocument | _Cell, text: str, style: str) -> Paragraph:
    """A paragraph of ``style``; ``**`` around words makes them bold, a tab stays a tab."""
    paragraph = holder.add_paragraph(style=style)
    return emphasise(paragraph, text)


def emphasise(paragraph: Paragraph, text: str) -> Paragraph:
    for index, words in enumerate(french(text).split("**")):
        if words:
            paragraph.add_run(words).bold = True if index % 2 else None
    return paragraph


def french(text: str) -> str:
    """French spacing and apostrophes for our own text; what stands inside template tags is left alone."""
    pieces: list[str] = []
    rest = text
    while rest:
        start = min((p for p in (rest.find("{{"), rest.find("{%")) if p >= 0), default=len(rest))
        pieces.append(_spaced(rest[:start]))
        end = min((p + 2 for p in (rest.find("}}", start), rest.find("%}", start)) if p >= 0), default=len(rest))
        pieces.append(rest[start:end])
        rest = rest[end:] if start < len(rest) else ""
    return "".join(pieces)


def _spaced(text: str) -> str:
    text = text.replace("'", "’")
    for sign in ";!?":
        text = text.replace(f" {sign}", f"{NNBSP}{sign}")
    return (
        text.replace(" :", f"{NBSP}:")
        .replace("« ", f"«{NBSP}")
        .replace(" »", f"{NBSP}»")
        .replace("n° ", f"n°{NBSP}")
        .replace("art. ", f"art.{NBSP}")
        .replace("article L. ", f"article{NBSP}L.{NBSP}")
        .replace(" €", f"{NBSP}€")
    )


def field(paragraph: Paragraph, instruction: str) -> None:
    """A Word field (PAGE, NUMPAGES) computed by whoever opens the file."""
    for xml in (
        '<w:r {ns}><w:fldChar w:fldCharType="begin"/></w:r>',
        '<w:r {ns}><w:instrText xml:space="preserve"> {what} </w:instrText></w:r>',
        '<w:r {ns}><w:fldChar w:fldCharType="separate"/></w:r>',
        "<w:r {ns}><w:t>1</w:t></w:r>",
        '<w:r {ns}><w:fldChar w:fldCharType="end"/></w:r>',
    ):
        paragraph._p.append(parse_xml(xml.format(ns=nsdecls("w"), what=instruction)))


_TABLE_ORDER = ("tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook")
"""Last properties of a table, in the order of the schema (ECMA-376, CT_TblPr); Word may refuse another."""


def borders(element: Any, sides: Iterable[str], *, size: int = 4, color: str = RULE) -> None:
    """Draw the ``sides`` of a cell or of a table (``tcPr`` or ``tblPr``)."""
    tag = "tcBorders" if element.tag == qn("w:tcPr") else "tblBorders"
    lines = "".join(f'<w:{s} w:val="single" w:sz="{size}" w:space="0" w:color="{color}"/>' for s in sides)
    add_property(element, parse_xml(f"<w:{tag} {nsdecls('w')}>{lines}</w:{tag}>"))


def add_property(element: Any, child: Any) -> None:
    """Put ``child`` where the schema wants it among the properties of a table; at the end of any other element."""
    name = child.tag.rpartition("}")[2]
    following = [qn(f"w:{n}") for n in _TABLE_ORDER[_TABLE_ORDER.index(name) + 1 :]] if name in _TABLE_ORDER else []
    for other in element:
        if element.tag == qn("w:tblPr") and other.tag in following:
            other.addprevious(child)
            return
    element.append(child)
