"""What customers write, by language: the words of the default categories, of severities, of breadth, and of what is missing.

One line a language. Words stand as `config.lexicon` reads them; accents do not count.
"""

SPLIT = ", "

Lines = dict[str, str]


def words(lines: Lines) -> dict[str, tuple[str, ...]]:
    """The phrases of each language apart."""
    return {language: tuple(line.split(SPLIT)) for language, line in lines.items()}


ACCOUNT_ACCESS = {
    "en": "login*, log in, logging in, logged out, sign in, signing in, password*, passcode, my password, locked, locked out, unlock*, "
    "two factor, 2fa, verification code, username, access my account, access to my account, reset link",
    "de": "login*, einlogg*, einzuloggen, anmeld*, anzumelden, passwort*, kennwort*, mein passwort, zugangsdaten, zugang, gesperrt*, "
    "entsperr*, ausgesperrt, benutzername*, zwei faktor, 2fa",
    "fr": "login, me connecter, se connecter, nous connecter, connexion impossible, connexion a mon compte, mot de passe, mots de passe, "
    "identifiant*, compte bloque, compte verrouille, compte est bloque, verrouill*, acceder a mon compte, authentification, "
    "code de verification",
    "es": "login, iniciar sesion, inicio de sesion, contrasena*, clave de acceso, acceder a mi cuenta, acceso a mi cuenta, "
    "entrar en mi cuenta, entrar a mi cuenta, cuenta bloqueada, cuenta esta bloqueada, desbloque*, codigo de verificacion, "
    "nombre de usuario, verificacion en dos pasos",
    "it": "login, password, riesco ad accedere, riesco piu ad accedere, accedere al mio account, accesso al mio account, accesso all account, "
    "credenziali, account bloccato, account e bloccato, sbloccare, nome utente, autenticazione, codice di verifica",
    "pt": "login, senha*, iniciar sessao, entrar na minha conta, acessar minha conta, acessar a minha conta, aceder a minha conta, "
    "palavra passe, conta bloqueada, conta esta bloqueada, conta foi bloqueada, desbloque*, autenticacao, nome de usuario, "
    "nome de utilizador, codigo de verificacao",
    "nl": "login, inlog*, in te loggen, aanmeld*, wachtwoord*, toegang tot mijn account, geblokkeerd*, ontgrendel*, gebruikersnaam*, "
    "tweestaps*, verificatiecode*",
}

FEATURE_GUIDANCE = {
    "en": "how do i, how do we, how can i, how can we, how to, where do i find, where can i find, is it possible to, is there a way, "
    "could you explain, can you explain, tutorial*, documentation, step by step, feature request",
    "de": "wie kann ich, wie konnen wir, wie kann man, wie mache ich, wie funktioniert, wie lege ich, wie richte ich, wie stelle ich, "
    "wie exportiere ich, wie importiere ich, wie fuge ich, wie andere ich, wo finde ich, gibt es eine moglichkeit, ist es moglich, "
    "anleitung*, dokumentation, erklaren",
    "fr": "comment puis je, comment faire, comment peut on, comment pouvons nous, comment exporter, comment importer, comment ajouter, "
    "comment creer, comment configurer, comment utiliser, comment modifier, ou trouver, ou puis je, est il possible, y a t il un moyen, "
    "tutoriel*, mode d emploi, documentation, expliquer",
    "es": "como puedo, como podemos, como hago, como se puede, como exportar, como importar, como configurar, como crear, como anadir, "
    "como agregar, donde encuentro, donde puedo, es posible, hay alguna forma, tutorial*, manual, documentacion, explicar, explicarme",
    "it": "come posso, come possiamo, come faccio, come si fa, come si puo, come esportare, come importare, come configurare, come creare, "
    "come aggiungere, dove trovo, dove posso, e possibile, c e un modo, tutorial*, guida, documentazione, spiegarmi",
    "pt": "como posso, como podemos, como faco, como fazer, como se faz, como exportar, como importar, como configurar, como criar, "
    "como adicionar, onde encontro, onde posso, e possivel, existe alguma forma, ha alguma forma, tutorial*, documentacao, explicar",
    "nl": "hoe kan ik, hoe kunnen we, hoe kunnen wij, hoe moet ik, hoe maak ik, hoe stel ik, hoe voeg ik, hoe werkt, hoe exporteer ik, "
    "hoe importeer ik, waar vind ik, waar kan ik, is het mogelijk, is er een manier, handleiding*, documentatie, uitleg*",
}

BILLING_AND_PLANS = {
    "en": "invoice*, billing, billed, my bill, our bill, the bill, refund*, charged, charges, charge on, a charge, overcharge*, payment*, "
    "credit card, receipt*, subscription*, upgrade*, downgrade*, pricing, vat, renewal*",
    "de": "rechnung*, abrechnung*, ruckerstatt*, erstatt*, zahlung*, bezahl*, abgebucht, abbuchung*, lastschrift*, kreditkarte*, "
    "gutschrift*, abo, abonnement*, tarif*, kundig*, upgrade*, mahnung*, preisliste, mehrwertsteuer, umsatzsteuer",
    "fr": "factur*, rembours*, preleve*, paiement*, payer, abonnement*, carte bancaire, carte de credit, tarif*, resili*, tva, "
    "changer de formule, changer d offre",
    "es": "factur*, reembols*, cobro*, cobrado*, cargo en mi, cargo duplicado, cargo indebido, pago*, pagar, tarjeta de credito, "
    "suscripcion*, precio*, tarifa*, iva, devolucion*, recibo*, cambiar de plan",
    "it": "fattur*, rimbors*, pagament*, pagare, addebit*, carta di credito, abbonament*, disdetta, disdire, prezzi, tariff*, iva, "
    "ricevuta fiscale, cambiare piano",
    "pt": "fatura*, reembols*, cobranca*, cobrado*, cobraram, pagament*, pagar, cartao de credito, minha assinatura, a assinatura, "
    "subscricao, preco*, mudar de plano, meu plano, iva, recibo*, nota fiscal, boleto*",
    "nl": "factu*, terugbetal*, terugstort*, afgeschreven, afschrijving*, betaling*, betaald, incasso*, creditcard*, abonnement*, opzeg*, "
    "upgrade*, tarie*, prijzen, btw, creditnota*, mijn rekening",
}

DATA_CONCERN = {
    "en": "data loss, lost data, lost our data, lost my data, lost all, data is gone, data are gone, data has disappeared, "
    "data have disappeared, records are missing, records have disappeared, deleted by mistake, accidentally deleted, gdpr, privacy, "
    "personal data, delete my data, delete all my data, delete my account, data breach, data leak, data protection, "
    "data processing agreement, restore our data, restore the data",
    "de": "datenverlust*, daten verloren, daten sind weg, daten weg, daten geloscht, daten fehlen, daten verschwunden, "
    "daten sind verschwunden, versehentlich geloscht, dsgvo, datenschutz*, personenbezogen*, datenpanne*, datenleck*, meine daten loschen, "
    "meiner daten, auftragsverarbeitung*, daten wiederherstell*",
    "fr": "perte de donnees, donnees perdues, perdu des donnees, perdu nos donnees, perdu toutes, donnees ont disparu, donnees disparu*, "
    "rgpd, donnees personnelles, vie privee, supprimer mes donnees, efface par erreur, supprime par erreur, fuite de donnees, "
    "violation de donnees, protection des donnees, restaurer nos donnees, confidentialite",
    "es": "perdida de datos, datos perdidos, perdido datos, perdido los datos, perdido todos, datos han desaparecido, datos desaparec*, "
    "registros han desaparecido, rgpd, gdpr, lopd, datos personales, privacidad, borrar mis datos, eliminar mis datos, borrado por error, "
    "eliminado por error, fuga de datos, proteccion de datos, recuperar los datos",
    "it": "perdita di dati, dati persi, perso i dati, perso tutti, dati sono spariti, dati spariti, gdpr, dati personali, privacy, "
    "cancellare i miei dati, cancellato per errore, eliminato per errore, fuga di dati, violazione dei dati, protezione dei dati, "
    "recuperare i dati",
    "pt": "perda de dados, dados perdidos, perdi dados, perdi os dados, perdemos os dados, perdemos dados, perdi todos, dados desaparec*, "
    "dados sumiram, lgpd, rgpd, dados pessoais, privacidade, apagar meus dados, apagar os meus dados, excluir meus dados, "
    "eliminar os meus dados, apagado por engano, excluido por engano, vazamento de dados, fuga de dados, protecao de dados, recuperar os dados",
    "nl": "dataverlies, gegevens kwijt, data kwijt, gegevens verloren, gegevens zijn weg, gegevens verdwenen, gegevens zijn verdwenen, "
    "per ongeluk verwijderd, avg, gdpr, privacy*, persoonsgegevens, mijn gegevens verwijderen, mijn gegevens te verwijderen, datalek*, "
    "gegevensbescherming, verwerkersovereenkomst*, gegevens herstellen",
}

TECHNICAL_ISSUE = {
    "en": "error*, crash*, bug, bugs, broken, not working, does not work, doesn t work, do not work, don t work, isn t working, "
    "stopped working, won t load, does not load, doesn t load, won t start, fails, failed, failure, freezes, frozen, very slow, timeout*, "
    "timed out, outage, is down, are down, blank page, white screen",
    "de": "fehler, fehlern, fehlers, fehlermeldung*, fehlercode*, fehlerhaft*, serverfehler*, absturz*, sturzt, abgesturzt, "
    "funktioniert nicht, funktionieren nicht, geht nicht, klappt nicht, ladt nicht, hangt, eingefroren, defekt*, kaputt, storung*, bug, "
    "bugs, ausfall*, ausgefallen, sehr langsam, timeout*, startet nicht, reagiert nicht",
    "fr": "erreur*, bug, bugs, plante, plantage*, fonctionne pas, fonctionne plus, fonctionnent pas, fonctionnent plus, marche pas, "
    "marche plus, marchent pas, en panne, panne*, ne charge pas, ne s ouvre pas, ne repond pas, ne repond plus, tres lent, tres lente, "
    "page blanche",
    "es": "error, errores, fallo, fallos, falla, fallas, no funciona, no funcionan, no carga, no abre, no se abre, no responde, se cierra, "
    "se cuelga, se bloquea, muy lento, muy lenta, averia*, pantalla en blanco, bug, bugs, dejado de funcionar, dejo de funcionar, caido, "
    "caida",
    "it": "errore, errori, bug, non funziona, non funzionano, non carica, non si carica, non si apre, non risponde, si blocca, crash*, "
    "guasto*, molto lento, molto lenta, malfunzionament*, pagina bianca, smesso di funzionare, non parte",
    "pt": "erro, erros, falha*, bug, bugs, nao funciona, nao funcionam, nao esta funcionando, nao esta a funcionar, nao carrega, nao abre, "
    "nao responde, trava, travou, travando, muito lento, muito lenta, avaria*, parou de funcionar, deixou de funcionar, tela branca, caiu, "
    "fora do ar",
    "nl": "fout, fouten, foutmelding*, foutcode*, bug, bugs, werkt niet, werkt het niet, werken niet, doet het niet, laadt niet, crash*, "
    "vastgelopen, loopt vast, storing*, erg traag, zeer traag, reageert niet, start niet, opent niet, kapot, wit scherm, defect*",
}

CRITICAL = {
    "en": "is down, are down, went down, production down, outage, data loss, data breach, security breach, security incident, hacked, "
    "compromised, ransomware, nobody can work, no one can work, cannot work at all",
    "de": "ist down, sind down, produktion steht, steht still, stehen still, komplett ausgefallen, totalausfall*, systemausfall*, "
    "datenverlust*, datenleck*, datenpanne*, sicherheitsvorfall*, gehackt, niemand kann arbeiten, keiner kann arbeiten, "
    "nichts geht mehr, ransomware",
    "fr": "production a l arret, production est a l arret, site est en panne, serveur est en panne, tout est en panne, tout est bloque, "
    "panne generale, panne totale, hors service, perte de donnees, fuite de donnees, piratage, ete pirate*, incident de securite, "
    "personne ne peut travailler, ransomware",
    "es": "esta caido, esta caida, estan caidos, sistema caido, servidor caido, produccion caida, caida total, perdida de datos, "
    "fuga de datos, hackeado*, hackeada*, incidente de seguridad, nadie puede trabajar, ransomware",
    "it": "e down, sono down, produzione ferma, produzione e ferma, tutto fermo, tutto e fermo, fuori servizio, perdita di dati, "
    "fuga di dati, hackerat*, violazione dei dati, incidente di sicurezza, nessuno puo lavorare, nessuno riesce a lavorare, ransomware",
    "pt": "fora do ar, producao parada, producao esta parada, producao parou, sistema caiu, servidor caiu, tudo parado, perda de dados, "
    "vazamento de dados, fuga de dados, hackead*, incidente de seguranca, ninguem consegue trabalhar, ransomware",
    "nl": "is down, ligt plat, ligt eruit, ligt stil, liggen plat, dataverlies, datalek*, gehackt, beveiligingsincident*, "
    "niemand kan werken, ransomware",
}

HIGH = {
    "en": "urgent, urgently, asap, emergency, critical issue, critical problem, critical error, critical bug, business critical, is critical, deadline*, blocker, blocking us, we are blocked, security, vulnerability, "
    "cannot work, can t work, in production, our production, production system, production server, immediate help",
    "de": "dringend*, dringlich*, eilig, eilt, notfall*, kritisch*, frist, deadline*, blockiert uns, sicherheitslucke*, "
    "sicherheitsproblem*, umgehend*, sofortige hilfe, produktivsystem*, produktionssystem*, in produktion, nicht arbeiten",
    "fr": "urgent*, urgence*, critique, date limite, echeance, bloquant*, sommes bloques, faille de securite, probleme de securite, "
    "vulnerabilite*, en production, au plus vite",
    "es": "urgente*, urgencia*, critico, fecha limite, bloqueante*, estamos bloqueados, emergencia*, problema de seguridad, "
    "fallo de seguridad, brecha de seguridad, vulnerabilidad*, en produccion",
    "it": "urgente, urgenti, urgenza, urgentemente, critico, entro oggi, entro domani, bloccante*, siamo bloccati, emergenza*, "
    "problema di sicurezza, falla di sicurezza, vulnerabilita, in produzione",
    "pt": "urgente*, urgencia*, critico, prazo final, prazo termina, prazo e hoje, bloqueante*, estamos bloqueados, emergencia*, "
    "problema de seguranca, falha de seguranca, vulnerabilidade*, em producao",
    "nl": "dringend*, urgent*, spoed, spoedeisend*, noodgeval*, kritiek*, deadline*, blokkerend*, beveiligingslek*, beveiligingsprobleem*, "
    "kwetsbaarheid*, in productie",
}

NO_SIGN = {
    "en": "no data loss, without data loss, no outage, not down, not critical, not hacked, no deadline, security question*, security code*, "
    "social security, is down to, are down to, security deposit*",
    "de": "kein datenverlust, ohne datenverlust, kein ausfall, nicht kritisch, kein notfall, keine frist, nicht gehackt",
    "fr": "aucune perte de donnees, pas de perte de donnees, sans perte de donnees, pas critique",
    "es": "sin perdida de datos, ninguna perdida de datos, no es critico, no hay perdida de datos",
    "it": "nessuna perdita di dati, senza perdita di dati, non e critico",
    "pt": "sem perda de dados, nenhuma perda de dados, nao e critico",
    "nl": "geen dataverlies, zonder dataverlies, niet kritiek, geen deadline, niet gehackt",
}

LOW = {
    "en": "not urgent, not so urgent, not very urgent, isn t urgent, nothing urgent, no rush, no hurry, low priority, cosmetic, typo*, "
    "when you have time, whenever you have time, nice to have, just curious, just wondering",
    "de": "nicht dringend, nicht so dringend, nicht sehr dringend, nicht eilig, eilt nicht, keine eile, hat zeit, kleinigkeit*, "
    "schonheitsfehler*, tippfehler*, bei gelegenheit, niedrige prioritat",
    "fr": "pas urgent*, rien d urgent, sans urgence, aucune urgence, pas presse, faute de frappe, fautes de frappe, coquille*, cosmetique, "
    "quand vous aurez le temps",
    "es": "no es urgente, no urgente, nada urgente, sin urgencia, sin prisa*, no hay prisa, no corre prisa, errata*, cosmetico, "
    "cuando tengan tiempo, cuando tenga tiempo",
    "it": "non urgente, non e urgente, niente di urgente, nessuna urgenza, senza urgenza, nessuna fretta, senza fretta, non c e fretta, "
    "refuso, errore di battitura, quando avete tempo",
    "pt": "nao e urgente, nao urgente, nada urgente, sem urgencia, sem pressa, nao ha pressa, nao tenho pressa, erro de digitacao, gralha, "
    "quando tiverem tempo, quando puderem",
    "nl": "niet dringend, niet urgent, geen haast, geen spoed, niet zo dringend, typefout*, schoonheidsfout*, kleinigheid*, "
    "als u tijd heeft, wanneer het uitkomt",
}

WIDE = {
    "en": "all users, all our users, all of our users, all the users, every user, for everyone, affects everyone, all customers, "
    "all our customers, whole company, entire company, whole team, entire team, all employees, all staff, nobody can, no one can",
    "de": "alle benutzer, alle nutzer, alle user, alle kunden, alle unsere kunden, alle mitarbeiter*, allen benutzern, alle kolleg*, "
    "ganze team, gesamte team, ganze firma, gesamte firma, gesamte unternehmen, niemand kann, keiner kann, bei allen",
    "fr": "tous les utilisateurs, tous nos utilisateurs, tous les clients, tous nos clients, tous les employes, toute l equipe, "
    "toute l entreprise, pour tout le monde, personne ne peut, aucun utilisateur",
    "es": "todos los usuarios, todos nuestros usuarios, todos los clientes, todos nuestros clientes, toda la empresa, todo el equipo, "
    "todos los empleados, nadie puede, ningun usuario",
    "it": "tutti gli utenti, tutti i nostri utenti, tutti i clienti, tutti i nostri clienti, tutta l azienda, tutto il team, "
    "tutti i dipendenti, nessuno puo, nessuno riesce, nessun utente",
    "pt": "todos os usuarios, todos os utilizadores, todos os clientes, todos os nossos clientes, toda a empresa, toda a equipe, "
    "toda a equipa, todos os funcionarios, ninguem consegue, ninguem pode, nenhum usuario",
    "nl": "alle gebruikers, al onze gebruikers, alle klanten, al onze klanten, alle medewerkers, hele team, hele bedrijf, niemand kan, "
    "geen enkele gebruiker, alle collega*",
}

WHAT_WAS_DONE = {
    "en": "when i, when we, after i, after we, after the, if i, if we, whenever, clicked, click, clicking, tried to, trying to, steps, "
    "every time, while i, as soon as",
    "de": "wenn ich, wenn wir, wenn man, beim klick*, beim offnen, beim speichern, beim versuch*, sobald, nachdem, nach dem, klick*, geklickt, versuch*, schritte, jedes mal",
    "fr": "quand je, quand nous, lorsque, des que, apres avoir, si je, clique*, en cliquant, essaye*, essaie, etapes, chaque fois",
    "es": "cuando, al hacer, al intentar, al abrir, despues de, si hago, clic, pulso, pasos, cada vez, intento, intente",
    "it": "quando, dopo aver, appena, se clicco, clicco, cliccando, provo, provato, passaggi, ogni volta",
    "pt": "quando, ao clicar, ao tentar, ao abrir, depois de, se eu, clico, cliquei, tento, tentei, passos, cada vez, sempre que",
    "nl": "als ik, als we, wanneer ik, wanneer we, zodra, nadat, klik*, geklikt, probeer*, stappen, elke keer, bij het openen, bij het opslaan, bij het klikken",
}

ERROR_TEXT = {
    "en": "error #, error code #, it says, which says, that says, saying, message says, error message is, reads, exception",
    "de": "fehler #, fehlercode #, steht da, es steht, meldung lautet, fehlermeldung lautet, es heisst, erscheint die meldung, exception",
    "fr": "erreur #, code d erreur #, message d erreur est, le message, il est ecrit, s affiche, affiche, exception",
    "es": "error #, codigo de error #, el mensaje, dice que, pone que, aparece, exception",
    "it": "errore #, codice di errore #, il messaggio, dice che, appare, compare, exception",
    "pt": "erro #, codigo de erro #, a mensagem, diz que, aparece, exception",
    "nl": "fout #, foutcode #, de melding, er staat, foutmelding is, melding is, exception",
}

VERSION = {
    "": "version #, versione #, versao #, versie #, release #, chrome, firefox, safari, edge, windows, macos, iphone, ipad, android, ios, linux"
}

WHICH_ACCOUNT = {
    "en": "username is, user name is, account number, customer number, account #",
    "de": "benutzername ist, benutzername lautet, kundennummer, kontonummer, konto #",
    "fr": "identifiant est, numero de client, numero client, compte #",
    "es": "usuario es, numero de cliente, cuenta #",
    "it": "nome utente e, codice cliente, numero cliente, account #",
    "pt": "usuario e, utilizador e, numero de cliente, conta #",
    "nl": "gebruikersnaam is, klantnummer, account #",
}

ABOUT_INVOICES = {
    "en": "invoice*, refund*, charged, charges, a charge, overcharge*, billed, receipt*",
    "de": "rechnung*, erstatt*, ruckerstatt*, abgebucht, abbuchung*, mahnung*, gutschrift*",
    "fr": "facture, factures, rembours*, preleve*",
    "es": "factura, facturas, reembols*, cobro*, cobrado*, recibo*, cargo duplicado, cargo indebido",
    "it": "fattura, fatture, rimbors*, addebit*",
    "pt": "fatura, faturas, reembols*, cobranca*, cobrado*, cobraram, recibo*",
    "nl": "factuur, facturen, terugbetal*, terugstort*, afgeschreven, afschrijving*",
}

INVOICE_NUMBER = {
    "": "#####, #### ####, inv #",
    "en": "invoice #, invoice no #, invoice number #, number #",
    "de": "rechnung #, rechnung nr #, rechnungsnummer #, nr #, nummer #",
    "fr": "facture #, facture n #, n #, numero #",
    "es": "factura #, factura n #, numero #, nº #",
    "it": "fattura #, fattura n #, n #, numero #",
    "pt": "fatura #, fatura n #, numero #, nº #",
    "nl": "factuur #, factuurnummer #, nummer #, nr #",
}

ASK_WHAT_WAS_DONE = {
    "en": "what you did just before it happened",
    "de": "was Sie getan haben, kurz bevor es geschah",
    "fr": "ce que vous faisiez juste avant",
    "es": "qué estaba haciendo justo antes",
    "it": "che cosa stava facendo subito prima",
    "pt": "o que estava a fazer imediatamente antes",
    "nl": "wat u deed vlak voordat het gebeurde",
}

ASK_ERROR_TEXT = {
    "en": "the exact words of the error message, or a screenshot",
    "de": "den genauen Wortlaut der Fehlermeldung oder ein Bildschirmfoto",
    "fr": "le texte exact du message d'erreur, ou une capture d'écran",
    "es": "el texto exacto del mensaje de error, o una captura de pantalla",
    "it": "il testo esatto del messaggio di errore, o uno screenshot",
    "pt": "o texto exato da mensagem de erro, ou uma captura de ecrã",
    "nl": "de precieze tekst van de foutmelding, of een schermafbeelding",
}

ASK_VERSION = {
    "en": "the version, and the browser or device that you use",
    "de": "die Version und den Browser oder das Gerät, das Sie verwenden",
    "fr": "la version, et le navigateur ou l'appareil que vous utilisez",
    "es": "la versión, y el navegador o el dispositivo que utiliza",
    "it": "la versione, e il browser o il dispositivo che utilizza",
    "pt": "a versão, e o navegador ou o dispositivo que utiliza",
    "nl": "de versie, en de browser of het apparaat dat u gebruikt",
}

ASK_WHICH_ACCOUNT = {
    "en": "the user name or e-mail address of the account concerned (never a password)",
    "de": "den Benutzernamen oder die E-Mail-Adresse des betroffenen Kontos (niemals ein Passwort)",
    "fr": "l'identifiant ou l'adresse e-mail du compte concerné (jamais de mot de passe)",
    "es": "el usuario o la dirección de correo de la cuenta afectada (nunca una contraseña)",
    "it": "il nome utente o l'indirizzo e-mail dell'account in questione (mai una password)",
    "pt": "o utilizador ou o endereço de e-mail da conta em causa (nunca uma palavra-passe)",
    "nl": "de gebruikersnaam of het e-mailadres van het account (nooit een wachtwoord)",
}

ASK_INVOICE_NUMBER = {
    "en": "the number of the invoice, or its date and amount",
    "de": "die Rechnungsnummer, oder Datum und Betrag",
    "fr": "le numéro de la facture, ou sa date et son montant",
    "es": "el número de la factura, o su fecha e importe",
    "it": "il numero della fattura, o la data e l'importo",
    "pt": "o número da fatura, ou a data e o valor",
    "nl": "het factuurnummer, of de datum en het bedrag",
}

ASKING = {
    "en": "To help you quickly, we still need:",
    "de": "Damit wir Ihnen rasch helfen können, brauchen wir noch:",
    "fr": "Pour vous aider rapidement, il nous manque encore :",
    "es": "Para poder ayudarle rápidamente, todavía necesitamos:",
    "it": "Per aiutarla rapidamente ci serve ancora:",
    "pt": "Para o podermos ajudar rapidamente, ainda precisamos de:",
    "nl": "Om u snel te kunnen helpen, hebben we nog nodig:",
}
