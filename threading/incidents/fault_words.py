"""Words of fault reports in the languages of the desk's letters: different words for one thing, and words that say nothing about
a fault.
"""

# Each row has the words of one meaning in all languages. Only the first letters of a word are compared (`likeness.STEM`).
MEANINGS: dict[str, str] = {
    "login": "login logon log logged logging sign signed signing signin anmelden anmeldung angemeldet einloggen eingeloggt identifier "
    "identification sesión acceder ingresar iniciar accedere autenticazione entrar inloggen ingelogd aanmelden aangemeld "
    "authentication authenticate",
    "access": "access zugriff zugang accès acceso accesso acesso acessar toegang",
    "password": "password passwort kennwort passe contraseña senha wachtwoord",
    "page": "page site website webpage seite webseite startseite página sitio pagina sito webpagina",
    "payment": "payment pay paid card checkout zahlung zahlen bezahlen bezahlung karte kasse paiement payer carte pago pagar tarjeta "
    "pagamento pagare carta cartão betaling betalen betaal kaart",
    "invoice": "invoice bill rechnung facture factura fattura fatura factuur",
    "mail": "mail mails email emails correo correos posta",
    "download": "download downloads herunterladen runterladen télécharger téléchargement descargar descarga scaricare baixar downloaden",
    "upload": "upload uploads hochladen téléverser uploaden",
    "slow": "slow slowly langsam lent lente lento lenta traag trage langzaam",
    "timeout": "timeout timeouts timed zeitüberschreitung",
    "down": "down outage unavailable unreachable offline ausfall ausgefallen erreichbar unerreichbar indisponible panne inaccessible caído "
    "caída caida disponible irraggiungibile indisponível fora onbereikbaar bereikbaar storing plat",
    "error": "error errors fehler fehlermeldung erreur errore erro fout foutmelding",
    "loading": "load loads loading laden lädt charger chargement cargar carga caricare carica carregar carrega laadt",
    "sync": "sync syncing synchronise synchronize synchronisieren synchroniser sincronizar sincronización sincronizzazione",
    "app": "app application anwendung aplicación applicazione aplicativo toepassing",
    "printing": "print printer printing prints drucker drucken imprimante imprimer impresora imprimir stampante stampare impressora "
    "afdrukken",
    "network": "network netz netzwerk réseau rete rede netwerk vpn",
    "connection": "connect connection verbindung verbinden connexion conexión connessione conexão verbinding",
    "server": "server servers serveur servidor",
    "crash": "crash crashes crashed absturz abgestürzt stürzt plante crashea",
    "export": "export exports exportieren exporter exportar esportare exporteren",
    "refused": "declined refused rejected denied abgelehnt verweigert refusé refusée refusés rechazado rechazada rifiutato rifiutati recusado "
    "geweigerd",
    "order": "order orders bestellung bestellungen bestellen commande pedidos encomenda bestelling",
    "delivery": "delivery shipment shipping parcel lieferung livraison colis envío consegna entrega levering",
    "calendar": "calendar kalender calendrier calendario calendário agenda",
    "call": "call calls phone telephone telefon anruf anrufe téléphone appel llamada llamadas teléfono telefono chiamata chiamate "
    "chamada telefone telefoon bellen",
}  # fmt: skip

# Words that most requests contain, and that say neither what is broken nor where.
SAYS_NOTHING = (
    "hi hey dear sir madam team support desk customer service help helping question questions problem problems issue issues request ticket "
    "morning afternoon evening today yesterday now minutes minute hour hours moment week day days since ago again still already always "
    "work works working worked try tried trying need needs want wants like know look looks looking see get gets getting got use using used "
    "user users make fix fixed urgent asap soon quickly possible anyone everyone someone everybody nobody colleagues company office us just "
    "also more very much some all than then them only every after before into out says say said shows show shown tell happens happening "
    "happened something anything nothing wrong broken fails failing failed fail stopped cannot can't cant unable one two first last new "
    "kind best sincerely cheers hear reply answer let me any advance am were did does doing done going go come back here there side several "
    "because while if both same other another message messages being so too really sorry "
    "guten tag morgen abend sehr geehrte damen herren team liebe lieber hilfe problem probleme frage fragen anfrage seit heute gestern früh "
    "jetzt gerade minuten stunde stunden woche immer wieder schon mehr geht gehen ging funktioniert funktionieren klappt kommt kommen "
    "kommen komme erscheint zeigt steht sagt sehen sehe gibt mal alle alles kollegen firma büro mitarbeiter kunden kunde leider dringend "
    "schnell bald danke vielen dank gruß grüße grüssen kaputt versuche versucht möchte brauche brauchen weiß wissen etwas jemand können könnt "
    "könnten liebe gar mehrere selbst beim vom ein diese dieser dieses hier dort wurde wurden sind waren war hat hatte ich du ihn unser "
    "unsere unserer unserem meiner meinem nachricht "
    "madame monsieur équipe aide problème problèmes question demande ce matin hier aujourd'hui maintenant minutes heure heures semaine "
    "toujours encore déjà plus marche fonctionne fonctionnent impossible peux peut pouvez pouvons voir vois affiche dit tous tout toute "
    "collègues entreprise bureau client clients urgent vite cordialement salutations d'avance avance essayé essaie besoin savoir quelque "
    "chose quelqu'un personne arrive arrivons on ai a avons avez ont fait faire même message ne j n l d qu s "
    "estimados señores equipo ayuda problema problemas pregunta solicitud mañana hoy ayer ahora minutos hora horas semana siempre todavía "
    "aún funciona funcionan puede podemos pueden ver veo aparece sale dice todos todo toda compañeros empresa oficina cliente clientes "
    "urgente pronto cordial favor intento intentado necesito necesitamos saber algo alguien buenas tardes cuanto antes mensaje da me nuestro "
    "nuestra nada "
    "gentili signori assistenza aiuto problema domanda richiesta mattina stamattina oggi ieri adesso ora minuti ore settimana sempre ancora "
    "già funziona funzionano riesco riusciamo possibile può vedere vedo appare compare dice tutti tutto tutta colleghi azienda ufficio "
    "clienti urgente presto cordiali provato bisogno sapere qualcosa qualcuno buona sera dalle da al alla ci vi si mi messaggio esce "
    "prezados equipe ajuda problema pergunta pedido manhã hoje ontem agora minutos hora horas semana sempre ainda funciona funcionam "
    "consigo conseguimos pode podemos ver vejo aparece diz todos tudo toda colegas empresa escritório cliente clientes urgente logo "
    "atenciosamente tentei tentamos preciso precisamos saber algo alguém boa tarde noite desde nosso nossa mensagem dá "
    "beste geachte heer mevrouw team hulp probleem problemen vraag verzoek vanmorgen vanochtend ochtend vandaag gisteren nu minuten uur week "
    "altijd steeds weer al werkt werken doet lukt kunnen kan zien zie verschijnt staat zegt iedereen alles collega's bedrijf kantoor klant "
    "klanten dringend snel spoed vriendelijke groet geprobeerd nodig weten iets iemand goede goedemorgen alvast sinds krijg krijgen "
    "onze ons meer"
)  # fmt: skip
