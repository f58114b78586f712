"""Words that tell the seniority of a title, in English, German, French, Spanish and Portuguese.

Entries are separated by blanks. `a|b_c` stands for the phrases "a c" and "b c" (prepositions and articles are
dropped before matching); a `*` at either end of a single word stands for any letters. Words are folded: no case, no
accents.
"""

from __future__ import annotations

from typing import Final

#: Tags beside the seniorities themselves. aide: works for somebody, whose level does not count. organ: a body of
#: people, counts when no head word stands beside it. person: an individual by default. intern_mode: a way of
#: working that may also be somebody's subject ("responsable alternance"). nothing: looks like a level, is none.
LEVEL_WORDS: Final[dict[str, str]] = {
    "c_level": """
        ceo coo cfo cto cio cmo chro cpo cro cso cdo ciso clo cco cao cxo ccio cko cgo cino cqo
        founder founders cofounder co_founder founding_partner owner co_owner coowner business_owner proprietor
        entrepreneur
        president presidents chairman chairwoman chairperson chair vice|deputy_chairman|chair|chairwoman|chairperson
        managing_director|partner|member|principal md senior|equity|general|founding_partner
        board_member|director board_directors member_board|directors non_executive_director general_counsel
        c_level_executive chief_executive chief_exec group_ceo
        geschaftsfuhrer* *geschaftsfuhrer* geschaftsfuhrend* geschaftsleiter* gf gl inhaber* grunder* mitgrunder*
        firmeninhaber*
        gesellschafter* vorstandsvorsitz* vorstandsmitglied* vorstandssprecher* vorsitzende* prasident prasidentin
        generaldirektor*
        hauptgeschaftsfuhrer* aufsichtsrat* verwaltungsrat* beirat teilhaber* unternehmer* selbstandiger_unternehmer
        vorstandin
        mitglied_geschaftsleitung|geschaftsfuhrung|vorstands|vorstand|vorstandes|verwaltungsrats|aufsichtsrats|direktion
        pdg dg dga dgd gerant gerante cogerant cogerante co_gerant|gerante
        president|presidente_directeur|directrice_general|generale president presidente
        directeur|directrice|dir|direction_general|generale|gal|gale directeur|directrice_generale_adjointe
        fondateur fondatrice cofondateur cofondatrice co_fondateur|fondatrice associe|associee_fondateur|fondatrice
        associe|associee|associes|associees_gerant|gerante|principal dirigeant dirigeante proprietaire patron patronne
        chef|cheffe_entreprise chef|cheffe|dirigeant_entreprise cadre_dirigeant entrepreneur entrepreneuse
        auto_entrepreneur
        membre_comite_direction|executif membre_codir|comex|directoire president_directoire
        director|directora|dir_general|gerente|ejecutivo|ejecutiva|gral director|directora_general_adjunto|adjunta
        gerente_general consejero|consejera_delegado|delegada consejero|consejera miembro_consejo ceo_fundador
        dueno duena propietario propietaria fundador fundadora cofundador cofundadora co_fundador|fundadora socio
        socia
        socio|socia_director|directora|fundador|fundadora|gerente|administrador empresario empresaria
        administrador|administradora_unico|unica|delegado|delegada|general|judicial|solidario apoderado_general
        diretor|diretora|director|directora_geral|presidente|superintendente|executivo|executiva|delegado
        socio|socia_proprietario|proprietaria|administrador|administradora|diretor|diretora|gerente|fundador
        proprietario proprietaria dono administrador_delegado empreendedor empreendedora
        conselheiro|conselheira_administracao conselheiro conselheira membro_conselho presidenta
        titular_empresa
        *inhaber* copropietario copropietaria coproprietario sole_trader artisan_gerant socio|socia_cotista deputy_ceo
    """,
    "vp": """
        vp svp evp avp rvp gvp vpp vicepresident vice_president|presidente|presidenta|pres vizeprasident*
        vize_prasident|prasidentin
        vicepresidente vicepresidenta vice_presidents
    """,
    "director": """
        director directors dir dtor dtora head directorate gm general_manager country_manager|director chief_staff
        codirector
        direktor* *direktor *direktorin leiter leiterin *leiter *leiterin leitung *leitung leitender leitende
        prokurist* ppa
        directeur directrice directeurs sousdirecteur codirecteur dsi daf drh dircom secretaire_general|generale
        direction directora subdirector subdirectora codirector directivo directiva
        diretor diretora subdiretor subdiretora superintendente secretario|secretaria_general|geral
        vice|sous_directeur|directrice|director|diretor gerente_geral diretoria direccion jefe_gabinete chefe_gabinete
        chef|cheffe_cabinet chefarzt chefarztin chefredakteur* redacteur_chef dean rector decano reitor rektor
        generalbevollmachtigt* kammerer stadtkammerer provost schulleit* proviseur commissioner governor registrar
    """,
    "manager": """
        manager managers mgr mngr manger manageress *manager *managerin superintendent managing management_team
        abteilungsleit* filialleit* marktleit* projektleit* teilprojektleit* bauleit* oberbauleit* lagerleit*
        objektleit* kuchenleit*
        shopleit* storeleit* restaurantleit* fuhrparkleit* referatsleit* sachgebietsleit* kitaleit*
        servicestellenleit* fachbereichsleit*
        leiter|leiterin|leitung_abteilung|filiale|projekt|projekte handlungsbevollmachtigt* dezernent
        responsable responsables resp chef cheffe *chef chefin rrh raf rssi gestionnaire_projet
        conducteur|conductrice_travaux amtsleit* key_accounter principal_clerk
        jefe jefa jefatura gerente gerenta gte subgerente subjefe mando_intermedio gerencia kam
        chefe gestor gestora responsavel resp gerencia chefia
    """,
    "lead": """
        lead leader leaders teamlead teamleader techlead supervisor supervisors foreman forewoman charge_hand ganger
        captain
        team_manager teammanager
        teamleit* gruppenleit* schichtleit* schichtfuhrer* vorarbeiter* meister *meister *meisterin polier
        einsatzleit* stationsleit*
        leiter|leiterin|leitung_team|gruppe|schicht teamchef* teamsprecher*
        chef|cheffe|responsable|animateur|animatrice_equipe|equipes|chantier|atelier|ligne|quart contremaitre
        contremaitresse
        superviseur superviseuse agent_maitrise referent_technique
        jefe|jefa_equipo|turno|grupo|cuadrilla|seccion coordinador coordinadora encargado encargada lider capataz
        supervisora
        coordenador coordenadora coord encarregado encarregada mestre_obras chefe_equipe|equipa|turno|seccao
        subcoordenador
        monitor_equipo coordenacao
        chief_engineer|accountant|architect|scientist|economist|buyer|developer|designer|technician|nurse|editor|analyst|chemist
        head_teacher|nurse|coach|buyer|accountant|engineer|developer|designer|cashier|waiter|gardener|baker
        leitende|leitender_ingenieur|ingenieurin|angestellte|angestellter|entwickler|entwicklerin|konstrukteur
    """,
    "individual": """
        executive officer specialist analyst engineer developer programmer consultant advisor adviser representative
        rep reps
        associate coordinator administrator admin accountant bookkeeper buyer purchaser planner scheduler dispatcher
        recruiter
        designer architect scientist researcher technician operator agent clerk worker writer editor copywriter
        journalist
        lawyer attorney solicitor barrister counsel paralegal auditor controller comptroller treasurer economist
        actuary
        teacher lecturer professor nurse physician doctor pharmacist surgeon dentist therapist trainer coach
        instructor tutor
        principal fellow strategist expert generalist practitioner professional staff marketer seller salesperson
        salesman saleswoman
        sdr bdr ae csr sre broker trader banker underwriter investor inspector surveyor mechanic electrician plumber
        driver pilot
        cashier receptionist photographer artist author translator interpreter chef_cuisine|partie|rang
        executive|head|sous|pastry|private_chef
        kuchenchef kuchenchefin freelancer freelance contractor selfemployed self_employed evangelist merchandiser
        product|process|system|data|service_owner business|channel|sales|alliance|hr|people|finance|technology_partner
        data_protection_officer office_worker webmaster tester draftsman draughtsman machinist welder carpenter
        librarian
        mitarbeiter* *mitarbeiter *mitarbeiterin sachbearbeiter* *sachbearbeiter* referent referentin *referent
        *referentin
        berater beraterin *berater *beraterin entwickler* *entwickler *entwicklerin ingenieur ingenieurin *ingenieur
        *ingenieurin ing
        informatiker* *informatiker* administratorin *administrator *administratorin einkaufer* *einkaufer
        *einkauferin
        verkaufer* *verkaufer *verkauferin buchhalter* *buchhalter *buchhalterin controllerin spezialist* *spezialist
        *spezialistin
        anwalt anwaltin *anwalt *anwaltin jurist juristin *jurist *juristin notar notarin steuerfach* konstrukteur*
        techniker*
        *techniker *technikerin mechaniker* *mechaniker *mechanikerin mechatroniker* elektriker* elektroniker*
        monteur* schlosser*
        angestellte* *angestellte *angestellter beauftragte* *beauftragte *beauftragter fachkraft *fachkraft kraft
        kaufmann kauffrau
        *kaufmann *kauffrau lagerist* disponent* planer planerin *planer *planerin koordinator* *koordinator
        *koordinatorin
        vertreter* *vertreter aussendienst innendienst redakteur* *redakteur lehrer* *lehrer *lehrerin arzt arztin
        *arzt dozent*
        wissenschaftler* forscher* gestalter* *gestalter designerin *designer architektin *architekt chemiker*
        physiker* prufer
        *prufer *pruferin revisor* betriebsrat* freiberufler* selbstandig* selbststandig* arbeiter* *arbeiter fahrer
        *fahrer makler* *makler
        begleiter* *begleiter *begleiterin anleiter* reiseleit* pfleger* *pfleger programmierer* *programmierer*
        texter*
        betreuer* *betreuer *betreuerin fachmann fachfrau experte expertin *experte *expertin dolmetscher* apotheker*
        psychologe*
        charge chargee charges conseiller conseillere ingenieure technicien technicienne developpeur developpeuse
        programmeur
        programmeuse analyste consultante acheteur acheteuse vendeur vendeuse comptable comptables controleur
        controleuse auditeur
        auditrice juriste avocat avocate notaire gestionnaire gestionnaires coordinateur coordinatrice coordonnateur
        coordonnatrice
        attache attachee delegue deleguee agente employe employee ouvrier ouvriere technico operateur operatrice
        redacteur redactrice
        formateur formatrice professeur professeure enseignant enseignante medecin infirmier infirmiere chercheur
        chercheuse
        architecte informaticien informaticienne administrateur administratrice recruteur recruteuse negociateur
        negociatrice
        magasinier magasiniere preparateur preparatrice cariste chauffeur dessinateur dessinatrice graphiste
        specialiste
        independant independante animateur animatrice journaliste pharmacien pharmacienne traducteur traductrice
        hotesse
        concepteur conceptrice planificateur approvisionneur approvisionneuse statisticien qualiticien qualiticienne
        tresorier tresoriere
        ejecutivo ejecutiva executivo executiva asesor asesora consultora vendedor vendedora analista analistas
        tecnico tecnica
        ingeniero ingeniera engenheiro engenheira desarrollador desarrolladora desenvolvedor desenvolvedora
        programador programadora
        administrador administradora especialista contador contadora contable contabilista comprador compradora
        abogado abogada
        advogado advogada representante delegado delegada agente operador operadora operario operaria profesor
        profesora
        professora docente maestro medico medica enfermero enfermera enfermeiro enfermeira arquitecto arquitecta
        arquiteto arquiteta
        disenador disenadora designer psicologo psicologa periodista jornalista redactor redactora redator redatora
        investigador
        investigadora pesquisador pesquisadora cientifico cientista autonomo autonoma consultor empleado empleada
        empregado funcionario
        funcionaria oficial auditor auditora economista tesorero tesoreira gestor_cuentas gestora_cuentas
        gestor|gestora_administrativo
        traductor tradutor formador formadora capacitador motorista chofer repositor almacenero mozo corretor
        corretora
        reclutador reclutadora recrutador recrutadora planificador planificadora planejador comunicador publicista
        publicitario
        despachante promotor promotora bibliotecario mecanico electricista eletricista soldador dentista farmaceutico
        *gestalterin nutritionist nutricionista dietitian scrum_master estimator chemist biologist geologist
        statistician sourcer closer volunteer mentor ambassador
        producer curator steward
        worker_social case_worker social_worker civil_servant minister mayor senator commissaire advocate telemarketer
        planner
        *sprecher *sprecherin prufer* syndikus* justitiar* justiziar* anlagenfuhrer* maschinenfuhrer* *bediener
        *bedienerin *zeichner
        *zeichnerin *vorbereiter kalkulator* statiker* erzieher* hausmeister* koch kochin backer landwirt* beamter
        beamtin
        burgermeister* *wirt *wirtin trainerin bevollmachtigt* *pfleger werker* *werker buroma* *betreuer konditor*
        padagoge*
        conducteur conductrice soudeur soudeuse plombier peintre macon menuisier boulanger maire bibliothecaire
        standardiste cadre
        commis manutentionnaire pilote teleprospecteur teleprospectrice teleconseiller teleconseillere vrp
        negociatrice courtier
        artisan agriculteur agricultrice chercheuse merchandiseur electricien electricienne mecanicien mecanicienne
        hote receptionniste caissier caissiere aide_soignant|soignante|comptable monteur charge_etudes
        peon repartidor repartidora conductor conductora cajero cajera dependiente dependienta cocinero cocinera
        camarero camarera
        alcalde concejal notario perito aparejador delineante topografo bodeguero recepcionista facturista vigilante
        assessor assessora faturista almoxarife projetista desenhista torneiro prefeito vereador tecnologo procurador
        procuradora
        tesoureiro tesoureira atendente balconista caixa cozinheiro cozinheira estoquista conferente motoboy porteiro
    """,
    "person": """
        adjoint adjointe adjunto adjunta
        commercial commerciale comercial comerciais administrativo administrativa administratif administrative
        informatico informatica
        dipl diplom kaufm
    """,
    "aide": """
        adjoint|adjointe_direction adjunto|adjunta_direccion
        assistant assistants asst assistante assistantes asistente assistente auxiliar ayudante ajudante auxiliaire
        aide
        assistent* *assistent *assistentin assistenz *assistenz sekretar* *sekretar *sekretarin sekretariat secretary
        secretaire secretaires secretaria secretario secretariat secretariado pa ea vorzimmer chefsekretar*
        adjointe_administrative
    """,
    "organ": """
        *vorstand *vorstands
        geschaftsfuhrung geschaftsleitung vorstand vorstands direktion management_board board executive_board
        leadership_team
        comite_direction codir comex directoire comite_executif comite_ejecutivo junta_directiva
        consejo_administracion
        gerencia_general direccion_general diretoria_executiva presidencia conselho_administracao presidence
        direction_generale
    """,
    "intern": """
        intern interns trainee trainees apprentice praktikant* *praktikant *praktikantin auszubildende* azubi* *azubi
        lehrling*
        werkstudent* volontar* *volontar referendar* rechtsreferendar* stagiaire stagiaires alternant alternante
        apprenti apprentie
        becario becaria practicante aprendiz pasante estagiario estagiaria estagiarios menor_aprendiz jovem_aprendiz
        bolsista
        contrat_apprentissage|professionnalisation dual_student|studentin dualer|duale_student|studentin
    """,
    "intern_mode": """
        internship alternance apprentissage apprenticeship praktikum ausbildung practicas pasantia estagio stage
        placement stage_fin
    """,
    "student": """
        student students studentin studierende* *student *studentin undergraduate postgraduate doktorand* schuler
        schulerin
        doctorant doctorante etudiant etudiante etudiants lyceen lyceenne eleve estudiante estudante alumno alumna
        aluno aluna
        doctorando doctoranda doutorando doutoranda mestrando mestranda estudantes graduando graduanda pupil
        mba|phd|doctoral|masters|master|bachelor_candidate|student universitario universitaria
        masterand* bachelorand* eleve|eleves_ingenieur|avocat etudiant|etudiante_ingenieur student_assistant postgrad
    """,
    "nothing": """
        lead_generation|gen|management|nurturing|qualification|scoring office_ceo|president|chairman|cfo|cto|coo
        partner_marketing|account|sales|success|development|relations|programs|program|channel|technology|enablement|operations
        student_services|affairs|success|support|life|relations intern_audit|revision
        owner_operator_relations home_owner advisory_board bureau_president cabinet_president
        leadership_development executive_search executive_education board_advisor account_direction
    """,
}
