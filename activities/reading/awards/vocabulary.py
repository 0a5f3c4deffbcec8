"""Words that begin, end and surround the name of a beneficiary. All rules are for folded text on one line."""

import re

INSTITUTION = (
    r"(?:association|ong|amicale|fondation|fonds de dotation|societe|entreprise|sarl|sasu?|eurl|earl|gaec|cuma"
    r"|scop|scic|spl"
    r"|sem|gie|gip|sci|communaute|commune|ville|metropole|departement|region|syndicat|sivu|sivom|ccas|cias|centre"
    r"|college|lycee|ecole|groupe scolaire|universite|institut|etablissement|office|chambre|mission locale"
    r"|maison|club|comite"
    r"|union|ligue|federation|confederation|cooperative|compagnie|theatre|musee|conservatoire|orchestre|choeur|chœur"
    r"|chorale|ensemble|groupement|foyer|creche|hopital|hospice|clinique|residence|regie|agence|caisse|mutuelle|parc"
    r"|paroisse|cercle|collectif|delegation|antenne|croix[- ]rouge|secours|banque alimentaire|oph|ogec|sdis|harmonie"
    r"|fanfare|academie|observatoire|reseau|bibliotheque|cinema|structure|organisme|exploitation|domaine"
    r"|microcreche|micro[- ]creche|auberge|pole|laboratoire|ehpad|sa d'hlm)"
)
"""Nouns that begin the name of a body, small letters or capitals."""
COMMON = (
    r"(?:association|fondation|societe|entreprise|structure|organisme|etablissement(?: public)?|compagnie"
    r"|commune|club|comite"
    r"|ecole|ville|federation|union|syndicat|centre|institut|maison|groupement|college|lycee|collectif|beneficiaire"
    r"|porteur(?: du projet| de projet)?|laureat|interesse|demandeur|fondation|cooperative|collectivite|theatre|office)"
)
COLLECTIVE = re.compile(
    r"(?:chacun\w* d\w+ |toutes |tous |l'ensemble d\w+ |differente?s |diverse?s |autres |\d+ |(?:deux|trois"
    r"|quatre|cinq|six|sept|huit|dix) )?"
    r"(?:associations|organismes|structures|communes|clubs|beneficiaires|etablissements|porteurs|projets|laureats"
    r"|entreprises|menages|familles|particuliers|proprietaires|eleves|etudiants|agents|ecoles|colleges|lycees|societes"
    r"|candidats|personnes|habitants|exploitants|interesses|collectivites|fondations|syndicats|compagnies|artistes"
    r"|sportifs|jeunes|commercants|artisans|parents|membres|partenaires|acteurs|operateurs|foyers|coproprietes"
    r"|coproprietaires|tiers|suivantes?|suivants?|ci-apres|centres|comites|federations)\b"
)
ANAPHORA = re.compile(
    rf"(?:(?:elle|lui|celle-ci|celui-ci|ce dernier|cette derniere)\b|(?:cette|cet|ce|ladite|ledit|la dite|ses"
    rf"|son|sa|leur)\b"
    rf"|(?:l'|la |le |au |a l')?{COMMON}(?: (?:precitee?|susvisee?|susnommee?|sus-?mentionnee?|concernee?"
    rf"|ci-dessus\w*|interessee?|beneficiaire"
    rf"|demandeuse|organisatrice|designee?|mentionnee?))*\s*$)"
)
TITLE_OF_PERSON = r"(?:m\.|mm\.|mme\.?|mmes|mlle|monsieur|madame|messieurs|mesdames|maitre|docteur|dr\.?)(?= )"
OFFICE = re.compile(
    r"(?:(?:m\.|mme|monsieur|madame)\s+(?:le|la|l')\s*|(?:le |la |l')?(?:maire|president|presidente|prefet"
    r"|prefete|tresorier|tresoriere|comptable|receveur|receveuse"
    r"|sous-prefet|directeur|directrice|conseil (?:municipal|communautaire|metropolitain|departemental"
    r"|regional|general|d'administration|syndical)"
    r"|bureau|commission permanente|assemblee|comite (?:syndical|directeur)|conseil syndical)\b)"
)
NEVER = re.compile(
    r"(?:titre|cours|vu|plus|moins|regard|sein|moyen|prorata|compte|budget|chapitre|hauteur|article|annexe|exercice"
    r"|unanimite|majorite|charge|condition|deliberation|presente|partir|raison|savoir|parite|compter|signature"
    r"|demande|initiative"
    r"|issue|suite|realisation|organisation|mise|occasion|annee|appui|nature|fonction|exception|imputation|ligne"
    r"|operation|aide|subvention|participation|somme|montant|tarif|article|code|loi|decret|dispositif|programme|projet"
    r"|festival|financement|fonctionnement|investissement|acquisition|achat|rehabilitation|renovation|construction"
    r"|restauration|creation|mise en|reprise|convention|avenant|contrat|section de (?:fonctionnement"
    r"|investissement)|profit|benefice"
    r"|attention|objet|usage|effet|terme|taux|prix|ordre|entretien|developpement|maintien|manifestation|action"
    r"|cout|janvier|fevrier"
    r"|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|ce jour|cet effet|cette fin"
    r"|cette occasion|ce titre"
    r"|verser|signer|nouveau|titre|prevue?|concurrence|tableau|liste|registre|rapport|document|dossier|savoir"
    r"|ouverture|edition|saison|vote|deduction|valoir"
    r"|etablir|disposition|tout|toute"
    r"|§|\d)(?!\w)"
)

BLANK = " "
HARD_WORDS = (
    r"au titre|afin|dans le cadre|dans la limite|dans les conditions|en vue|en date|en contrepartie|en soutien"
    r"|en complement|en application|en faveur|en (?:fonctionnement|investissement)|en (?:19|20)\d\d"
    r"|destinee?s?|relative?s?"
    r"|sous reserve|conformement|au cours|d'un montant|d'une (?:subvention|aide|somme|participation|dotation)"
    r"|d'un (?:fonds|concours|soutien|complement)|de la somme|une? (?:subvention|aide|somme|participation"
    r"|dotation|fonds|concours|bourse|contribution|soutien|complement|montant)"
    r"|la somme|les? subventions?|les? sommes?|au fonctionnement|aux? (?:depenses|frais|travaux|financement"
    r"|cout)|le marche|les? lots?|la parcelle|le versement|dont|situee?|sise?|represente\w*|domicilie\w*|ayant"
    r"|a hauteur|a raison|correspondant|imputee?"
    r"|dit que|dit\b|autorise\w*|approuve\w*|precise\w*|decide\w*|impute\w*|inscrit\w*|est"
    r"|sont|sera|seront|soit|qui|que|qu'|concernant|sur la base|selon|s'eleve|s'elevant|recoit|beneficie"
    r"|percoit|se voit|etant|pour un montant|pour une? (?:aide|subvention|montant|somme)"
    r"|organisa\w+|gestionnaire|porteu[rs]e?|chargee?|proprietaire|laureate?|implantee?|basee?|etablie"
    r"|affiliee?|agreee?|reconnue?"
    r"|œuvrant|oeuvrant|agissant|intervenant|siegeant|creee|constituee|designee?|ci-apres|susvisee?"
    r"|susmentionnee?|susnommee?|precitee?|ci-dessus|deja"
    r"|par (?:le|la|l'|les) (?:ville|commune|departement|region|metropole|conseil|etat|communaute|maire"
    r"|president)|par l'octroi|par le versement|par une?|par an|par virement|lors d\w+|a l'occasion|a compter"
    r"|a partir|en une|en deux|en trois|aux? (?:titre|fins)|a titre|telle? que|suivant|identifie\w*"
    r"|immatricule\w*|inscrite?"
    r"|(?:de|a) ?¤|d'¤|de maximum|d'au plus|et (?:(?:a|au|aux|de|d'|pour|une?|dont|autorise|approuve|dit"
    r"|la convention|l'autorise)(?!\w)|¤)|et (?:l'|la |le |les )?(?:association|societe|commune|fondation"
    r"|federation|club)(?!\w)"
)
SOFT_WORDS = r"pour|par|dans|sur|avec|sans|au sein"
AFTER_COMMA = re.compile(
    r",[ \n]*(?:\d|une?\b|la somme|au titre|pour\b|afin|dont|sise?\b|situee?|domicilie|represente|ayant|d'un"
    r"|d'une|a hauteur|dans|sous|conform|relati|destine"
    r"|association|societe|organisme|structure|fondation|etablissement|et (?:dont|represente|ayant|a|au|aux"
    r"|une)\b|loi|siret|siren|n°|rna|sis\b|qui|en |selon|au profit|au benefice|cette|cet|ce\b|est\b|soit"
    r"|telle? que|ci-|¤|§|de ¤|d'¤"
    r"|demeurant|etudiante?|residant|gestionnaire|porteu|organisat|beneficiaire|immatricul|agissant|avec"
    r"|au cours|chargee?|proprietaire|laureat|le versement|l'attribution|les? subvention|implantee?|basee?"
    r"|affiliee?|a titre|par |deja|proposee?|egalement|ladite|presidee?|dirigee?|creee|sur |les credits"
    r"|imputee?|portant|correspondant|representant|[a-z]{4,12}ant\b|maitre d'ouvrage|maitrise)"
)
STOP = re.compile(
    rf"(?P<hard>{BLANK}*[;¤§]|{BLANK}*:(?=\s|$)|  +|\.{{3,}}|…|{BLANK}+[-–|]{BLANK}*(?=¤)|{BLANK}*\Z"
    rf"|{BLANK}+(?:{HARD_WORDS})(?!\w))"
    rf"|(?P<dot>\.(?=\s|\Z))|(?P<comma>{BLANK}*,)|(?P<paren>{BLANK}*\()"
    rf"|(?P<soft>{BLANK}+(?:{SOFT_WORDS})(?!\w))"
)
ABBREVIATION = re.compile(r"(?:^|[\s.'-])(?:[a-z]|st|ste|mme?|mlle|dr|mgr|cie|ass|asso|assoc|fed|dept|mm)$")
PLAIN_PURPOSE = re.compile(
    r"\s*(?:(?:l'|la |le |les |son |sa |ses |leurs? |une? |des |d')?(?:organisation|realisation|annee"
    r"|fonctionnement|exercice|saison|acquisition|achat|"
    r"financement|mise|projet|action|activites?|festival|programme|participation|edition|creation|travaux"
    r"|rehabilitation|renovation|restauration|"
    r"construction|periode|manifestation|montant|deplacement|tournoi|voyage|investissement|equipement"
    r"|operation|developpement|animation|soutien|soutenir|financer|aider|permettre|organiser|realiser|mener"
    r"|accompagner|assurer|contribuer)\b"
    r"|(?:son|sa|ses|leurs?|\d+|un|une|deux|trois)\b|§|l'|d')"
)
DETERMINER = re.compile(
    r"(?:(?:la |le |les |l'|un |une )?(?:dite )?(?:association(?: loi(?: de)? 1901)?|societe|entreprise"
    r"|etablissement public"
    r"|organisme|structure)(?: (?:denommee?|dite?|intitulee?|culturelle|sportive))?\s*:?\s*)(?=\S)"
)
ARTICLE = re.compile(r"(?:la |le |les |l'|la\n|le\n|les\n|: )")
QUOTES = {"«": "»", '"': '"'}
ACRONYM = re.compile(r"[A-ZÀ-Ý0-9][A-ZÀ-Ý0-9&.'/ -]{1,18}[A-ZÀ-Ý0-9.]")
SIRET = re.compile(r"(?:n° ?)?(?:de )?siret\b\W{0,8}(?:n°)?\W{0,4}((?:\d[ .]?){14})(?!\d)")
BARE_SIRET = re.compile(r"\(\W{0,2}((?:\d ?){14})\W{0,2}\)")
RNA = re.compile(r"(?<![a-z0-9])w ?(\d{9})(?!\d)")
SEAT = re.compile(
    r"(?:dont le siege(?: social)? (?:est|se trouve)(?: situee?| sise?| etablie?| fixee?)?"
    r"|ayant (?:son siege(?: social)?|pour siege)|sise?|situee?|domiciliee?|demeurant)[ \n]+"
    r"(?:au |a la |a |dans )?(?P<seat>[^;¤(]{4,160}?)(?=\s*[;¤(]|\.(?:\s|\Z)|,?\s+(?:une?|la somme|et "
    r"|represente\w*|pour|d'un|d'une|immatricul\w*|siret|n°|au titre|dont|qui|ayant|est|afin|a hauteur)(?!\w)"
    r"|\s*\Z)"
)
GIVEN_TO = re.compile(
    r"(?:(?<![\w'])(?:a|au|aux)(?= |\n|:)\s*:?|(?<!\w)en faveur d(?:e |u |es |')|(?<!\w)au (?:profit"
    r"|benefice) d(?:e |u |es |')"
    r"|(?<!\w)entre (?=les |des |differente?s )|(?<!\w)(?:soutenir|subventionner|aider)(?= )"
    r"|(?<!\w)pour (?=(?:l'|la |le )(?:association|amicale"
    r"|societe|club|comite|union|fondation)\b))"
)
OF = re.compile(r"(?<!\w)(?:de|du|des|d'|avec|entre [^,;.¤]{3,60} et|aupres de)(?= |(?<='))")
RECEIVES = re.compile(
    r"(?:recoit|recevra|beneficie(?:ra)?|percoit|percevra|se voit (?:attribuer|accorder|allouer|octroyer)"
    r"|obtient|est attributaire|est beneficiaire)(?!\w)"
)
OURSELVES = re.compile(
    r"(?:la |le |l')?(?:ville|commune|region|departement|metropole|collectivite|communaute(?: \w+)?|etat|universite"
    r"|etablissement|syndicat|agglomeration)"
)
"""Without a name, the authority itself."""
ENDS_A_CELL = re.compile(
    r" +(?:pour (?=son|sa|ses|leurs?|l'(?:organisation|achat|annee|acquisition)|la (?:saison|realisation)"
    r"|le (?:fonctionnement|financement))|au titre|dans le cadre|afin de|en vue d|destinee?)"
)
"""In a table or a list, where the cell has more than the name."""
CUT = re.compile(
    r"[ ]?\n[ \n]{0,6}\n[ ]?(?=\S)(?!article|art\b|\W|\d|adopte|certifie|pour |fait|cette|le |la |les |vote"
    r"|ainsi|de |d'|dit|autorise|approuve"
    r"|precise|impute|charge|donne|vu |considerant|\Z)"
)
