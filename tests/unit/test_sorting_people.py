"""Mails that people wrote, the ones that look most like a robot's among them. None may be called a robot's.

Each row of a language is the same kind of mail as in the others; `KINDS` says what it is and which fields it carries.
"""

import pytest
from support.mails.mails import mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Kind

# What stands in a row, and the fields that its mail has beside subject and text.
KINDS: tuple[tuple[str, dict[str, str]], ...] = (
    ("asks about a bounce and quotes it", {}),
    ("forwards a note of absence", {"x_mailer": "Mail"}),
    ("writes about undelivered mail", {"x_auto_response_suppress": "All"}),
    ("asks how automatic replies are set up", {}),
    ("tells of a vacation", {"in_reply_to": "<x@example.net>"}),
    ("writes on a list", {"precedence": "list", "list_id": "<users.example.org>"}),
    ("has a signature that a program adds", {"auto_submitted": "no"}),
    ("answers from Exchange", {"x_auto_response_suppress": "DR, RN, NRN, OOF, AutoReply", "thread_index": "AdFuZ6Xx"}),
    ("was read", {"disposition_notification_to": "anna@example.org"}),
    ("asks to confirm something", {"reply_to": "anna@example.org"}),
    ("tells of a full mailbox", {"from": "anna@example.org"}),
    ("tells of spam and viruses", {"list_unsubscribe": "<mailto:out@example.org>"}),
    ("has an address of duty", {"from": "Pat Smith <postmaster@example.org>"}),
    ("answers a robot", {"references": "<bounce@example.net>", "user_agent": "Thunderbird"}),
    ("complains that the desk only answers automatically", {"from": "admin@example.org"}),
    ("sends through old list software", {"precedence": "bulk", "sender": "owner-users@example.org"}),
)

# Subject | text. A slash between blanks is a line end.
PEOPLE = {
    "en": """
        My mail came back | Hello, / my mail to bob@example.net came back: / <bob@example.net>: 550 5.1.1 User unknown / What can I do?
        Fwd: Automatic reply: Order | Bob is away, see below. Who can help? / > I am out of the office until 12 June.
        Undelivered mail to your office | Hi, / mails to sales@example.com could not be delivered since Monday. Please look into it.
        Automatic reply: how do I turn it off | Hi, can you help? My automatic reply is still on though I am back in the office.
        Re: Appointment | I am on vacation next week, so please call me on Friday.
        Printer | Does anybody know how to reset the printer?
        Login | I cannot log in. / -- / This message was generated automatically by our mail gateway.
        RE: Invoice | Thanks, I will be out of the office tomorrow. Please send the invoice to Eve (eve@example.net).
        Read: chapter 3 of the manual | I read it and still have a question about step two.
        Please confirm my booking | Please verify that my booking for two is all right.
        Mailbox full | My mailbox is full and I cannot send mail. Error 552 5.2.2 over quota. Can you enlarge it?
        Spam from your server | Your server sends spam to bob@example.net. It was blocked. Please stop it.
        Delivery failure | Dear team, / our users get a delivery failure when they write to help@example.com. Log: 554 5.7.1 rejected.
        Re: Undeliverable: Offer | This address does exist: bob@example.net. Why was it rejected?
        Automatic response | I keep getting automatic responses only. Please let a person answer.
        Vacation module | The vacation module shows wrong days for me.
    """,
    "de": """
        Meine Mail kam zurück | Hallo, / meine Mail an bob@example.net kam zurück: / 550 5.1.1 unbekannter Empfänger / Was soll ich tun?
        WG: Abwesenheitsnotiz: Bestellung | Herr Maier ist weg, siehe unten. / > Ich bin bis 12. Juni nicht im Büro.
        Unzustellbare Nachrichten | Guten Tag, / Mails an vertrieb@example.com konnten seit Montag nicht zugestellt werden.
        Automatische Antwort: wie ausschalten | Ich bin zurück, aber die Abwesenheit wird weiter gesendet. Können Sie sie abschalten?
        AW: Termin | Nächste Woche bin ich im Urlaub, bitte rufen Sie mich am Freitag an.
        Drucker | Weiß jemand, wie man den Drucker zurücksetzt?
        Anmeldung | Ich komme nicht hinein. / -- / Diese Nachricht wurde automatisch vom Gateway ergänzt.
        AW: Rechnung | Danke, morgen bin ich nicht im Haus. Bitte an eva@example.net senden.
        Gelesen: Kapitel 3 | Ich habe es gelesen und noch eine Frage zu Schritt zwei.
        Bitte bestätigen Sie meine Buchung | Ist meine Buchung für zwei Personen in Ordnung?
        Postfach voll | Mein Postfach ist voll, Fehler 552 5.2.2. Können Sie es vergrößern?
        Spam von Ihrem Server | Ihr Server schickt Spam an bob@example.net. Er wurde blockiert. Bitte abstellen.
        Zustellung fehlgeschlagen | Sehr geehrte Damen und Herren, / unsere Nutzer können nicht an help@example.com schreiben: 554 5.7.1
        AW: Unzustellbar: Angebot | Die Adresse bob@example.net gibt es. Warum wurde sie abgelehnt?
        Auto: Reparatur | Mein Auto ist in der Werkstatt, ich bin daher erst um zehn im Büro.
        Abwesenheit: falsche Tage | Das Modul für Abwesenheit zeigt falsche Tage an.
    """,
    "fr": """
        Mon message est revenu | Bonjour, / mon message à bob@example.net est revenu : / 550 5.1.1 utilisateur inconnu / Que faire ?
        TR: Réponse automatique : Commande | Il est absent, voir ci-dessous. / > Je suis absent du bureau jusqu'au 12 juin.
        Messages non distribués | Bonjour, / les messages à ventes@example.com n'ont pas pu être remis depuis lundi.
        Réponse automatique : la désactiver | Je suis de retour, comment désactiver ma réponse d'absence ?
        Re: Rendez-vous | Je serai en vacances la semaine prochaine, appelez-moi vendredi.
        Imprimante | Quelqu'un sait-il réinitialiser l'imprimante ?
        Connexion | Je ne peux pas me connecter. / -- / Message complété automatiquement par la passerelle.
        RE: Facture | Merci, demain je suis absent du bureau. Écrivez à eve@example.net.
        Lu : chapitre 3 | Je l'ai lu, il me reste une question.
        Veuillez confirmer ma réservation | Ma réservation pour deux est-elle en ordre ?
        Boîte pleine | Ma boîte est pleine, erreur 552 5.2.2. Pouvez-vous l'agrandir ?
        Spam | Votre serveur envoie du spam à bob@example.net, il a été bloqué.
        Échec de remise | Bonjour, / nos utilisateurs ne peuvent pas écrire à help@example.com : 554 5.7.1
        RE: Non remis : Offre | L'adresse bob@example.net existe. Pourquoi ce refus ?
        Réponse automatique | Je ne reçois que des réponses automatiques. Une personne peut-elle répondre ?
        Absence : jours faux | Le module d'absence affiche des jours faux.
    """,
    "es": """
        Mi correo volvió | Hola, / mi correo a bob@example.net volvió: / 550 5.1.1 usuario desconocido / ¿Qué hago?
        RV: Respuesta automática: Pedido | Está ausente, véase abajo. / > Estoy fuera de la oficina hasta el 12 de junio.
        Correo no entregado | Hola, / los correos a ventas@example.com no se han podido entregar desde el lunes.
        Respuesta automática: desactivar | Ya he vuelto, ¿cómo puedo desactivar la respuesta?
        Re: Cita | La próxima semana estoy de vacaciones, llámeme el viernes.
        Impresora | ¿Alguien sabe reiniciar la impresora?
        Acceso | No puedo entrar. / -- / Mensaje completado automáticamente por la pasarela.
        RE: Factura | Gracias, mañana estaré fuera de la oficina. Escriba a eve@example.net.
        Leído: capítulo 3 | Lo he leído y tengo una pregunta.
        Confirme su reserva | Por favor, ¿está bien mi reserva para dos?
        Buzón lleno | Mi buzón está lleno, error 552 5.2.2. ¿Pueden ampliarlo?
        Spam | Su servidor envía spam a bob@example.net y fue bloqueado.
        Error de entrega | Estimados señores: / nuestros usuarios no pueden escribir a help@example.com: 554 5.7.1
        RE: No se puede entregar: Oferta | La dirección bob@example.net existe. ¿Por qué se rechazó?
        Respuesta automática | Solo recibo respuestas automáticas. Que conteste una persona, por favor.
        Ausencia: días erróneos | El módulo de ausencias muestra días erróneos.
    """,
    "it": """
        La mia mail è tornata | Salve, / la mail a bob@example.net è tornata: / 550 5.1.1 utente sconosciuto / Che faccio?
        I: Risposta automatica: Ordine | È via, vedi sotto. / > Sono fuori ufficio fino al 12 giugno.
        Messaggi non recapitabili | Buongiorno, / da lunedì non è stato possibile recapitare mail a vendite@example.com.
        Risposta automatica: disattivare | Sono tornato, come posso disattivare la risposta?
        R: Appuntamento | La prossima settimana sono in ferie, mi chiami venerdì.
        Stampante | Qualcuno sa come riavviare la stampante?
        Accesso | Non riesco a entrare. / -- / Messaggio completato automaticamente dal gateway.
        R: Fattura | Grazie, domani sono fuori sede. Scriva a eve@example.net.
        Letto: capitolo 3 | L'ho letto e ho una domanda.
        Confermi il mio ordine | Il mio ordine è in regola?
        Casella piena | La mia casella è piena, errore 552 5.2.2. Potete ampliarla?
        Spam | Il vostro server manda spam a bob@example.net ed è stato bloccato.
        Mancato recapito | Gentili signori, / i nostri utenti non riescono a scrivere a help@example.com: 554 5.7.1
        R: Non recapitabile: Offerta | L'indirizzo bob@example.net esiste. Perché è stato rifiutato?
        Risposta automatica | Ricevo solo risposte automatiche. Può rispondere una persona?
        Assenza: giorni errati | Il modulo delle assenze mostra giorni errati.
    """,
    "pt": """
        O meu e-mail voltou | Olá, / o meu e-mail para bob@example.net voltou: / 550 5.1.1 utilizador desconhecido / O que faço?
        ENC: Resposta automática: Pedido | Está ausente, veja abaixo. / > Estou fora do escritório até 12 de junho.
        Mensagens não entregues | Olá, / desde segunda não foi possível entregar mensagens a vendas@example.com.
        Resposta automática: desativar | Já voltei, como posso desativar a resposta?
        Re: Reunião | Na próxima semana estou de férias, ligue-me na sexta.
        Impressora | Alguém sabe reiniciar a impressora?
        Acesso | Não consigo entrar. / -- / Mensagem completada automaticamente pelo servidor.
        RE: Fatura | Obrigado, amanhã estarei ausente. Escreva para eve@example.net.
        Lida: capítulo 3 | Li e tenho uma pergunta.
        Confirme sua reserva | A minha reserva para dois está bem?
        Caixa cheia | A minha caixa está cheia, erro 552 5.2.2. Podem aumentá-la?
        Spam | O vosso servidor envia spam a bob@example.net e foi bloqueado.
        Falha na entrega | Caros senhores, / os nossos utilizadores não conseguem escrever para help@example.com: 554 5.7.1
        RES: Não entregue: Proposta | O endereço bob@example.net existe. Por que foi recusado?
        Resposta automática | Só recebo respostas automáticas. Pode responder uma pessoa?
        Ausência: dias errados | O módulo de ausências mostra dias errados.
    """,
    "nl": """
        Mijn mail kwam terug | Hallo, / mijn mail aan bob@example.net kwam terug: / 550 5.1.1 onbekende gebruiker / Wat nu?
        FW: Automatisch antwoord: Bestelling | Hij is er niet, zie onder. / > Ik ben afwezig tot 12 juni.
        Niet bezorgde berichten | Goedemorgen, / sinds maandag kan mail aan verkoop@example.com niet worden bezorgd.
        Automatisch antwoord: uitschakelen | Ik ben terug, hoe kan ik het uitschakelen?
        Antw: Afspraak | Volgende week ben ik met vakantie, bel mij vrijdag.
        Printer | Weet iemand hoe je de printer herstart?
        Inloggen | Ik kan niet inloggen. / -- / Dit bericht is automatisch aangevuld door de gateway.
        RE: Factuur | Bedankt, morgen ben ik niet op kantoor. Schrijf aan eve@example.net.
        Gelezen: hoofdstuk 3 | Ik heb het gelezen en heb nog een vraag.
        Bevestig uw afspraak | Klopt mijn afspraak voor morgen?
        Postvak vol | Mijn postvak zit vol, fout 552 5.2.2. Kunt u het vergroten?
        Spam | Uw server stuurt spam naar bob@example.net en is geblokkeerd.
        Onbestelbaar | Beste mensen, / onze gebruikers kunnen niet schrijven naar help@example.com: 554 5.7.1
        RE: Onbestelbaar: Offerte | Het adres bob@example.net bestaat. Waarom is het geweigerd?
        Automatisch antwoord | Ik krijg alleen automatische antwoorden. Kan een mens antwoorden?
        Afwezigheid: verkeerde dagen | De module voor afwezigheid toont verkeerde dagen.
    """,
    "pl": """
        Mój mail wrócił | Dzień dobry, / mail do bob@example.net wrócił: / 550 5.1.1 nieznany użytkownik / Co robić?
        PD: Automatyczna odpowiedź: Zamówienie | Nie ma go, patrz niżej. / > Jestem na urlopie do 12 czerwca.
        Niedostarczone wiadomości | Dzień dobry, / od poniedziałku nie można dostarczyć maili do biuro@example.com.
        Automatyczna odpowiedź: wyłączenie | Wróciłem, jak wyłączyć odpowiedź?
        Odp: Spotkanie | W przyszłym tygodniu jestem na urlopie, proszę dzwonić w piątek.
        Drukarka | Czy ktoś wie, jak zresetować drukarkę?
        Logowanie | Nie mogę się zalogować. / -- / Wiadomość uzupełniona automatycznie przez bramkę.
        RE: Faktura | Dziękuję, jutro jestem poza biurem. Proszę pisać do eve@example.net.
        Przeczytane: rozdział 3 | Przeczytałem i mam pytanie.
        Proszę potwierdzić rezerwację | Czy moja rezerwacja jest w porządku?
        Skrzynka pełna | Moja skrzynka jest pełna, błąd 552 5.2.2. Czy można ją powiększyć?
        Spam | Wasz serwer wysyła spam do bob@example.net i został zablokowany.
        Zwrot poczty | Szanowni Państwo, / nasi użytkownicy nie mogą pisać do help@example.com: 554 5.7.1
        Odp: Niedostarczone: Oferta | Adres bob@example.net istnieje. Dlaczego odrzucono?
        Automatyczna odpowiedź | Dostaję tylko automatyczne odpowiedzi. Czy może odpisać człowiek?
        Nieobecność: złe dni | Moduł nieobecności pokazuje złe dni.
    """,
    "ru": """
        Моё письмо вернулось | Здравствуйте, / письмо на bob@example.net вернулось: / 550 5.1.1 нет такого пользователя / Что делать?
        Пересл: Автоматический ответ: Заказ | Его нет, см. ниже. / > Я в отпуске до 12 июня.
        Недоставленные письма | Здравствуйте, / с понедельника не удалось доставить письма на sales@example.com.
        Автоматический ответ: отключить | Я вернулся, как отключить ответ?
        Re: Встреча | На следующей неделе я в отпуске, позвоните мне в пятницу.
        Принтер | Кто-нибудь знает, как сбросить принтер?
        Вход | Не могу войти. / -- / Сообщение дополнено автоматически шлюзом.
        RE: Счёт | Спасибо, завтра меня нет на месте. Пишите на eve@example.net.
        Прочитано: глава 3 | Я прочитал, есть вопрос.
        Подтвердите бронь | Моя бронь на двоих в порядке?
        Ящик переполнен | Мой ящик переполнен, ошибка 552 5.2.2. Можете увеличить?
        Спам | Ваш сервер шлёт спам на bob@example.net и заблокирован.
        Не доставлено | Уважаемые коллеги, / наши пользователи не могут писать на help@example.com: 554 5.7.1
        Re: Недоставлено: Предложение | Адрес bob@example.net существует. Почему отказ?
        Автоматический ответ | Приходят только автоматические ответы. Пусть ответит человек.
        Отсутствие: неверные дни | Модуль показывает неверные дни.
    """,
    "uk": """
        Мій лист повернувся | Вітаю, / лист на bob@example.net повернувся: / 550 5.1.1 немає такого користувача / Що робити?
        Fwd: Автоматична відповідь: Замовлення | Його немає, див. нижче. / > Я у відпустці до 12 червня.
        Недоставлені листи | Вітаю, / з понеділка не вдалося доставити листи на sales@example.com.
        Автоматична відповідь: вимкнути | Я повернувся, чому вона ще надсилається?
        Re: Зустріч | Наступного тижня я у відпустці, зателефонуйте в п'ятницю.
        Принтер | Хтось знає, як скинути принтер?
        Вхід | Не можу увійти. / -- / Повідомлення доповнене автоматично шлюзом.
        RE: Рахунок | Дякую, завтра я поза офісом. Пишіть на eve@example.net.
        Прочитано: розділ 3 | Я прочитав, маю питання.
        Підтвердіть бронювання | Моє бронювання в порядку?
        Скринька повна | Моя скринька повна, помилка 552 5.2.2. Можете збільшити?
        Спам | Ваш сервер шле спам на bob@example.net і заблокований.
        Не доставлено | Шановні, / наші користувачі не можуть писати на help@example.com: 554 5.7.1
        Re: Не доставлено: Пропозиція | Адреса bob@example.net існує. Чому відмова?
        Автоматична відповідь | Надходять лише автоматичні відповіді. Нехай відповість людина.
        Відсутність: хибні дні | Модуль показує хибні дні.
    """,
    "sv": """
        Mitt mejl kom tillbaka | Hej, / mitt mejl till bob@example.net kom tillbaka: / 550 5.1.1 okänd användare / Vad gör jag?
        VB: Autosvar: Beställning | Han är borta, se nedan. / > Jag är på semester till 12 juni.
        Ej levererade mejl | Hej, / sedan i måndags kan mejl till salj@example.com inte levereras.
        Autosvar: stänga av | Jag är tillbaka, hur stänger jag av det?
        SV: Möte | Nästa vecka är jag på semester, ring mig på fredag.
        Skrivare | Vet någon hur man nollställer skrivaren?
        Inloggning | Jag kommer inte in. / -- / Meddelandet kompletterades automatiskt av gatewayen.
        SV: Faktura | Tack, i morgon är jag inte på kontoret. Skriv till eve@example.net.
        Läst: kapitel 3 | Jag har läst det och har en fråga.
        Bekräfta ditt besök | Stämmer min tid i morgon?
        Brevlådan full | Min brevlåda är full, fel 552 5.2.2. Kan ni utöka den?
        Spam | Er server skickar spam till bob@example.net och är blockerad.
        Kan inte levereras | Hej alla, / våra användare kan inte skriva till help@example.com: 554 5.7.1
        SV: Ej levererat: Offert | Adressen bob@example.net finns. Varför nekades den?
        Automatiskt svar | Jag får bara automatiska svar. Kan en människa svara?
        Frånvaro: fel dagar | Frånvaromodulen visar fel dagar.
    """,
    "da": """
        Min mail kom retur | Hej, / min mail til bob@example.net kom retur: / 550 5.1.1 ukendt bruger / Hvad gør jeg?
        VS: Automatisk svar: Ordre | Han er væk, se nedenfor. / > Jeg holder ferie til 12. juni.
        Ikke leverede mails | Hej, / siden mandag kunne mails til salg@example.com ikke leveres.
        Automatisk svar: slå fra | Jeg er tilbage, hvordan slår jeg det fra?
        SV: Møde | I næste uge har jeg ferie, ring til mig fredag.
        Printer | Er der nogen, der kan nulstille printeren?
        Login | Jeg kan ikke logge ind. / -- / Meddelelsen er suppleret automatisk af gatewayen.
        SV: Faktura | Tak, i morgen er jeg ikke på kontoret. Skriv til eve@example.net.
        Læst: kapitel 3 | Jeg har læst det og har et spørgsmål.
        Bekræft min tid | Passer min tid i morgen?
        Postkassen fuld | Min postkasse er fuld, fejl 552 5.2.2. Kan I udvide den?
        Spam | Jeres server sender spam til bob@example.net og er blokeret.
        Kan ikke leveres | Kære alle, / vores brugere kan ikke skrive til help@example.com: 554 5.7.1
        SV: Kan ikke leveres: Tilbud | Adressen bob@example.net findes. Hvorfor blev den afvist?
        Automatisk svar | Jeg får kun automatiske svar. Kan et menneske svare?
        Fravær: forkerte dage | Fraværsmodulet viser forkerte dage.
    """,
    "no": """
        E-posten min kom i retur | Hei, / e-posten til bob@example.net kom i retur: / 550 5.1.1 ukjent bruker / Hva gjør jeg?
        VS: Automatisk svar: Ordre | Han er borte, se under. / > Jeg er ute av kontoret til 12. juni.
        Ikke levert e-post | Hei, / siden mandag kunne ikke e-post til salg@example.com leveres.
        Automatisk svar: slå av | Jeg er tilbake, hvordan slår jeg det av?
        SV: Møte | Neste uke har jeg ferie, ring meg fredag.
        Skriver | Vet noen hvordan man nullstiller skriveren?
        Innlogging | Jeg kommer ikke inn. / -- / Meldingen er utfylt automatisk av gatewayen.
        SV: Faktura | Takk, i morgen er jeg ikke på kontoret. Skriv til eve@example.net.
        Lest: kapittel 3 | Jeg har lest det og har et spørsmål.
        Bekreft timen min | Stemmer timen i morgen?
        Postkassen full | Postkassen min er full, feil 552 5.2.2. Kan dere utvide den?
        Spam | Serveren deres sender spam til bob@example.net og er blokkert.
        Kan ikke leveres | Kjære alle, / brukerne våre kan ikke skrive til help@example.com: 554 5.7.1
        SV: Kan ikke leveres: Tilbud | Adressen bob@example.net finnes. Hvorfor ble den avvist?
        Automatisk svar | Jeg får bare automatiske svar. Kan et menneske svare?
        Fravær: feil dager | Fraværsmodulen viser feil dager.
    """,
    "fi": """
        Viestini palautui | Hei, / viestini osoitteeseen bob@example.net palautui: / 550 5.1.1 tuntematon käyttäjä / Mitä teen?
        VL: Automaattinen vastaus: Tilaus | Hän on poissa, katso alta. / > Olen lomalla 12. kesäkuuta asti.
        Toimittamattomat viestit | Hei, / maanantaista lähtien viestejä ei voitu toimittaa osoitteeseen myynti@example.com.
        Automaattinen vastaus: pois päältä | Palasin töihin, miten se poistetaan?
        VS: Tapaaminen | Ensi viikolla olen lomalla, soita perjantaina.
        Tulostin | Tietääkö joku, miten tulostin nollataan?
        Kirjautuminen | En pääse sisään. / -- / Yhdyskäytävä täydensi viestin automaattisesti.
        VS: Lasku | Kiitos, huomenna en ole toimistolla. Kirjoita eve@example.net.
        Luettu: luku 3 | Luin sen ja minulla on kysymys.
        Vahvistakaa varaus | Onko varaukseni kunnossa?
        Postilaatikko täynnä | Postilaatikkoni on täynnä, virhe 552 5.2.2. Voitteko suurentaa sen?
        Roskaposti | Palvelimenne lähettää roskapostia osoitteeseen bob@example.net ja se on estetty.
        Toimitusvirhe | Hyvät vastaanottajat, / käyttäjämme eivät voi kirjoittaa osoitteeseen help@example.com: 554 5.7.1
        VS: Toimittamaton: Tarjous | Osoite bob@example.net on olemassa. Miksi se hylättiin?
        Automaattinen vastaus | Saan vain automaattisia vastauksia. Voiko ihminen vastata?
        Poissaolo: väärät päivät | Poissaolomoduuli näyttää vääriä päiviä.
    """,
    "cs": """
        Můj mail se vrátil | Dobrý den, / mail na bob@example.net se vrátil: / 550 5.1.1 neznámý uživatel / Co mám dělat?
        FW: Automatická odpověď: Objednávka | Je pryč, viz níže. / > Jsem na dovolené do 12. června.
        Nedoručené zprávy | Dobrý den, / od pondělí nelze doručit maily na prodej@example.com.
        Automatická odpověď: vypnutí | Vrátil jsem se, proč se pořád posílá?
        RE: Schůzka | Příští týden jsem na dovolené, zavolejte mi v pátek.
        Tiskárna | Neví někdo, jak resetovat tiskárnu?
        Přihlášení | Nemohu se přihlásit. / -- / Zprávu automaticky doplnila brána.
        RE: Faktura | Děkuji, zítra jsem mimo kancelář. Pište na eve@example.net.
        Přečteno: kapitola 3 | Přečetl jsem to a mám otázku.
        Potvrďte rezervaci | Je moje rezervace v pořádku?
        Schránka plná | Moje schránka je plná, chyba 552 5.2.2. Můžete ji zvětšit?
        Spam | Váš server posílá spam na bob@example.net a byl zablokován.
        Nedoručitelné | Vážení, / naši uživatelé nemohou psát na help@example.com: 554 5.7.1
        RE: Nedoručitelné: Nabídka | Adresa bob@example.net existuje. Proč byla odmítnuta?
        Automatická odpověď | Dostávám jen automatické odpovědi. Může odpovědět člověk?
        Nepřítomnost: špatné dny | Modul nepřítomnosti ukazuje špatné dny.
    """,
    "hu": """
        Visszajött a levelem | Jó napot, / a bob@example.net címre írt levelem visszajött: / 550 5.1.1 ismeretlen felhasználó / Mit tegyek?
        Továbbítás: Automatikus válasz: Rendelés | Nincs bent, lásd lent. / > Szabadságon vagyok június 12-ig.
        Kézbesíthetetlen levelek | Jó napot, / hétfő óta nem sikerült kézbesíteni a sales@example.com leveleit.
        Automatikus válasz: kikapcsolás | Visszajöttem, miért megy még ki?
        Vá: Találkozó | Jövő héten szabadságon vagyok, hívjon pénteken.
        Nyomtató | Tudja valaki, hogyan kell alaphelyzetbe tenni a nyomtatót?
        Belépés | Nem tudok belépni. / -- / Az üzenetet az átjáró automatikusan kiegészítette.
        Vá: Számla | Köszönöm, holnap nem vagyok az irodában. Írjon ide: eve@example.net.
        Elolvasva: 3. fejezet | Elolvastam, és van egy kérdésem.
        Kérem, erősítse meg a foglalást | Rendben van a foglalásom?
        Megtelt a postafiók | Megtelt a postafiókom, hiba 552 5.2.2. Tudnák növelni?
        Spam | A szerverük spamet küld a bob@example.net címre, letiltották.
        Sikertelen kézbesítés | Tisztelt Címzettek, / felhasználóink nem tudnak írni a help@example.com címre: 554 5.7.1
        Vá: Kézbesíthetetlen: Ajánlat | A bob@example.net cím létezik. Miért utasították el?
        Automatikus válasz | Csak automatikus válaszokat kapok. Válaszolna egy ember?
        Távollét: hibás napok | A távolléti modul hibás napokat mutat.
    """,
    "tr": """
        Postam geri döndü | Merhaba, / bob@example.net adresine postam geri döndü: / 550 5.1.1 bilinmeyen kullanıcı / Ne yapmalıyım?
        İLT: Otomatik yanıt: Sipariş | Kendisi yok, aşağıya bakın. / > 12 Haziran tarihine kadar izindeyim.
        Teslim edilemedi | Merhaba, / pazartesiden beri satis@example.com adresine postalar teslim edilemedi.
        Otomatik yanıt: kapatma | Döndüm, nasıl kapatabilirim?
        YNT: Toplantı | Gelecek hafta tatildeyim, cuma beni arayın.
        Yazıcı | Yazıcıyı sıfırlamayı bilen var mı?
        Giriş | Giriş yapamıyorum. / -- / Bu ileti ağ geçidi tarafından otomatik tamamlandı.
        YNT: Fatura | Teşekkürler, yarın ofis dışında olacağım. eve@example.net adresine yazın.
        Okundu: bölüm 3 | Okudum ve bir sorum var.
        Rezervasyonumu onaylayın | Rezervasyonum tamam mı?
        Posta kutusu dolu | Posta kutum dolu, hata 552 5.2.2. Büyütebilir misiniz?
        Spam | Sunucunuz bob@example.net adresine spam gönderiyor ve engellendi.
        Teslim edilemiyor | Sayın yetkili, / kullanıcılarımız help@example.com adresine yazamıyor: 554 5.7.1
        YNT: Teslim edilemedi: Teklif | bob@example.net adresi var. Neden reddedildi?
        Otomatik yanıt | Yalnız otomatik yanıt alıyorum. Bir insan yanıtlasın.
        İzin: yanlış günler | İzin modülü yanlış günler gösteriyor.
    """,
    "zh": """
        我的邮件被退回 | 您好， / 我发给 bob@example.net 的邮件被退回： / 550 5.1.1 用户不存在 / 怎么办？
        转发: 自动回复: 订单 | 他不在，见下文。 / > 我在休假，至6月12日。
        邮件未送达 | 您好， / 从周一起发给 sales@example.com 的邮件无法送达。
        自动回复: 怎么关闭 | 我已经回来了，怎么关闭自动回复？
        回复: 会议 | 我下周休假，请周五打电话给我。
        打印机 | 有人知道怎么重置打印机吗？
        登录 | 我无法登录。 / -- / 本邮件由网关自动补充。
        答复: 发票 | 谢谢，明天我不在办公室。请写给 eve@example.net。
        已读: 第三章 | 我读了，还有一个问题。
        请确认我的预订 | 我的两人预订没问题吗？
        邮箱已满 | 我的邮箱已满，错误 552 5.2.2。能扩大吗？
        垃圾邮件 | 你们的服务器向 bob@example.net 发送垃圾邮件，已被拦截。
        投递失败 | 尊敬的客服， / 我们的用户无法写信给 help@example.com：554 5.7.1
        回复: 退信: 报价 | bob@example.net 这个地址存在。为什么被拒绝？
        自动回复 | 我只收到自动回复，请让人来回答，怎么联系？
        休假: 天数错误 | 休假模块显示的天数不对。
    """,
    "ja": """
        メールが戻ってきました | お世話になっております、 / bob@example.net へのメールが戻りました： / 550 5.1.1 User unknown / どうすればよいですか？
        転送: 自動応答: 注文 | 担当者が不在です。下をご覧ください。 / > 6月12日まで休暇です。
        配信エラーについて | こんにちは、 / 月曜日から sales@example.com に配信できません。
        自動返信: 止める方法を教えてください | 出張から戻りましたが、どうすれば止まりますか。
        返信: 打ち合わせ | 来週は休暇ですので、金曜日にお電話ください。
        プリンター | プリンターの初期化の方法をご存じですか。
        ログイン | ログインできません。 / -- / このメールはゲートウェイが自動で補いました。
        返信: 請求書 | ありがとうございます。明日は不在です。eve@example.net にお送りください。
        既読: 第三章 | 読みました。質問があります。
        予約をご確認ください | 二名の予約は大丈夫でしょうか。
        メールボックスがいっぱい | 容量がいっぱいです。エラー 552 5.2.2。増やせますか。
        迷惑メール | そちらのサーバーが bob@example.net に迷惑メールを送っています。
        配信不能 | ご担当者様、 / 利用者が help@example.com に送信できません：554 5.7.1
        返信: 配信不能: 見積 | bob@example.net は存在します。なぜ拒否されましたか。
        自動応答 | 自動応答しか届きません。どうすれば人と話せますか。
        休暇: 日数の誤り | 休暇の画面の日数が違います。
    """,
    "ko": """
        메일이 반송되었습니다 | 안녕하세요, / bob@example.net 으로 보낸 메일이 돌아왔습니다: / 550 5.1.1 User unknown / 어떻게 하나요?
        전달: 자동 회신: 주문 | 담당자가 없습니다. 아래를 보세요. / > 6월 12일까지 휴가입니다.
        배달되지 않은 메일 | 안녕하세요, / 월요일부터 sales@example.com 으로 배달할 수 없습니다.
        자동 회신: 끄는 방법 | 휴가에서 돌아왔는데 어떻게 끄나요?
        회신: 회의 | 다음 주는 휴가이니 금요일에 전화 주세요.
        프린터 | 프린터 초기화 방법을 아시나요?
        로그인 | 로그인이 안 됩니다. / -- / 이 메일은 게이트웨이가 자동으로 보완했습니다.
        회신: 청구서 | 감사합니다. 내일은 자리를 비웁니다. eve@example.net 으로 보내 주세요.
        읽음: 3장 | 읽었고 질문이 있습니다.
        예약을 확인해 주세요 | 두 명 예약이 맞나요?
        메일함이 가득 찼습니다 | 메일함이 가득 찼습니다. 오류 552 5.2.2. 늘려 주실 수 있나요?
        스팸 | 귀사 서버가 bob@example.net 으로 스팸을 보내 차단되었습니다.
        전송 실패 | 담당자님, / 사용자들이 help@example.com 으로 쓸 수 없습니다: 554 5.7.1
        회신: 배달되지 않음: 견적 | bob@example.net 주소는 있습니다. 왜 거부되었나요?
        자동 회신 | 자동 회신만 옵니다. 어떻게 사람과 연락하나요?
        부재: 날짜 오류 | 부재 화면의 날짜가 틀립니다.
    """,
}  # fmt: skip


def rows() -> list[tuple[str, str, str, int]]:
    found = []
    for language, table in PEOPLE.items():
        for number, row in enumerate(line.strip() for line in table.strip().split("\n")):
            subject, text = row.split(" | ")
            found.append((language, subject, text.replace(" / ", "\n"), number))
    return found


def test_the_table_is_whole() -> None:
    assert len(PEOPLE) >= 18
    assert len(rows()) >= 300
    assert len(rows()) == len(PEOPLE) * len(KINDS)


@pytest.mark.parametrize(("language", "subject", "text", "number"), rows())
def test_a_person_is_never_called_a_robot(language: str, subject: str, text: str, number: int) -> None:
    kind, fields = KINDS[number]
    message = read(mail(text, subject=subject, content_type="text/plain; charset=utf-8", **fields)).message
    on_list = "precedence" in fields
    assert message.kind is (Kind.LIST if on_list else Kind.PERSON), kind
    assert message.delivery_report is None
    assert message.out_of_office is None


@pytest.mark.parametrize(("language", "subject", "text", "number"), rows())
def test_nor_when_he_gives_no_name_and_no_program(language: str, subject: str, text: str, number: int) -> None:
    """The same mails with the least of evidence for a person: a bare address, no thread, no client."""
    bare = read(mail(text, subject=subject, content_type="text/plain; charset=utf-8", **{"from": "anna@example.org"})).message
    assert bare.kind is Kind.PERSON
