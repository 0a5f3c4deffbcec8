"""What an amount of money is in its sentence: what is granted, or what something costs, was asked for, was paid before.

The nearest noun before an amount says what it is the amount of. An amount that no noun of granting governs, by words
that may link the two, is never an award.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

GRANT_NOUN = (
    r"(?:subventions?|aides?|participations?|contributions?|concours|soutiens?|fonds de concours|dotations?|somme"
    r"|bourses?|complements?|abondement|secours|allocations?|forfait communal)"
)
GRANTING = (
    r"(?:attribu(?:er|ee?s?|ent|ant|e)|attribution|allou(?:er|ee?s?|ent|e|ant)|allocation|accord(?:er|ee?s?"
    r"|ent|e|ant)|octroy(?:er|ee?s?|ant)"
    r"|octroi(?:e|ent)?|vers(?:er|ee?s?|e|ent|ant)|versement|approuv(?:er|ee?s?|e|ent)|vot(?:er|ee?s?|e|ent)"
    r"|fix(?:er|ee?s?|e)|arret(?:er|ee?s?|e)"
    r"|renouvel(?:er|lement|ee?s?|le)|recondui(?:re|t|te|ts|tes)|reconduction|soutenir|soutient|subventionner"
    r"|donn(?:er|ee?s?|e)|apport(?:er|e|ee?s?)"
    r"|recoit|recevra|beneficie(?:ra)?|percoit|percevra|affect(?:er|ee?s?|e|ation)|consent(?:ir|ie?s?|i)?"
    r"|s'eleve|autoris(?:er|e) (?:le versement|l'attribution|l'octroi)"
    r"|est de|sera de|particip(?:er|e)|contribu(?:er|e)|financ(?:er|e)|decid(?:e|er|ent)|propos(?:e|er|ee?s?|ent))"
)
EXCLUDED = (
    r"(?<!\w)(?:ne pas|n'est pas|ne renouvel\w+|rapporter?(?= (?:la|le|les|sa|cette)\b)|annul\w+|retir(?:er|e"
    r"|ee)s?|retrait|abrog\w+|refus\w+|ajourn\w+"
    r"|report(?:er|e) (?:a (?:la|une)|l'|la decision|l'examen|l'attribution)|rejet(?:er|te|tee?s?)|reduire"
    r"|diminuer|minorer|plafond d'emprunt|surseoir|sursoit"
    r"|sollicit(?:er|ant|ons)|solliciter|demander (?:a|au|aux|l'attribution|le versement|une|l'octroi|la|les)"
    r"|(?:depos|present|formul)er (?:une|la|les|des) (?:demandes?|dossiers?)"
    r"|accept(?:er|e) (?:la|le|les|une|un|l')(?! versement| principe| attribution| octroi)|encaiss\w+"
    r"|percevoir|recevoir|prend(?:re)? acte|rembourser|remboursement|remboursera|restitu\w+"
    r"|(?:attribu|accord|allou|vers|vot|octroy|percu)ees? (?:en|au titre de|pour|l'an|depuis) (?:l'annee "
    r"|l'exercice )?(?:19|20)\d{2} ?(?!et)(?:a|au|aux|par|$|[.;,])"
    r"|avait (?:ete )?(?:attribu|accord|allou|vers|vot|octroy)\w*|a (?:deja )?(?:ete )?(?:attribu|accord|allou"
    r"|vers|vot|octroy)ee?s? (?:en|l'an|le)|l'an(?:nee)? (?:dernier|derniere|passee?|precedente?)|pour memoire"
    r"|pour rappel|rappelle que"
    r"|pourra(?:it|ient|ient)? (?:etre|beneficier|pretendre)|pourraient|serait|seraient|si le projet"
    r"|sous reserve de l'attribution|eventuell\w+|avaient|precedemment|anterieurement|en 20\d\d, (?:la|le|l'"
    r"|une)"
    r"|contre-?proposition|amendement\w*|non retenue?s?|inelig\w+|irrecevab\w+|defavorable\w*|projet de marche)(?!\w)"
)
"""A sentence with these words does not grant what it speaks of, or not only."""

_GAP = r"(?:[^\s¤§.;:,]+ ){0,%d}?"
_HEADS: tuple[tuple[str, str], ...] = (
    (
        "loan",
        r"avances?(?: (?:remboursable|de tresorerie))?|prets?|emprunts?|garanties?|cautions?|cautionnement"
        r"|credit-bail|pret d'honneur",
    ),
    ("fee", r"cotisations?|adhesions?|abonnements?|droits? d'(?:entree|adhesion)"),
    (
        "price",
        r"marches?(?! (?:de noel|couvert|hebdo|aux|bio|loca|paysan|gourmand|nocturne))|lots? n(?=°)|lots? \d+"
        r"|loyers?|indemnites?|redevances?|acquisition (?:de la parcelle|du terrain|au prix)|vente|cession|ceder"
        r"|prix|honoraires|primes?|salaires?|factures?|remises? gracieuses?"
        r"|exonerations?|devis|valeur|valorise\w*|estime\w*|evalue\w*|capital|amende|taxe|tarifs?|frais d"
        r"|gratification|parcelle|rabais|penalites?|vacations?|retributions?|remuneration|contrat de prestation"
        r"|prestations?|achat",
    ),
    (
        "base",
        r"budgets?|couts?|depenses?|assiette|plan de financement|recettes?|autofinancement|enveloppes?"
        r"|investissement total|base|chiffre d'affaires|deficit|excedent|credits? (?:inscrits|ouverts|disponibles)"
        r"|credits?|fonds propres|montant (?:eligible|subventionnable|prevu|previsionnel|des travaux|du projet"
        r"|de l'operation)|projet d'un montant|operation d'un montant|travaux d'un montant|quotient|imput\w+"
        r"|inscri\w+|preleve\w*|autorisation d'engagement|montants? ht",
    ),
    (
        "asked",
        r"demandes? (?:de |d')(?:la |une |l')?(?:subventions?|aides?|participation|financement)(?: \w+)?"
        r"|demandee?s?|demande|sollicitee?s?|sollicite|souhaitee?s?",
    ),
    ("past", r"deja|precedente?s?|anterieure?s?|initiale(?:ment)?|initial"),
    ("total", r"total|totale|cumul\w*|portant|porter|porte|ainsi portee?|au total"),
    (
        "part",
        r"dont|acomptes?|solde|premier versement|second versement|versements?(?= de|:| :)|echeances?|tranches?"
        r"|fractions?",
    ),
    ("grant", rf"{GRANT_NOUN}"),
)
_HEAD = re.compile("|".join(rf"(?P<{name}>(?<!\w)(?:{rule})(?![\w-]))" for name, rule in _HEADS))
_LINK = re.compile(
    r"(?:(?:de|d'|d'un montant|d'une valeur|a hauteur|de l'ordre|pour un montant|un montant|du montant|montant"
    r"|montants|somme|fixee? a|s'eleve a|s'elevant a|s'elevera a|est de|sera de|est fixe a|egale? a|arretee? a"
    r"|maximum|maximale?|maximal|plafonnee? a|plafond|au plus|jusqu'a|forfaitaire|global|globale|total|totale"
    r"|estimee? a|soit|ttc|net|nette|brut|annuel|annuelle|de|d'|a|:|=|\(|\[|-|–|suivante?s?|exceptionnelle?"
    r"|complementaire|supplementaire|fonctionnement|investissement|financiere?|unique|la limite de"
    r"|equivalente? a|representant|evaluee? a|chiffree? a|correspondant a)[ \n(:]*)$"
)
_PERCENT = re.compile(r"(?:%|pour cent)[^¤.;]{0,80}$")
_RIGHT_UNIT = re.compile(
    r"[ \n]{0,2}(?:\)|ttc|ht|hors taxes?)?[ \n,]{0,3}(?:/ ?(?:an|mois|eleve|enfant|jour|heure|habitant|repas"
    r"|part|unite)|(?:par|l')(?: |\n)?(?:an|annee|mois|eleve|enfant|jour|heure|habitant|trimestre|semestre"
    r"|repas|personne|logement|menage|foyer|agent|licencie|adherent|unite|km|m2|nuitee|famille|dossier|classe"
    r"|poste|projet|exercice|membre|benevole)\b|annuels?\b|chacune?\b|(?:a|pour) chacune?|mensuels?\b)"
)
_RIGHT_ASKED = re.compile(
    r"[ \n]{0,2}(?:sont |est |etaient |etait |avaient ete )?(?:demandes?|sollicites?|souhaites?|prevus?"
    r"|deja (?:verses?|attribues?|percus?|alloues?|accordes?)|verses? en (?:19|20)|restants?|avaient |avait )"
)
_RIGHT_TAX = re.compile(r"[ \n]{0,2}(ht|ttc|h\.t\.?|t\.t\.c\.?|hors taxes?|toutes taxes)(?!\w)")
_RIGHT_PART = re.compile(
    r"[ \n]{0,2}(?:a la (?:signature|notification|remise)|des la|en (?:19|20)\d\d|pour (?:l'annee "
    r"|l'exercice )?(?:19|20)\d\d|au titre de (?:l'annee |l'exercice )?(?:19|20)\d\d|sur presentation|apres "
    r"|a reception|a l'issue|au (?:vu|second|premier)|de solde|d'acompte|le solde|en (?:debut|fin)|\((?:19"
    r"|20)\d\d\))"
)
_CEILING = re.compile(
    r"(?:maxim\w*|plafon\w*|dans la limite de|au plus|jusqu'a|ne (?:pourra|peut|pouvant) (?:pas )?(?:exceder"
    r"|depasser)|sans (?:exceder|pouvoir|depasser)\w*)"
)


_REQUESTS = re.compile(
    r"(?<!\w)(?:sollicit\w*|demand(?:e|ent|ait|aient|ant)|souhait\w+|requiert)(?: (?:de|a"
    r"|aupres de) [^,;.¤]{0,50})? (?:une? |la |l'|d'une |cette )?(?:\w+ ){0,2}$"
)


class Role(Enum):
    GRANT = auto()
    """What a noun of granting governs."""
    BARE = auto()
    """No noun before it since the amount before: an amount of the same kind, or a part of it."""
    TOTAL = auto()
    PART = auto()
    OTHER = auto()
    """A cost, a price, a loan, a fee, a request, a past grant."""


@dataclass(frozen=True)
class Reading:
    """What one amount is."""

    role: Role
    head: tuple[int, int] | None
    """Where its noun stands."""
    ceiling: bool = False
    per_unit: bool = False
    """By year, by pupil…: not what will be paid."""
    tax: str = ""
    """``ht`` or ``ttc``, if said."""
    part: bool = False
    """A year's or an instalment's, by what follows it."""


def reading_of(flat: str, left: int, start: int, end: int, right: int) -> Reading:
    """What the amount at ``start``–``end`` of ``flat`` is; nothing outside ``left``–``right`` is looked at.

    ``flat`` is the folded text on one line; ``left`` is the end of the amount before, or the beginning of the sentence.
    """
    before = flat[max(left, start - 260) : start]
    after = flat[end : min(right, end + 90)]
    tax = _RIGHT_TAX.match(after)
    heads = list(_HEAD.finditer(before))
    asked = _RIGHT_ASKED.match(after)
    ceiling = bool(_CEILING.search(before[-60:]) or _CEILING.match(after.lstrip(" ,(")[:40]))
    per_unit = bool(_RIGHT_UNIT.match(after))
    part = bool(_RIGHT_PART.match(after))
    if asked or _PERCENT.search(before):
        return Reading(Role.OTHER, None)
    if not heads:
        role = Role.BARE
        return Reading(role, None, ceiling, per_unit, tax[1][:3] if tax else "", part)
    head = heads[-1]
    kind = str(head.lastgroup)
    place = (start - len(before) + head.start(), start - len(before) + head.end())
    if kind in ("total", "part") and (ruling := _ruling(heads, before)) is not None and kind == "total":
        head, kind = ruling, "grant"
        place = (start - len(before) + head.start(), start - len(before) + head.end())
    if re.search(r"(?<!\w)port(?:ant|e|er|ee) (?:ainsi |donc )?(?:le |la |l'|son |sa |a )", before):
        kind = "total"
    if kind == "grant" and _REQUESTS.search(before[: head.start()]):
        kind = "asked"
    if kind == "grant" and head[0] == "somme" and any(h.lastgroup in ("price", "loan", "fee", "asked") for h in heads):
        kind = "price"
    role = {"grant": Role.GRANT, "total": Role.TOTAL, "part": Role.PART}.get(kind, Role.OTHER)
    if role is Role.GRANT and not (_LINK.search(before) or head.end() >= len(before.rstrip())):
        role = Role.OTHER
    if role is Role.GRANT and any(h.lastgroup in ("loan", "fee") and head.start() - h.end() < 12 for h in heads[:-1]):
        role = Role.OTHER
    return Reading(role, place, ceiling, per_unit, tax[1][:3] if tax else "", part)


def _ruling(heads: list[re.Match[str]], before: str) -> re.Match[str] | None:
    """The noun of granting right before "d'un montant total de": it rules, the total is its own."""
    if len(heads) < 2 or heads[-2].lastgroup != "grant":
        return None
    between = before[heads[-2].end() : heads[-1].start()]
    return (
        heads[-2]
        if re.fullmatch(r"[ \n]*(?:[^\s,;:.]+ ){0,3}?(?:,? ?d'un )?(?:montant )?(?:global )?", between)
        and "soit" not in between
        else None
    )


PURPOSE_AFTER = re.compile(
    r"[\s\"»]*(?:\([^()¤]{0,80}\))?\s*,?\s*(?:au\s+titre\s+(?:de\s+(?=la\b|l'|ses\b|sa\b|son\b|cette\b|leur)"
    r"|du\s+|des\s+|d'|de\s+)"
    r"|pour\s+|afin\s+de\s+|en\s+vue\s+de\s+|destinee?\s+a\s+|dans\s+le\s+cadre\s+(?:de\s+|du\s+|des\s+))"
    r"(?P<purpose>[^¤;]{3,400}?)(?=\s*\.(?:\s|$)|;|\n\s*\n|,\s+(?:dont|conform|et\s+une|tel|soit|portant"
    r"|sur\s)|\s+et\s+une\s+"
    r"|\s+(?:est|sont|sera)\s+(?:attribu|allou|accord|octroy|vers)|\s*,?\s*\Z)"
)
"""What a grant is for, right after its amount or its name."""
