"""Words about mail addresses: boxes of a function, boxes that do not exist, domains of education."""

from __future__ import annotations

from typing import Final

from scoring.attributes.text import word_set

#: Local parts that name a function, not a person, in five languages.
ROLES: Final = word_set("""
    info infos information informations informacion informacao informacoes infomail auskunft contact contacts
    contactus contacto contactos contato
    contatos kontakt kontakte contactez nous faleconosco atendimento sac office buero buro bureau oficina escritorio
    empfang reception recepcion recepcao
    accueil frontdesk frontoffice backoffice zentrale sekretariat secretariat secretaria secretariado verwaltung
    administration administracion
    administracao administrativo admin administrator administrador adm webmaster postmaster hostmaster root sysadmin
    abuse noc security
    sicherheit mail email mailbox post postfach poststelle correo correio courrier hello hallo hi hola ola bonjour
    welcome willkommen
    sales sale vertrieb verkauf ventas venta vendas venda comercial commercial commerciale ventes vente bestellung
    bestellungen order orders
    pedidos pedido commande commandes angebot angebote anfrage anfragen quote quotes quotation rfq devis presupuestos
    orcamento orcamentos enquiry enquiries
    inquiry inquiries request requests export shop store boutique tienda loja marketing werbung publicidad publicidade
    publicite communication
    kommunikation comunicacion comunicacao presse press prensa imprensa media medien pr events event veranstaltungen
    newsletter news social
    support helpdesk help hilfe ayuda ajuda aide soporte suporte service services servicio servico kundenservice
    kundendienst customerservice
    customercare customersupport customers care sav servicedesk techsupport technik tech technical it edv informatique
    informatica sistemas ti dsi
    hr rh rrhh jobs job karriere career careers bewerbung bewerbungen personal personalabteilung recruiting
    recruitment recrutement reclutamiento
    recrutamento talent empleo emprego trabalheconosco candidature candidatures stage lebenslauf curriculum cv people
    billing invoice invoices invoicing rechnung rechnungen buchhaltung accounting accounts accountspayable
    accountsreceivable finance
    finances finanzen finanzas financeiro fibu comptabilite compta contabilidad contabilidade contabil facturation
    facturacion faturamento factures
    facturas nfe mahnung payments payroll lohn treasury purchasing procurement einkauf achats achat compras compra
    suprimentos purchase buyer
    legal recht juridique juridico compliance datenschutz privacy dpo rgpd gdpr dsgvo impressum quality qualitaet
    qualite calidad qualidade
    logistics logistik logistique logistica versand lager shipping warehouse expedicao produktion production
    produccion producao operations ops
    management geschaeftsfuehrung geschaftsfuhrung direction direccion direcao diretoria gerencia leitung board
    vorstand ceo team teams equipe equipo
    staff all everyone everybody alle tous todos group dev devs developers development webteam web website site
    noreply donotreply
    nichtantworten neantworten nepasrepondre noresponder naoresponda mailer daemon mailerdaemon bounce bounces
    notification notifications notify alert alerts
    system robot bot automailer feedback partner partners partnerships affiliates reservations reservierung
    reservation reservas booking bookings
    training academy schulung formation student students member members membership hotel restaurant praxis kanzlei
    unsubscribe subscribe list lists listserv registration anmeldung inscription inscricao donations spenden ouvidoria
""")

#: Beside a role word these keep it one: "sales-emea", "info.de", "thesupport".
ROLE_FILLERS: Final = word_set("""
    the our us uk de at ch fr es pt br mx ar it nl be eu emea apac dach latam na usa europe europa france deutschland
    germany spain espana brasil
    global international int group general central main dept department team office online digital web new business
    company
    my your and und et y e of for no reply do not nao responda re por favor
""")

#: Local parts of people who would not give theirs; `@` anything.
PLACEHOLDER_LOCALS: Final = word_set("""
    noemail nomail no-email no_email no.email no-mail noemailaddress noaddress none nomailaddress donthaveone
    donotemail dontemail nobody
    test tests test1 test2 test123 testing tester testtest testuser testemail testmail teste prueba essai fake
    fakeemail fakemail dummy
    asdf asdfasdf asdfgh qwerty qwertz azerty qwe abc abc123 abcd aaa aaaa xxx xxxx yyy zzz 123 1234 12345 123456 111
    000 foo bar foobar
    foo.bar n.a n-a nothing notprovided not.provided not-provided unknown unbekannt inconnu desconocido desconhecido
    sinemail sincorreo
    sin.correo semail sememail sem.email naotem notiene keine keineemail keine.email pasdemail pas.de.mail sansmail
    sansemail sans.email
    anonymous anonym noname example beispiel exemple ejemplo exemplo youremail your.email yourname deinemail username
    blah blabla
    someone somebody spam nospam nope null undefined invalid placeholder tbd tba
""")

#: Domains that stand for "none", whoever the box names.
PLACEHOLDER_DOMAINS: Final = word_set("""
    none.com none.net none.org noemail.com noemail.net noemail.org nomail.com nomail.net nomail.org no-email.com
    no-mail.com noemailaddress.com no.com
    noaddress.com test.com test.net test.org testing.com test.co.uk fake.com fakeemail.com fakemail.com abc.xyz
    asdf.com asdf.de
    asd.com asd.de qwerty.com na.com na.na xxx.com xyz.xyz unknown.com unknown.org notprovided.com noreply.com
    nowhere.com invalid.com
    anonymous.com foo.com foo.bar bar.com foobar.com blah.com aaa.com aa.com nospam.com keine.de keine.com domain.com
    yourdomain.com mydomain.com
    yourcompany.com mycompany.com youremail.com dummy.com semail.com sememail.com sinemail.com
    sincorreo.com
""")

#: National second levels and single labels that mark schools and universities.
EDUCATION_ENDINGS: Final = ("edu", "k12.us")
EDUCATION_SECOND_LEVELS: Final = frozenset(("edu", "ac", "sch", "school", "k12", "academia"))
EDUCATION_LABELS: Final = word_set("""
    university universitat universitaet universite universidad universidade universita univ uni hochschule
    fachhochschule student students
    studenten stud etu etudiant etud alumno alumnos alunos estudiante estudiantes alumni campus college polytechnique
    polytech lycee gymnasium
""")
EDUCATION_PREFIXES: Final = tuple(
    sorted(
        word_set("""
    uni- univ- tu- fh- hs- th- ph- hochschule- universidad universidade universite- universitaet- ac- iut- lycee-
    ecole- college- gymnasium- stud. ensa-
""")
    )
)
EDUCATION_DOMAINS: Final = word_set("""
    ethz.ch epfl.ch uzh.ch unibe.ch unige.ch unil.ch unibas.ch unisg.ch usi.ch unifr.ch unilu.ch zhaw.ch fhnw.ch
    hslu.ch bfh.ch ost.ch hes-so.ch
    lmu.de tum.de kit.edu rwth-aachen.de fau.de fu-berlin.de hu-berlin.de ovgu.de rub.de rptu.de uol.de jlu.de hhu.de
    leuphana.de dhbw.de whu.edu
    fom.de iu.org iubh.de srh.de haw-hamburg.de htw-berlin.de bht-berlin.de htwk-leipzig.de frankfurt-university.de
    hm.edu thws.de oth-regensburg.de
    fernuni-hagen.de unibw.de zeppelin-university.net
    tuwien.ac.at tugraz.at tuwien.at jku.at wu.ac.at uibk.ac.at fhwn.ac.at
    sorbonne-universite.fr universite-paris-saclay.fr u-paris.fr u-bordeaux.fr u-psud.fr u-pem.fr unistra.fr unilim.fr
    umontpellier.fr univ-lyon1.fr
    ens.fr ens-lyon.fr ens-paris-saclay.fr polytechnique.edu hec.fr hec.edu essec.edu escp.eu edhec.com emlyon.com
    insa-lyon.fr centralesupelec.fr
    enpc.fr mines-paristech.fr telecom-paris.fr telecom-paristech.fr grenoble-inp.fr cnam.fr sciencespo.fr dauphine.eu
    dauphine.psl.eu psl.eu u-pec.fr
    upec.fr uvsq.fr parisnanterre.fr epita.fr epitech.eu 42.fr esiea.fr isep.fr skema.edu neoma-bs.fr audencia.com
    kedgebs.com grenoble-em.com
    ulb.be ulb.ac.be uclouvain.be kuleuven.be ugent.be uantwerpen.be vub.be uliege.be unamur.be umons.be
    ucm.es uam.es upm.es uc3m.es upc.edu ub.edu uab.cat upf.edu uv.es upv.es us.es ugr.es uma.es uca.es uco.es
    uniovi.es usc.es udc.es uvigo.es unizar.es
    usal.es uva.es unileon.es ehu.es ehu.eus unav.es unav.edu deusto.es ie.edu iese.edu esade.edu uned.es uoc.edu
    ull.es ulpgc.es um.es ua.es uji.es urjc.es
    uah.es uclm.es unex.es uib.es unican.es unirioja.es comillas.edu
    up.pt ulisboa.pt uminho.pt ua.pt uc.pt unl.pt novasbe.pt iscte-iul.pt iscte.pt ubi.pt uevora.pt utad.pt ualg.pt
    ipl.pt isel.pt ipp.pt ucp.pt
    usp.br unicamp.br unesp.br ufrj.br ufmg.br ufrgs.br ufsc.br ufpr.br unb.br ufba.br ufpe.br ufc.br uff.br ufscar.br
    ufes.br ufg.br ufpa.br ufrn.br ufpb.br
    uerj.br uel.br uem.br udesc.br puc-rio.br pucrs.br pucsp.br pucminas.br pucpr.br mackenzie.br insper.edu.br fgv.br
    fgv.edu.br ita.br ufabc.edu.br
    unam.mx ipn.mx itesm.mx tec.mx udg.mx uanl.mx buap.mx itam.mx ibero.mx uc.cl uchile.cl usach.cl udec.cl utfsm.cl
    uba.ar utn.edu.ar pucp.pe
    uva.nl vu.nl tudelft.nl utwente.nl tue.nl uu.nl ru.nl rug.nl wur.nl eur.nl leidenuniv.nl maastrichtuniversity.nl
    hva.nl
    unibo.it polimi.it polito.it uniroma1.it unipd.it unimi.it unito.it unina.it unipi.it unifi.it unige.it
    unibocconi.it sapienza.it luiss.it
    utoronto.ca mcgill.ca ubc.ca ualberta.ca uwaterloo.ca queensu.ca uottawa.ca sfu.ca umontreal.ca ulaval.ca yorku.ca
    mcmaster.ca uwo.ca
    ku.dk dtu.dk au.dk sdu.dk lu.se kth.se uu.se su.se chalmers.se gu.se uio.no ntnu.no uib.no aalto.fi helsinki.fi
    tuni.fi uw.edu.pl agh.edu.pl
    cuni.cz cvut.cz muni.cz bme.hu elte.hu
""")
