"""The words by which a table or a list of awards is told from what stands around it. Folded text, bounded rules."""

import re

from activities.reading.awards.roles import EXCLUDED, GRANTING

OPENER = re.compile(
    r"(?<!\w)(?:attribu\w+|allou\w+|accord\w+|octr\w+|vers(?:er|e|ement)|vote[rs]?|votent|subventions?|aides?"
    r"|repartition)(?!\w)"
    r"(?:(?!\n[ \n]{0,3}\n)[^;.]|\.(?=\d)){0,400}?"
    r"(?:(?<!\w)(?:suivante?s?|ci-dessous|ci-apres|comme suit|ainsi|a savoir|tableau|liste|suit|d'allouer"
    r"|d'attribuer|d'accorder|de verser)(?!\w)"
    r"[^;.:\n]{0,80}(?::|\n|\.(?=\s))|:[ ]*(?=\n))"
)
TOTAL = re.compile(
    r"\W*(?:soit (?:un |au )?(?:montant )?total|(?:sous[ -]?)?totaux?\b|(?:sous[ -]?)?totale?\b|cumul"
    r"|montant total|montant global|ensemble (?:des|\W|¤)|somme totale|tot\.|s/total|soit\b)"
)
PARTIAL_TOTAL = re.compile(r"\W*(?:sous|s/)|(?:sous[ -]?)?total (?!general|des sub|global|\d|:|¤|€|ttc|$)\w")
NOT_A_NAME = re.compile(
    r"\W*(?:(?:report\b|solde|reste|disponible|enveloppe|budget|credits?\b|provision|reserve|non affecte"
    r"|divers\b|imprevus?|autofinancement|depenses?|recettes?|fonctionnement|investissement|chapitre|article"
    r"|nature|fonction|compte|imputation|ligne|annee|exercice|acompte|versement|tranche|1er|2eme|2e|premier"
    r"|second|deuxieme|montant|subventions?\b(?! d'equilibre)|aides?\b|cout|taux|prix|tarif"
    r"|emprunt|fonds propres|coupons?|pour|contre|abstentions?|vote|votants?|presents?|date|seance|page|code"
    r"|n°|publie|envoye|recu|affiche|id)(?!\w)|(?:19|20)\d\d\W*$|\d+$|§)"
)
STOPS = re.compile(
    r"\W{0,3}(?:(?:article|art\.?) (?:\d|premier|unique|ier)|(?:de |d'|le conseil |la commission "
    r"|et )?(?:autoris|approuv|di[st]\b|dire\b|precis|imput|inscri|prelev|charge|mandat|donne|adopt|decid"
    r"|valid|preci|prend|rappell|sollicit|habilit|engage|confi)"
    r"|les? credits?|la depense|les depenses|ces (?:subventions|sommes|depenses|montants)|cette (?:depense"
    r"|subvention|somme)|le (?:maire|president|conseil|montant|versement)|la presente|vote\b|pour extrait"
    r"|fait (?:et|a)\b|ainsi fait|certifie|le conseil|les membres|monsieur|madame|m\.|mme|vu |considerant"
    r"|a l'unanimite|adopte|ont signe|suivent|telles? |annexe|que |sous reserve|chacun|conformement"
    r"|en consequence|les subventions)"
)
CATEGORY = re.compile(
    r"\W*(?:(?:associations? |secteur |domaine |pole |theme |thematique |vie |action |affaires )*(?:sports?"
    r"|sportives?|cultur\w+|social\w*|solidarites?|jeunesse|enfance|education|scolaires?|enseignement"
    r"|patrimoin\w+|environnement\w*|divers\w*|loisirs|tourisme|economi\w+|sante|humanitaires?|patriotiques?"
    r"|anciens combattants|musique|arts?|spectacles?|animation|caritatives?|locales?|exterieures?|associati\w+"
    r"|citoyennete|handicap|festivals?|communes?|clubs?)(?: (?:et|de|du|des|la|les|vivant|plastiques"
    r"|sportives?|culturelles?|sociales?|locales?|loisirs|sports?|culture|jeunesse))*)\W*$"
)
BREAKS_OFF = re.compile(r"(?:^|[ '])(?:de|du|des|la|le|les|l|d|et|pour|a|au|aux|en|sur|-|–|,)$|[-–,'’]$")
FAR = 3
"""Lines without an amount in a row end a list."""
HEADINGS = 4
TABLES = 200
"""More announcements of a list than any act has."""
FAR_RULED = 9
"""The same in a table whose columns stand apart: a page may end in it, with its stamps and footers."""
ROWS = 2000
"""More rows than any act has."""
WORDS_OF_A_SENTENCE = re.compile(rf"(?<!\w)(?:{GRANTING}|s'eleve|est de|sera|seront|subvention de|montant de)(?!\w)")


REFUSED = re.compile(EXCLUDED)
NO_NAME_AT_ALL = re.compile(
    r"(?:(?:une?|l[ea]) (?:acompte|solde|signature|versement|premiere?|seconde?|reste|dotation)(?!\w).*"
    r"|(?:ttc|ht|euros?|eur|francs?)(?!\w).*|.*(?<!\w)(?:de|du|des|soit|a|et|la|le|les|au|aux|d'|l')"
    r"|.*(?<!\w)page \d.*)[\s:,/\d]*"
)
INFINITIVE = re.compile(r"(?:de |d')[a-z]{3,14}(?:er|ir|oir|re)(?!\w)")
