"""Names of countries and regions that the libraries lack: everyday names, older names, names in the five languages.

Folded (no case, no accents, single spaces); one line per code: code, then names separated by `|`.
"""

from __future__ import annotations

from typing import Final


def _table(text: str) -> dict[str, str]:
    rows = (line.strip().split(" ", 1) for line in text.strip().splitlines())
    return {name.strip(): code for code, names in rows for name in names.split("|")}


#: Country names beside those of CLDR and ISO.
COUNTRY_NAMES: Final[dict[str, str]] = _table("""
    US usa|u s a|u s|us of a|united states of america|the united states|the united states of america|america
    US etats unis d amerique|vereinigte staaten von amerika|estados unidos de america|estados unidos da america|eeuu
    US ee uu|e e u u|eua|e u a|amerika|e u|etats unis amerique
    GB uk|u k|great britain|britain|england|scotland|wales|northern ireland
    GB united kingdom of great britain and northern ireland|grossbritannien|grande bretagne|gran bretana|gra bretanha
    GB angleterre|inglaterra|schottland|ecosse|escocia|royaume uni de grande bretagne|r u|irlande du nord|nordirland
    GB pays de galles|gales
    DE brd|bundesrepublik deutschland|bundesrepublik|federal republic of germany|almania
    DE republique federale d allemagne
    FR france metropolitaine|republique francaise|french republic
    ES reino de espana|espanha|kingdom of spain
    NL holland|the netherlands|hollande|holanda|nederland|paises baixos|niederlande|the netherlands holland
    CH suisse|schweiz|svizzera|svizra|confoederatio helvetica|swiss confederation|switzerland
    AT osterreich|oesterreich|republik osterreich
    BE belgie|belgique belgie
    CZ czech republic|cesko|ceska republika|republique tcheque|tschechische republik|republica checa|rep checa
    SK slovak republic|slovensko|republique slovaque|slowakische republik|republica eslovaca
    IE eire|republic of ireland|republique d irlande|republik irland|republica de irlanda
    IT italia|repubblica italiana
    PL polska
    SE sverige
    NO norge
    DK danmark
    FI suomi
    HU magyarorszag
    GR hellas|ellada|hellenic republic
    HR hrvatska
    RO rumanien|roumanie
    RU russian federation|federation de russie|russische foderation|federacion de rusia|federacao russa|rossiya|россия
    UA ukraina|україна
    TR turkey|turkiye|republic of turkey|turkei
    KR republic of korea|korea|korea republic of|korea south|korea rep|coree|corea|coreia|s korea|republique de coree
    KR republik korea|republica de corea|한국|대한민국
    KP dprk|korea north|korea democratic people s republic of|democratic people s republic of korea
    CN prc|p r china|people s republic of china|peoples republic of china|pr china|mainland china|volksrepublik china
    CN republique populaire de chine|republica popular china|中国|中國
    HK hong kong|hongkong|hong kong sar
    MO macau|macao
    TW taiwan province of china|taiwan r o c|republic of china|臺灣|台灣
    JP nippon|nihon|日本
    VN viet nam|vietnam
    IN bharat|republic of india
    IR iran islamic republic of|islamic republic of iran|persia
    SY syrian arab republic
    LA lao|lao pdr|lao people s democratic republic
    MD republic of moldova|moldova republic of|moldavia|moldavie
    MK macedonia|fyrom|republic of north macedonia|macedoine|mazedonien|macedonia the former yugoslav republic of
    CI ivory coast|elfenbeinkuste|costa de marfil|cote d ivoire
    CV cape verde|cap vert|kap verde|cabo verde
    CD dr congo|drc|d r congo|congo democratic republic of the|democratic republic of the congo
    CD democratic republic of congo|congo kinshasa|zaire|rdc|republique democratique du congo
    CD demokratische republik kongo|rd congo
    CG republic of the congo|congo brazzaville|republique du congo|congo|kongo
    SZ swaziland
    TL east timor|timor oriental|timor leste|osttimor
    MM burma|birmanie|birmania
    PS palestine|palastina|palestina|state of palestine|west bank and gaza|gaza
    VA vatican|holy see|vatikan|vaticano
    BO plurinational state of bolivia|bolivia plurinational state of
    VE bolivarian republic of venezuela|venezuela bolivarian republic of
    TZ united republic of tanzania|tanzania united republic of|tanzanie
    BR brazil|brasil|bresil|brasilien|republica federativa do brasil
    PT republica portuguesa|portuguese republic
    MX mejico|mexico|estados unidos mexicanos
    AR republica argentina|argentine republic
    DO rep dominicana|dominican rep|republica dominicana
    AE uae|u a e|emirates|emirats|dubai|abu dhabi|vae|eau|emiratos arabes|emirados arabes
    SA ksa|saudi|kingdom of saudi arabia
    BA bosnia|bosnie|bosnien|bosnia herzegovina
    TT trinidad
    AG antigua
    KN st kitts
    VC st vincent
    BN brunei darussalam
    FM federated states of micronesia
    NZ aotearoa
    ZA rsa|south africa|afrique du sud
    BY belorussia|weissrussland|bielorussie
    EE eesti
    LV latvija
    LT lietuva
    SI slovenija
    RS srbija
    BG balgariya
    IS island
    GL groenland
    RE la reunion
    XK kosova
""")

#: Region names beside those of ISO 3166-2 in pycountry.
REGION_NAMES: Final[dict[str, str]] = _table("""
    DE-BW baden wuerttemberg|bade wurtemberg|baden wurttemberg|badenia wurtemberg|bawu
    DE-BY bavaria|baviere|baviera|freistaat bayern
    DE-BE berlin state
    DE-BB brandebourg|brandeburgo|brandemburgo
    DE-HB breme|free hanseatic city of bremen
    DE-HH hambourg|hamburgo|freie und hansestadt hamburg
    DE-HE hesse|hessia|assia
    DE-MV mecklenburg western pomerania|mecklembourg pomerania occidentale|mecklenburgo pomerania occidental
    DE-MV mecklembourg pomeranie occidentale
    DE-NI lower saxony|basse saxe|baja sajonia|baixa saxonia
    DE-NW north rhine westphalia|rhenanie du nord westphalie|renania del norte westfalia|renania do norte vestfalia
    DE-NW nrw
    DE-RP rhineland palatinate|rhenanie palatinat|renania palatinado|renania palatinado
    DE-SL sarre|sarland|saar
    DE-SN saxony|saxe|sajonia|saxonia|freistaat sachsen
    DE-ST saxony anhalt|saxe anhalt|sajonia anhalt|saxonia anhalt
    DE-SH slesvig holstein
    DE-TH thuringia|thuringe|turingia|thuringen|thueringen
    AT-9 vienna|vienne|viena
    AT-1 burgenland
    AT-2 carinthia|carinthie|carintia
    AT-3 lower austria|basse autriche|baja austria
    AT-4 upper austria|haute autriche|alta austria
    AT-6 styria|styrie|estiria
    AT-7 tyrol|tirol
    CH-ZH zurich|zuerich
    CH-GE geneva|geneve|genf|ginebra|genebra
    CH-BE bern|berne|berna
    CH-VD waadt
    CH-VS wallis
    CH-TI tessin
    CH-GR grisons|grigioni|graubunden|graubuenden
    CH-LU lucerne|lucerna
    CH-SG saint gall|st gallen|saint gallen
    CH-FR freiburg
    CH-NE neuenburg
    CH-BS basel|bale|basilea|basle
    FR-IDF paris region|region parisienne
    FR-75C 75|fr 75
    FR-BRE brittany|bretagne|bretana|bretanha
    FR-NOR normandy|normandia|normandie
    FR-PAC paca|provence|provence alpes cote d azur
    FR-20R corsica|korsika|corcega|corsega
    FR-GES grand est|alsace lorraine|lorraine
    FR-BFC burgundy|bourgogne|burgund|borgona
    FR-NAQ aquitaine|aquitania|new aquitaine
    FR-ARA rhone alpes|auvergne rhone alpes
    FR-HDF nord pas de calais|picardie
    FR-OCC languedoc roussillon|midi pyrenees|occitania
    FR-CVL centre
    ES-MD comunidad de madrid|community of madrid
    ES-CT catalonia|cataluna|catalogne|katalonien|catalunha
    ES-AN andalusia|andalousie|andalusien
    ES-PV basque country|pays basque|baskenland|euskadi|pais basco
    ES-GA galice|galicien|galiza
    ES-VC comunidad valenciana|comunitat valenciana|valencian community|communaute valencienne
    ES-IB baleares|balearic islands|islas baleares|iles baleares|balearen|mallorca|majorca
    ES-CN canary islands|canarias|islas canarias|kanarische inseln|iles canaries|ilhas canarias
    ES-CL castile and leon|castille et leon|kastilien und leon
    ES-CM castile la mancha|castille la manche
    ES-NC navarre|nafarroa
    ES-AR aragon|aragonien
    ES-SE seville
    ES-Z saragossa
    ES-BI vizcaya|biscay
    ES-SS guipuzcoa
    PT-11 lisbon|lisbonne|lissabon|lisboa
    PT-13 oporto
    PT-20 azores|acores|azoren
    PT-30 madeira|madere
    IT-25 lombardy|lombardie|lombardei|lombardia
    IT-52 tuscany|toscane|toskana|toscana
    IT-21 piedmont|piemont|piemonte
    IT-82 sicily|sicile|sizilien|sicilia
    IT-88 sardinia|sardaigne|sardinien|cerdena|sardenha
    IT-62 latium|lazio
    IT-72 campania|campanie|kampanien
    IT-75 apulia|pouilles|apulien|puglia
    IT-34 venetia|venetie|venetien|veneto
    IT-42 liguria|ligurie|ligurien
    IT-45 emilia romagna|emilie romagne
    IT-32 south tyrol|sudtirol|trentino
    BE-VLG flanders|flandre|flandern|flandes
    BE-WAL wallonia|wallonie|wallonien|valonia
    BE-BRU brussels|bruxelles|brussel|bruselas|bruxelas
    NL-NH north holland|nordholland|noord holland
    NL-ZH south holland|sudholland|zuid holland
    NL-NB north brabant|noord brabant
    US-CA california|californie|kalifornien|calif|cali
    US-NY new york state|nueva york|nova york|nova iorque|etat de new york
    US-FL floride|fla
    US-PA pennsylvanie|pensilvania|pennsylvanien|penn
    US-TX tejas|tex
    US-LA louisiane|luisiana
    US-NC caroline du nord|carolina del norte|carolina do norte
    US-SC caroline du sud|carolina del sur|carolina do sul
    US-ND dakota du nord|dakota del norte|dakota do norte
    US-SD dakota du sud|dakota del sur|dakota do sul
    US-NM nouveau mexique|nuevo mexico|novo mexico
    US-NJ nouveau jersey|nueva jersey|nova jersey
    US-NH nueva hampshire
    US-VA virginie
    US-WV virginie occidentale|virginia occidental|virginia ocidental
    US-GA georgie
    US-HI hawaii|hawai|havai
    US-DC washington dc|washington d c|district of columbia|d c
    US-WA washington state|state of washington
    US-MA mass
    US-IL ill
    US-OR oregon
    US-MS misisipi
    US-MO misuri
    CA-QC quebec|pq
    CA-BC colombie britannique|columbia britanica|britisch kolumbien|b c
    CA-NS nouvelle ecosse|nueva escocia|neuschottland|nova escocia
    CA-NB nouveau brunswick|nuevo brunswick
    CA-NL newfoundland|terre neuve|terre neuve et labrador|terranova|labrador
    CA-PE ile du prince edouard|pei|isla del principe eduardo
    CA-NT territoires du nord ouest
    CA-ON ont
    CA-YT yukon territory
    BR-SP sao paulo|saint paul
    BR-DF brasilia|distrito federal
    MX-CMX cdmx|df|d f|distrito federal|mexico city|ciudad de mexico|cidade do mexico
    MX-MEX edomex|estado de mexico|mexico state
    MX-MIC michoacan
    MX-VER veracruz
    MX-COA coahuila
    AR-C caba|capital federal|ciudad autonoma de buenos aires
    GB-ENG england|angleterre|inglaterra
    GB-SCT scotland|ecosse|schottland|escocia
    GB-WLS wales|pays de galles|gales|pais de gales
    GB-NIR northern ireland|irlande du nord|nordirland|irlanda del norte|irlanda do norte
    AU-NSW nouvelle galles du sud
    AU-ACT canberra
    PL-14 mazovia|masovia|mazowieckie
    CZ-10 prague|prag|praga|praha
    CN-BJ peking|pekin|pequim
""")
