"""Small lists of names, job titles and company words in five languages; every combination is fictional."""

from __future__ import annotations


def _each(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = {
    "en": _each(
        "Alice Brian Carol Derek Emma Fiona George Hannah Ivan Julia Kevin Laura Martin Nancy Oliver Paula Quentin "
        "Rachel Simon Tara Victor Wendy Amara Ravi Priya Chen"
    ),
    "de": _each(
        "Anke Bernd Claudia Dieter Elke Florian Gerda Holger Ines Jürgen Katrin Lukas Monika Norbert Petra Rüdiger "
        "Sabine Uwe Vera Wolfgang"
    ),
    "fr": _each(
        "Adèle Benoît Chloé Didier Élodie Fabrice Gaëlle Hervé Inès Julien Karine Laurent Maëlys Noël Océane Pascal "
        "Rémi Solène Thierry Zoé"
    ),
    "es": _each(
        "Alba Bruno Carmen Diego Elena Fermín Gloria Hugo Íñigo Jimena Lucía Mateo Nuria Óscar Pilar Raúl Sofía Tomás "
        "Úrsula Víctor"
    ),
    "it": _each(
        "Alessia Bruno Chiara Davide Elisa Fabio Giada Ivano Luca Marta Nicolò Ornella Paolo Rosa Sandro Teresa Ugo "
        "Valentina"
    ),
}
LAST_NAMES = {
    "en": _each(
        "Ashford Brightwell Carrow Dunmore Eastlake Farrow Greyson Hollis Ingram Jarrow Kestrel Lockley Marwood "
        "Northam O'Dare Penhale Quill Rowntree Selby Thornby Underhay Varley Whitlow Yardeley"
    ),
    "de": _each(
        "Ackermann Birkholz Dornfeld Eichler Falkner Grünthal Heidemann Jäckel Kühnert Lindenau Moosbach Niedermair "
        "Oberstein Pfälzer Rautenberg Sönnichsen Tannhäuser Weißbach Zechlin"
    ),
    "fr": _each(
        "Aubépin Beaurivage Charmoy Delcourt Épinard Fontbelle Grandval Hautecombe Jolivert Lavandière Montclair "
        "Noirmont Peyrac Rocheval Sauvigny Tremblay Valbonne"
    ),
    "es": _each(
        "Abellán Bustillo Cañadas Delmonte Escudera Fuentealba Garrigós Huertas Ibarguren Lozoya Maldonada Navascués "
        "Ordoño Peñalver Quirós Robledal Santaolalla"
    ),
    "it": _each(
        "Arcobelli Belfiore Castelnuovo Donatini Fiorentelli Giordanelli Lagomarsi Montefalco Nardelli Ortensi "
        "Pietralba Roccaforte Santangeli Torrebruna Valdarno"
    ),
}

#: Titles by seniority and language; {f} stands for the function.
TITLES = {
    "c_level": {"en": ["Chief {f} Officer", "CEO", "Managing Director"], "de": ["Geschäftsführer", "Vorstand {f}"],
                "fr": ["Directeur général", "PDG"], "es": ["Director General", "Consejero Delegado"],
                "it": ["Amministratore Delegato", "Direttore Generale"]},
    "vp": {"en": ["VP {f}", "Vice President, {f}", "SVP {f}"], "de": ["Bereichsleiter {f}"],
           "fr": ["Vice-président {f}"], "es": ["Vicepresidente de {f}"], "it": ["Vicepresidente {f}"]},
    "director": {"en": ["Director of {f}", "Head of {f}", "{f} Director"], "de": ["Leiter {f}", "Abteilungsleiterin {f}"],
                 "fr": ["Directrice {f}", "Responsable de la direction {f}"], "es": ["Directora de {f}"],
                 "it": ["Direttore {f}"]},
    "manager": {"en": ["{f} Manager", "Senior Manager {f}", "{f} Lead"], "de": ["Teamleiter {f}", "Manager {f}"],
                "fr": ["Chef de projet {f}", "Responsable {f}"], "es": ["Jefe de {f}", "Gerente de {f}"],
                "it": ["Responsabile {f}"]},
    "individual": {"en": ["{f} Specialist", "{f} Analyst", "{f} Associate"], "de": ["Sachbearbeiterin {f}", "Referent {f}"],
                   "fr": ["Chargé de {f}", "Assistante {f}"], "es": ["Técnico de {f}"], "it": ["Addetto {f}"]},
    "intern": {"en": ["{f} Intern"], "de": ["Praktikant {f}", "Werkstudentin"], "fr": ["Stagiaire {f}"],
               "es": ["Becario de {f}"], "it": ["Stagista {f}"]},
    "student": {"en": ["Student", "PhD Student"], "de": ["Studentin"], "fr": ["Étudiant"], "es": ["Estudiante"],
                "it": ["Studentessa"]},
}  # fmt: skip
FUNCTIONS = {
    "marketing": {"en": "Marketing", "de": "Marketing", "fr": "marketing", "es": "Marketing", "it": "Marketing"},
    "sales": {"en": "Sales", "de": "Vertrieb", "fr": "commercial", "es": "Ventas", "it": "Vendite"},
    "it": {"en": "IT", "de": "IT", "fr": "informatique", "es": "Sistemas", "it": "Sistemi informativi"},
    "finance": {"en": "Finance", "de": "Finanzen", "fr": "financier", "es": "Finanzas", "it": "Finanza"},
    "operations": {"en": "Operations", "de": "Betrieb", "fr": "opérations", "es": "Operaciones", "it": "Operazioni"},
    "hr": {"en": "HR", "de": "Personal", "fr": "ressources humaines", "es": "Recursos Humanos", "it": "Risorse umane"},
    "engineering": {"en": "Engineering", "de": "Entwicklung", "fr": "technique", "es": "Ingeniería", "it": "Tecnico"},
    "procurement": {"en": "Procurement", "de": "Einkauf", "fr": "achats", "es": "Compras", "it": "Acquisti"},
}  # fmt: skip

COMPANY_HEADS = _each(
    "Adlon Borealis Cobalt Delphi Ember Fjord Granite Halcyon Ibex Juniper Kepler Lumen Meridian Nimbus Onyx Pinnacle "
    "Quartz Riviera Solstice Tundra Umbra Vantage Willow Xenith Yonder Zephyr Alder Birch Cedar Dune Estuary Flint"
)
COMPANY_TAILS = {
    "en": ("Systems Ltd", "Works Inc.", "Group", "Partners LLC", "Logistics", "Health", "Energy plc"),
    "de": ("Maschinenbau GmbH", "Logistik GmbH & Co. KG", "Werke AG", "Beratung GmbH", "Versicherung AG"),
    "fr": ("Industries SA", "Conseil SARL", "Distribution SAS", "Santé SAS"),
    "es": ("Soluciones S.L.", "Industrias S.A.", "Transportes S.L."),
    "it": ("Sistemi S.r.l.", "Industrie S.p.A.", "Servizi S.r.l."),
}
COMPETITORS = ("Rival Scoring", "Other Grade", "Leadmeter")
