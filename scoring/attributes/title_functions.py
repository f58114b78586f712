"""Words that tell the function of a title, in English, German, French, Spanish and Portuguese.

Same notation as the words of seniority. The strongest word of a title decides, among equals the first:
4 names an office or a profession ("CFO", "recruiter"), 3 a business function, 2 a technical or operating function
(so that "IT Sales Manager" sells and "IT Procurement" buys), 1 a hint, 0 a profession outside the closed list.
"""

from __future__ import annotations

from typing import Final

FUNCTION_WORDS: Final[tuple[tuple[int, str, str], ...]] = (
    (4, "executive", """
        ceo pdg chief_executive chief_exec consejero|consejera_delegado|delegada vorstandsvorsitz* chief_staff
    """),
    (4, "sales", """
        ingenieure_affaires ingenieur|ingenieure_commercial|commerciale cro sdr bdr kam salesman saleswoman salesperson
        key|strategic|national|global|major_account|accounts account_executive|manager|director verkaufer* *verkaufer
        *verkauferin vendeur vendeuse vendedor vendedora business_developer business_development bizdev
        chief_revenue|sales|commercial_officer technico_commercial grands_comptes grandes_cuentas contas_chave
        customer_success geschaftsentwick* developpement_affaires developpement_commercial desarrollo_negocio|negocios
        desenvolvimento_negocio|negocios responsable|charge|chargee_affaires ingenieur_affaires business_manager
        inside_sales delegue|deleguee_medical|medicale|pharmaceutique presales pre_sales
    """),
    (4, "marketing", """
        cmo dircom copywriter social_media community_manager|management brand_manager product_marketing marketer
        sprecher|sprecherin_presse public|government_affairs relaciones_institucionales relacoes_institucionais
        assessor|assessora_imprensa
    """),
    (4, "it", """
        cio ciso cto cdo dsi rssi sysadmin webmaster chief_data|digital|technology|information_officer
        system|systems|database|network|it_administrator informaticien informaticienne dba sre fachinformatiker*
        seguranca|seguridad_informacao|informacion securite_systemes|information|informatique
        solution|solutions_engineer
    """),
    (4, "finance", """
        cfo daf raf fpna accountant accountants bookkeeper treasurer auditor internal_auditor actuary
        financial|business_controller buchhalter* *buchhalter *buchhalterin controller controllerin steuerberater*
        steuerfach* bilanzbuchhalter* wirtschaftsprufer* comptable comptables controleur|controleuse_gestion
        expert_comptable commissaire_comptes auditeur auditrice tresorier tresoriere contador contadora contable
        contabilista contables auditora tesorero controlador_gestion fiscalista accounts_payable|receivable
        cuentas_pagar|cobrar contas_pagar|receber|a_pagar|a_receber kreditoren* debitoren*
        financial|investment_advisor|adviser finanzberater* anlageberater* vermogensberater* versicherungsmakler*
        tesoureiro tesoureira credit_controller portfolio|fund|asset_manager
    """),
    (4, "operations", """
        coo
    """),
    (4, "hr", """
        chro drh rrh recruiter recruiters recruteur recruteuse headhunter reclutador reclutadora recrutador recrutadora
        talent_acquisition hr_business_partner hrbp chief_people personalreferent* personalleit* personalentwick*
        employer_branding talent_partner lohnbuchhalt* gehaltsbuchhalt* talent_sourcer
    """),
    (4, "engineering", """
        chief_engineer rnd tech_lead lead_technique
    """),
    (4, "procurement", """
        cpo buyer buyers purchaser einkaufer* *einkaufer *einkauferin acheteur acheteuse comprador compradora
        chief_purchasing|procurement_officer category_buyer approvisionneur approvisionneuse
    """),
    (4, "legal", """
        clo gc counsel general_counsel lawyer attorney solicitor barrister paralegal rechtsanwalt* *rechtsanwalt* anwalt
        anwaltin syndikus* jurist juristin justitiar* notar notarin juriste avocat avocate notaire abogado abogada
        advogado advogada dpo data_protection|privacy datenschutz* *datenschutz* protection_donnees proteccion_datos
        protecao_dados delegue_protection syndikus justiziar* procurador procuradora
    """),
    (3, "sales", """
        sales selling revenue commercial commerciale commerciaux comercial comerciais vertrieb* *vertrieb* verkauf*
        *verkauf* vente ventes ventas vendas venda aussendienst* *aussendienst* innendienst* *innendienst* export
        exports exportleit* clientele clienteles account accounts comptes cuentas contas kundenberater* kundenbetreu*
        kundenmanag* accountmanag* partnerships channel alliances merchandiser ae vendedores comercializacion
        comercializacao negocios franchise clients_grands adv telesales telemarketer teleprospecteur teleprospectrice
        televendas vrp comercio|comercial_exterior exportacao exportacion exportaciones exportacoes auftragsabwicklung*
        *anzeigenverkauf tender bid licitaciones licitacoes accounter dealer dealers pos_venda|vendas postventa posventa
        territory relationship|client_manager proposal proposals cuenta canais parcerias aliancas customer_relations
        relations_clients
    """),
    (3, "marketing", """
        chef|cheffe_marche creative creatif creativo criativo artistic art_director mediengestalter* marketing*
        *marketing mktg mkt mktng communication communications kommunikation* *kommunikation comunicacion comunicacao
        comms pr public_relations relations_publiques|presse relaciones_publicas relacoes_publicas offentlichkeitsarbeit
        pressesprech* presse brand branding marke marca marque advertising werbung* werbe* publicite publicidad
        publicidade content seo sea sem copywriting growth demand_generation|gen lead_generation|gen ecommerce events
        event evenementiel eventos media medias redes_sociales redes_sociais redaktion webmarketing graphiste
        mediengestalt* grafik* graphic|brand_designer disenador|disenadora_grafico|grafica designer_grafico|grafica
        publicista publicitario crm market_research prensa imprensa mercadeo mercadotecnia mercadologia midia midias
        medios com kampagnen* anzeigen* campaign campaigns seo_sea trade_marketing telemarketing messe* kreativ*
        editorial editoriale video criacao creacion community
    """),
    (3, "finance", """
        finance finances financial finanz* *finanz* fin financier financiere financiers financiero financiera finanzas
        financeiro financeira financas accounting accounts_office rechnungswesen *rechnungswesen buchhaltung
        *buchhaltung controlling *controlling comptabilite contabilidad contabilidade contabil controladoria treasury
        tresorerie tesoreria tesouraria tax taxes steuern steuer* fiscal fiscalite audit auditing auditoria revision*
        billing facturation facturacion faturamento budget credit kredit* mna mergers_acquisitions fusions
        investor_relations relaciones_inversores controle|control_gestion credito cobranza cobranca bilanz* investment
        investments banking kaufm kfm kaufmannisch* banker bankkaufmann bankkauffrau trader cobranzas tributario
        tributaria tributos impuestos impostos faturista wealth loan loans mortgage collections claims patrimoine
        courtier bourse rechnungs* versicherungs* portfolio fund funds private_equity asset_management actuarial
        consolidation recouvrement banque banca bancario bank* seguros assurances assurance insurance_broker cartera
        reporting teller internal_control controle_interne
    """),
    (3, "hr", """
        hr rh rrhh hcm human_resources|resource|capital human_ressources ressources_humaines recursos_humanos
        capital_humano people personal|personnel personalwesen personalabteilung personal* talent talents talento
        talentos gestao_pessoas gente recruiting recruitment recrutement reclutamiento recrutamento seleccion staffing
        payroll paie nomina nominas folha_pagamento lohn* compensation benefits remuneration lnd learning_development
        formation formacion capacitacion treinamento training ausbildungs* ausbilder* employee_relations
        relations_sociales relaciones_laborales departamento_pessoal workforce personalsachbearb* organisationsentwick*
        desarrollo_organizacional gestion_humana desarrollo_humano desenvolvimento_humano dp hiring bien_estar diversity
        inclusion carrieres qualite_vie
    """),
    (3, "procurement", """
        procurement purchasing purchase sourcing einkauf* *einkauf beschaffung* *beschaffung materialwirtschaft achat
        achats approvisionnement approvisionnements compras compra aprovisionamiento aprovisionamientos abastecimiento
        suprimentos adquisiciones aquisicoes procure category_manager|management vendor_management supplier suppliers
        lieferanten* fournisseurs proveedores fornecedores
    """),
    (3, "legal", """
        legal law recht* *rechtsabteilung juridique juridiques juridico juridica droit derecho direito contentieux
        contracts contract_manager|management regulatory_affairs affaires_reglementaires|juridiques
        asuntos_regulatorios|legales regulatory intellectual_property propriete_intellectuelle patent patents
        patentanwalt* trabalhista laboralista contrats contratos contratacion_publica
    """),
    (2, "it", """
        it edv ict tic tics ti si dv information_technology|systems|security informatique informatik* *informatik*
        informatica informatico systeme|systemes_information|informations sistema|sistemas systeme systemes systems
        system|systems_engineer|engineering network networks netzwerk* reseau reseaux redes infrastructure
        infrastruktur* infraestructura infraestrutura infra tech cloud devops cyber cybersecurity cybersecurite
        cibersegurid* ciberseguranca security seguridad_informatica|informacion data daten* donnees datos dados
        datenbank* database bases_donnees bi business_intelligence|analyst analytics sap erp salesforce technology
        technologies tecnologia tecnologias technologie digital digitale digitalisierung* numerique
        transformation_digital|digitale transformacion_digital transformacao_digital systemadmin* *systemadmin*
        administrator_it helpdesk help_desk service_desk suporte soporte it_support support_informatique
        application_support ux ui webdesign* telecom telecommunications kunstliche_intelligenz ai ia machine_learning
        enterprise|solution|solutions|cloud_architect wirtschaftsinformatik*
        arquiteto|arquiteta|arquitecto|arquitecta_solucoes|soluciones architecte_solution|solutions architekt_losungen
    """),
    (2, "finance", """
        risk risks risque risques riesgo riesgos risco riscos underwriting insurance versicherung* tarification pricing
    """),
    (2, "operations", """
        sav service_delivery relacionamento_cliente interventions operations operation operating ops operaciones
        operacoes operationnel operativo operatif production produktion* *produktion produccion producao manufacturing
        fertigung* *fertigung montage fabrication fabricacion fabricacao plant usine usines planta fabrica factory werk
        werkleit* werksleit* werkstatt* betriebs* betrieb industrie* supply_chain supplychain logistics logistic
        logistik* *logistik logistique logistica warehouse warehousing lager* entrepot almacen almacenes bodega armazem
        estoque inventory stock stocks shipping transport transports transporte versand* spedition* disponent*
        disposition fleet flotte flota frota quality qualite calidad qualidade qualitat* *qualitat maintenance
        mantenimiento manutencao instandhaltung* wartung* facility facilities facilitymanag* hse ehs qhse qse shes
        safety securite seguridad seguranca arbeitssicherheit* lean six_sigma continuous_improvement
        amelioration_continue mejora_continua melhoria_continua customer|client_service|services|support|care|experience
        service_client|clients|clientele atencion_cliente|clientes servicio_cliente|clientes|al_cliente atendimento
        kundenservice* kundendienst* kundensupport* support call|contact_center|centre centre_appels centro_llamadas
        meister industriemeister* lagerist* magasinier cariste almacenero store_manager|management filial* markt_leit
        marktleit* magasin magasins tienda tiendas loja lojas office_manager|management moyens_generaux
        servicios_generales planning ordonnancement s_op pcp schicht* fuhrpark* retail_operations expedition
        recepcion_almacen reception_marchandises scrum_master exploitation taller oficina_mecanica cadena_suministro
        suministro cadeia_suprimentos almoxarife almoxarifado planejamento planificacion planeacion expedicao
        recebimento atendente sac meio|medio_ambiente environment environmental sustainability esg rse umwelt*
        nachhaltigkeit* customs freight forwarding fulfilment fulfillment dispatch dispatcher order_management
        anlagenfuhrer* maschinenfuhrer* arbeitsvorbereit* arbeitsschutz* sicherheitsingenieur* stores importacion
        importaciones importacao contremaitre contremaitresse vorarbeiter bodeguero estoquista conferente
        preparateur_commandes teleconseiller teleconseillere hausmeister* property maschinenbedien* atelier ateliers
        assembly store shop packaging verpackung* emballage conditionnement embalagem envasado rayon rayons ligne lignes
        nettoyage entretien douane douanes transit affretement flux sucursal sustentabilidade sostenibilidad sustentavel
        ambiental distribucion distribuicao distribution aduanas trafico frotas ouvidoria cadastro zoll* reklamation*
        serviceleit* servicetechnik* servicemitarbeit* service_manager|technician demand_planner retail sites
        document_control reparto despachos
    """),
    (2, "engineering", """
        engineering software softwareentwick* developer developers entwickler* *entwickler *entwicklerin entwicklung*
        *entwicklung developpeur developpeuse developpement desarrollador desarrolladora desarrollo desenvolvedor
        desenvolvedora desenvolvimento programmer programmeur programmeuse programador programadora programmierer*
        fullstack full_stack frontend front_end backend back_end web_developer logiciel logiciels konstrukt* *konstrukt*
        mechanical electrical elektro* electrique electrico eletrica mecanique mecanica mecanico civil hardware firmware
        embedded construction bau bauleit* oberbauleit* obra obras chantier travaux btp hochbau tiefbau architect
        architecte arquitecto arquitecta arquiteto arquiteta architektin architekt research forschung* recherche
        investigacion pesquisa innovation innovacion inovacao ingenierie ingenieria engenharia bureau_etudes
        oficina_tecnica maschinenbau *maschinenbau qa test_engineer|automation tester chemical process_engineer
        method|methods methodes mechatronik* mecatronica mechaniker* mechatroniker* electrician electricien elektriker*
        electricista eletricista product_development produktentwick* ingenieur_etudes|ingenierie laboratory labor labo
        laboratoire laboratorio bim cad dessinateur dessinatrice projetista desenhista delineante topografo aparejador
        bauzeichner* zeichner* *zeichner *zeichnerin steuerungstechnik* verfahrenstechnik*
        conducteur|conductrice_travaux estimator scientific electronics electronique electronica elektronik* validation
        prototyping mecanicien mecanicienne surveyor robotics robotik* automation automatisierung* automatisme
        automatismes automatizacion automacao robotica batiment electricos eletrico eletricos tooling welding labor*
        anlagenbau* anlagentechnik* prototyp* building_services tga
    """),
    (2, "legal", """
        compliance conformite cumplimiento conformidade secretary_company company_secretary dsgvo gdpr rgpd
    """),
    (1, "executive", """
        strategy strategie estrategia strategic_planning corporate_development unternehmensentwicklung
        unternehmensstrategie vorstandsstab
    """),
    (1, "sales", """
        client clients kunden* cliente clientes customer customers partner_manager|success|account|sales kunde business
        relacionamento service_commercial
    """),
    (1, "marketing", """
        product products produkt* produit produits producto productos produto produtos designer design diseno gestaltung
        web offre offres
    """),
    (1, "operations", """
        administration administrative administrator admin administratif administrativo administrativa administracion
        administracao administrador administradora verwaltung* sachbearbeiter*
        kaufmannische_angestellte|mitarbeiterin|sachbearbeiterin|fachkraft
        kaufmannischer_angestellter|mitarbeiter|sachbearbeiter industriekauf* burokauf* *buroma* back_office backoffice
        project projects projet projets projekt* *projektleit* proyecto proyectos projeto projetos pmo program programme
        programmes programs agile scrum process processes prozess* processus procesos processos buroleit* receptionist
        empfang* recepcionista recepcion accueil accueils facturista industrial industriel industrielle industriels
        transformation change receptionniste standardiste site standort*
    """),
    (1, "hr", """
        trainer formateur formatrice formador formadora academy ausbildung
    """),
    (1, "engineering", """
        technical technique techniques technisch* technik* *technik tecnico tecnica tecnicos engineer engineers
        ingenieur ingenieure ingenieurin *ingenieur *ingenieurin ingeniero ingeniera engenheiro engenheira technician
        technicien technicienne techniker* *techniker ing scientist chercheur chercheuse cientista cientifico science
        sciences etudes estudios
    """),
    (0, "other", """
        nutritionist nutricionista dietitian ernahrungsberater* consultant consultante consultants consultor consultora
        consulting berater beraterin *berater *beraterin conseiller conseillere conseil teacher lecturer professor
        professeur professeure enseignant enseignante profesor profesora professora docente maestro lehrer* *lehrer
        *lehrerin dozent* nurse physician doctor surgeon dentist pharmacist therapist medecin infirmier infirmiere
        pharmacien pharmacienne medico medica enfermero enfermera enfermeiro enfermeira farmaceutico psicologo psicologa
        arzt arztin *arzt chefarzt* pfleger* apotheker* psychologe* journalist journaliste periodista jornalista
        redakteur* editor author artist photographer translator interpreter traducteur traductrice traductor tradutor
        dolmetscher* chef_cuisine|partie|rang executive|head|sous|pastry|private_chef kuchenchef* betriebsrat
        betriebsratin betriebsratsvorsitzende betriebsratsvorsitzender freelancer freelance selfemployed self_employed
        autonomo autonoma freiberufler* independant independante coach pilot driver chauffeur motorista chofer fahrer
        *fahrer librarian bibliotecario makler* *makler broker corretor corretora realtor real_estate immobilier
        immobilien* inmobiliario pastor priest officer_police firefighter musician actor advisor adviser asesor asesora
        assessor assessora dean rector decano reitor rektor personal_assistant|trainer|shopper|banker mayor minister
        senator maire alcalde prefeito vereador concejal burgermeister* volunteer artisan agriculteur koch cocinero
        cozinheiro schulleit* proviseur medical medicale clinical
    """),
    (-1, "unknown", """
        business_unit business_units
    """),
)  # fmt: skip
