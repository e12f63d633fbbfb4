"""Categories and severities of ordinary requests in seven languages, with words that only look alike."""

import pytest
from support.desk.triage_desk import POLICY, of, said

ACCESS, GUIDANCE, BILLING, DATA, ISSUE, OTHER = (
    "account access", "feature guidance", "billing and plans", "data concern", "technical issue", "other",
)  # fmt: skip


CATEGORIES = [
    # en
    ("en", "Password", "I forgot my password and the reset link never arrives.", ACCESS),
    ("en", "Hello", "Since this morning I cannot log in, it says my account is locked.", ACCESS),
    ("en", "Reports", "How do I add a second page to the monthly report?", GUIDANCE),
    ("en", "A question", "Is there a way to sort the list by date? I found nothing in the documentation.", GUIDANCE),
    ("en", "Invoice of May", "We were charged twice. Please refund one of the payments.", BILLING),
    ("en", "Plan", "We would like to upgrade to the business subscription.", BILLING),
    ("en", "GDPR", "Please delete my data, I do not use the product any more.", DATA),
    ("en", "Help", "All orders of last week were deleted by mistake. Can you restore the data?", DATA),
    ("en", "Export", "The export crashes with an error as soon as I click on it.", ISSUE),
    ("en", "Printer", "The label printer is not working since the update.", ISSUE),
    ("en", "Anti-terrorist screening", "Where does the screening list come from? I have never seen a mirror of it.", OTHER),
    (
        "en",
        "Invoice page",
        "The invoice page crashes with a timeout error and then shows a blank page. It fails every time.",
        ISSUE,
    ),
    ("en", "Error in my invoice", "The amount is not what we agreed on.", BILLING),
    ("en", "From Bill", "Bill asked me to pass this on: the discharge pump hums.", OTHER),
    # de
    ("de", "Passwort vergessen", "Ich habe mein Passwort vergessen und kann mich nicht einloggen.", ACCESS),
    ("de", "Zugang", "Mein Benutzerkonto ist gesperrt, bitte entsperren Sie es.", ACCESS),
    ("de", "Frage", "Wie kann ich einen zweiten Standort anlegen? In der Anleitung steht dazu nichts.", GUIDANCE),
    ("de", "Bericht", "Wo finde ich den Bericht für das letzte Jahr?", GUIDANCE),
    ("de", "Rechnungen", "Die Rechnung für Mai ist falsch, bitte erstatten Sie uns den Betrag.", BILLING),
    ("de", "Kündigung", "Hiermit kündigen wir unser Abonnement zum Ende des Jahres.", BILLING),
    ("de", "Datenschutz", "Bitte teilen Sie mir mit, welche personenbezogenen Daten Sie von mir speichern.", DATA),
    ("de", "Hilfe", "Unsere Daten sind weg, alle Aufträge von gestern fehlen in der Liste.", DATA),
    ("de", "Export", "Beim Export kommt eine Fehlermeldung und das Programm stürzt ab.", ISSUE),
    ("de", "Drucker", "Der Drucker funktioniert nicht mehr, er reagiert nicht.", ISSUE),
    ("de", "Verrechnet", "Ich habe mich wohl verrechnet, das Bild bleibt schwarz und der Ton ist kaputt.", ISSUE),
    ("de", "Login geht nicht", "Ich kann mich seit heute nicht anmelden.", ACCESS),
    # fr
    ("fr", "Mot de passe", "Je n'arrive pas à me connecter, mon mot de passe est refusé.", ACCESS),
    ("fr", "Compte", "Mon compte est bloqué depuis ce matin.", ACCESS),
    ("fr", "Question", "Comment puis-je ajouter un deuxième utilisateur dans le tableau ?", GUIDANCE),
    ("fr", "Rapport", "Où puis-je voir le rapport de l'année dernière ?", GUIDANCE),
    ("fr", "Facture de mai", "Nous avons été prélevés deux fois, merci de nous rembourser.", BILLING),
    ("fr", "Abonnement", "Nous souhaitons résilier notre abonnement à la fin du mois.", BILLING),
    ("fr", "RGPD", "Je vous prie de supprimer mes données personnelles.", DATA),
    ("fr", "Aide", "Nos données ont disparu depuis la mise à jour de cette nuit.", DATA),
    ("fr", "Export", "L'export plante avec un message d'erreur dès que je clique.", ISSUE),
    ("fr", "Imprimante", "L'imprimante ne fonctionne plus depuis hier.", ISSUE),
    ("fr", "Fracture", "L'écran est fracturé, qui prend cela en charge ? La machine est en panne.", ISSUE),
    # es
    ("es", "Contraseña", "No puedo iniciar sesión, he olvidado mi contraseña.", ACCESS),
    ("es", "Cuenta", "Mi cuenta está bloqueada desde esta mañana.", ACCESS),
    ("es", "Pregunta", "¿Cómo puedo añadir un segundo almacén a la lista?", GUIDANCE),
    ("es", "Informes", "¿Dónde encuentro el informe del año pasado?", GUIDANCE),
    ("es", "Factura de mayo", "Nos han cobrado dos veces, solicitamos el reembolso.", BILLING),
    ("es", "Suscripción", "Queremos cancelar la suscripción a final de mes.", BILLING),
    ("es", "RGPD", "Por favor, eliminar mis datos personales de su sistema.", DATA),
    ("es", "Ayuda", "Los datos han desaparecido después de la actualización de anoche.", DATA),
    ("es", "Exportación", "El programa se cierra con un error cuando exporto la lista.", ISSUE),
    ("es", "Impresora", "La impresora no funciona desde ayer, no responde.", ISSUE),
    ("es", "Cargo", "La persona a cargo de la tienda dice que la pantalla no se abre.", ISSUE),
    # it
    ("it", "Password", "Non riesco ad accedere, ho dimenticato la password.", ACCESS),
    ("it", "Account", "Il mio account è bloccato da questa mattina.", ACCESS),
    ("it", "Domanda", "Come posso aggiungere un secondo magazzino alla lista?", GUIDANCE),
    ("it", "Rapporto", "Dove trovo il rapporto dello scorso anno?", GUIDANCE),
    ("it", "Fattura di maggio", "Ci avete addebitato due volte l'importo, chiediamo il rimborso.", BILLING),
    ("it", "Abbonamento", "Vorremmo dare disdetta dell'abbonamento a fine mese.", BILLING),
    ("it", "GDPR", "Vi prego di cancellare i miei dati personali.", DATA),
    ("it", "Aiuto", "I dati sono spariti dopo l'aggiornamento di questa notte.", DATA),
    ("it", "Esportazione", "Il programma si blocca con un errore quando esporto la lista.", ISSUE),
    ("it", "Stampante", "La stampante non funziona da ieri, non risponde.", ISSUE),
    ("it", "Ricevuta", "Ho ricevuto la macchina ma non parte e mostra una pagina bianca.", ISSUE),
    # pt
    ("pt", "Senha", "Não consigo entrar na minha conta, esqueci a senha.", ACCESS),
    ("pt", "Conta", "A minha conta está bloqueada desde hoje de manhã.", ACCESS),
    ("pt", "Dúvida", "Como posso adicionar um segundo armazém na lista?", GUIDANCE),
    ("pt", "Relatório", "Onde encontro o relatório do ano passado?", GUIDANCE),
    ("pt", "Fatura de maio", "Fomos cobrados duas vezes, pedimos o reembolso.", BILLING),
    ("pt", "Assinatura", "Queremos cancelar a assinatura no fim do mês.", BILLING),
    ("pt", "LGPD", "Peço que apaguem os meus dados pessoais do sistema.", DATA),
    ("pt", "Ajuda", "Os dados sumiram depois da atualização desta noite, tivemos perda de dados.", DATA),
    ("pt", "Exportação", "O programa trava com um erro quando exporto a lista.", ISSUE),
    ("pt", "Impressora", "A impressora não funciona desde ontem, não responde.", ISSUE),
    ("pt", "Errata", "No texto da página há uma palavra trocada.", OTHER),
    # nl
    ("nl", "Wachtwoord", "Ik kan niet inloggen, ik ben mijn wachtwoord vergeten.", ACCESS),
    ("nl", "Account", "Mijn account is geblokkeerd sinds vanochtend.", ACCESS),
    ("nl", "Vraag", "Hoe kan ik een tweede magazijn aan de lijst toevoegen?", GUIDANCE),
    ("nl", "Rapport", "Waar vind ik het rapport van vorig jaar?", GUIDANCE),
    ("nl", "Factuur van mei", "Er is twee keer afgeschreven, graag terugbetaling.", BILLING),
    ("nl", "Abonnement", "Wij willen ons abonnement opzeggen aan het eind van de maand.", BILLING),
    ("nl", "AVG", "Graag mijn gegevens verwijderen, ik gebruik het product niet meer.", DATA),
    ("nl", "Hulp", "Onze gegevens zijn verdwenen na de update van vannacht.", DATA),
    ("nl", "Export", "Het programma loopt vast met een foutmelding als ik de lijst exporteer.", ISSUE),
    ("nl", "Printer", "De printer werkt niet meer sinds gisteren, hij reageert niet.", ISSUE),
    ("nl", "Rekening", "Houd er rekening mee dat het scherm kapot is.", ISSUE),
]


@pytest.mark.parametrize(("language", "subject", "text", "category"), CATEGORIES)
def test_category(language: str, subject: str, text: str, category: str) -> None:
    assert of(said(subject, text, language)).category == category


SEVERITIES = [
    # en
    ("en", "Your service is down for all of us since nine.", "critical"),
    ("en", "There was a data breach, somebody hacked the account of our boss.", "critical"),
    ("en", "We had no data loss, but the list looks odd.", "normal"),
    ("en", "This is urgent: the deadline is tomorrow.", "high"),
    ("en", "We found a security hole in the upload.", "high"),
    ("en", "It is not urgent, whenever you have time.", "low"),
    ("en", "There is a typo in the footer.", "low"),
    ("en", "I scroll down to the drop-down list and download the file.", "normal"),
    ("en", "The printer jams.", "normal"),
    ("en", "What is the social security number field for?", "normal"),
    ("en", "It comes down to this: it is down to us to choose.", "normal"),
    ("en", "Lockdown mode and counter-insurgent icons look alike.", "normal"),
    # de
    ("de", "Der Server ist down, nichts geht mehr.", "critical"),
    ("de", "Seit heute Morgen steht die Produktion still, die Anlage steht still.", "critical"),
    ("de", "Es gab zum Glück keinen Ausfall, kein Datenverlust.", "normal"),
    ("de", "Das ist dringend, morgen läuft die Frist ab.", "high"),
    ("de", "Wir haben eine Sicherheitslücke gefunden.", "high"),
    ("de", "Das ist nicht dringend, es hat Zeit.", "low"),
    ("de", "Auf der Startseite ist ein Tippfehler.", "low"),
    ("de", "Das ist mit Sicherheit richtig so.", "normal"),
    ("de", "Der Drucker klemmt.", "normal"),
    ("de", "Es steht alles in der Liste, die Fristen stehen im Kalender nicht.", "normal"),
    # fr
    ("fr", "Notre site est en panne depuis neuf heures.", "critical"),
    ("fr", "Nous avons constaté une fuite de données ce matin.", "critical"),
    ("fr", "Il n'y a eu aucune perte de données, mais la liste est étrange.", "normal"),
    ("fr", "C'est urgent, la date limite est demain.", "high"),
    ("fr", "Nous avons trouvé une faille de sécurité dans le formulaire.", "high"),
    ("fr", "Ce n'est pas urgent, quand vous aurez le temps.", "low"),
    ("fr", "Il y a une faute de frappe sur la page d'accueil.", "low"),
    ("fr", "L'imprimante se bloque parfois.", "normal"),
    ("fr", "La ceinture de sécurité figure au catalogue.", "normal"),
    ("fr", "Le service du personnel a une question.", "normal"),
    # es
    ("es", "El servidor está caído desde las nueve.", "critical"),
    ("es", "Hemos sufrido una fuga de datos esta mañana.", "critical"),
    ("es", "Sin pérdida de datos, pero la lista es rara.", "normal"),
    ("es", "Es urgente, la fecha límite es mañana.", "high"),
    ("es", "Hay una brecha de seguridad en el formulario.", "high"),
    ("es", "No es urgente, cuando tengan tiempo.", "low"),
    ("es", "Hay una errata en la portada.", "low"),
    ("es", "La impresora se atasca a veces.", "normal"),
    ("es", "La copia de seguridad se hace por la noche.", "normal"),
    ("es", "El pedido ha caído en el olvido.", "normal"),
    # it
    ("it", "Il sistema è down da stamattina.", "critical"),
    ("it", "Nessuno riesce a lavorare in ufficio.", "critical"),
    ("it", "Nessuna perdita di dati, ma la lista è strana.", "normal"),
    ("it", "È urgente, ci serve entro domani.", "high"),
    ("it", "C'è una falla di sicurezza nel modulo.", "high"),
    ("it", "Non è urgente, quando avete tempo.", "low"),
    ("it", "C'è un refuso nella pagina iniziale.", "low"),
    ("it", "La stampante si inceppa ogni tanto.", "normal"),
    ("it", "La copia di sicurezza si fa di notte.", "normal"),
    ("it", "La scadenza del contratto è a giugno.", "normal"),
    # pt
    ("pt", "O site está fora do ar desde as nove.", "critical"),
    ("pt", "Ninguém consegue trabalhar no escritório.", "critical"),
    ("pt", "Sem perda de dados, mas a lista está estranha.", "normal"),
    ("pt", "É urgente, o prazo final é amanhã.", "high"),
    ("pt", "Há uma falha de segurança no formulário.", "high"),
    ("pt", "Não é urgente, quando tiverem tempo.", "low"),
    ("pt", "Há uma gralha na página inicial.", "low"),
    ("pt", "A impressora encrava às vezes.", "normal"),
    ("pt", "A cópia de segurança é feita à noite.", "normal"),
    ("pt", "O prazo do contrato é em junho.", "normal"),
    # nl
    ("nl", "De server ligt plat sinds negen uur.", "critical"),
    ("nl", "Niemand kan werken op kantoor.", "critical"),
    ("nl", "Er is geen dataverlies, maar de lijst is vreemd.", "normal"),
    ("nl", "Het is dringend, de deadline is morgen.", "high"),
    ("nl", "Er zit een beveiligingslek in het formulier.", "high"),
    ("nl", "Het is niet dringend, als u tijd heeft.", "low"),
    ("nl", "Er staat een typefout op de startpagina.", "low"),
    ("nl", "De printer loopt soms vast.", "normal"),
    ("nl", "Het bestand ligt op het bureau.", "normal"),
    ("nl", "Ik wil een nieuwe download van de lijst.", "normal"),
]


@pytest.mark.parametrize(("language", "text", "severity"), SEVERITIES)
def test_severity(language: str, text: str, severity: str) -> None:
    found = of(said("Question", text, language), POLICY.model_copy(update={"categories": {}}))
    assert found.severity == severity, found.reasons


def test_each_language_has_at_least_ten_cases_of_both_kinds() -> None:
    for cases in (CATEGORIES, SEVERITIES):
        counts = [sum(case[0] == language for case in cases) for language in ("en", "de", "fr", "es", "it", "pt", "nl")]
        assert min(counts) >= 10
