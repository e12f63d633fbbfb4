"""Notes of absence as responders send them, and what people write about absences, in eighteen languages. A slash between blanks is a line end.

Both sets of notes were written before `kind_words` knew their words. Where no field marks them, 33 of the first 74 and 20 of the other 36 were
taken for their author's answer on first sight, so expect that of words which stand nowhere yet. In PEOPLE everybody wants something.
"""

# The subject that a responder of this language writes before a colon.
RESPONDERS = {
    "en": "Automatic reply", "de": "Automatische Antwort", "fr": "Réponse automatique", "es": "Respuesta automática", "it": "Risposta automatica",
    "pt": "Resposta automática", "nl": "Automatisch antwoord", "pl": "Odpowiedź automatyczna", "ru": "Автоматический ответ", "sv": "Autosvar",
    "da": "Automatisk svar", "no": "Automatisk svar", "fi": "Automaattinen vastaus", "cs": "Automatická odpověď", "tr": "Otomatik yanıt",
    "zh": "自动回复", "ja": "自動応答", "ko": "자동 회신",
}  # fmt: skip

NOTES = {
    "en": (
        "Hello, / / thank you for your email. I am out of the office until 5 January with no access to email. / For urgent matters please call +44 20 7946 0000. / / Best regards / Sarah",
        "I'm travelling this week and will reply as soon as I can.",
        "Our office is closed from 24 December to 2 January. Happy holidays!",
        "Thanks for reaching out! I'm on parental leave until March. Bob (bob@acme.example) is looking after my customers.",
        "I no longer work at Acme. Please write to info@acme.example from now on.",
    ),
    "de": (
        "Guten Tag, / / vielen Dank für Ihre Nachricht. Ich bin bis einschließlich 5. Januar nicht im Büro. Ihre E-Mail wird nicht weitergeleitet. / / Mit freundlichen Grüßen / Ines Kühn",
        "Ich bin diese Woche auf Dienstreise und lese meine Mails nur unregelmäßig.",
        "Unser Büro ist vom 24.12. bis 2.1. geschlossen. Frohe Feiertage!",
        "Danke für Ihre Mail! Ich bin im Urlaub und ab 7. Januar wieder für Sie da.",
        "Ich arbeite nicht mehr bei Acme. Bitte wenden Sie sich an info@acme.example.",
    ),
    "fr": (
        "Bonjour, / / je vous remercie de votre message. Je suis absente du bureau jusqu'au 5 janvier inclus. / / Bien cordialement, / Claire",
        "Je suis en déplacement cette semaine et ne consulte mes mails que rarement.",
        "Nos bureaux sont fermés du 24 décembre au 2 janvier. Joyeuses fêtes !",
        "Merci pour votre mail. Actuellement en congés, je vous répondrai à mon retour le 7 janvier.",
    ),
    "es": (
        "Hola, / / gracias por su correo. Estaré fuera de la oficina hasta el 5 de enero sin acceso al correo. / / Un saludo, / Ana",
        "Estoy de viaje esta semana y responderé en cuanto pueda.",
        "Nuestras oficinas permanecerán cerradas del 24 de diciembre al 2 de enero. ¡Felices fiestas!",
        "Gracias por tu mensaje. Estoy de vacaciones y vuelvo el 7 de enero.",
    ),
    "it": (
        "Buongiorno, / / grazie per la Sua mail. Sono fuori ufficio fino al 5 gennaio. Per urgenze scrivere a ugo@acme.example. / / Cordiali saluti / Marta",
        "Questa settimana sono in trasferta e leggo la posta saltuariamente.",
        "I nostri uffici sono chiusi dal 24 dicembre al 2 gennaio. Buone feste!",
        "Grazie del messaggio. Sono in ferie, rientro il 7 gennaio.",
    ),
    "pt": (
        "Olá, / / obrigado pelo seu email. Estarei ausente do escritório até 5 de janeiro. / / Cumprimentos, / Rui",
        "Estou em viagem esta semana e respondo assim que possível.",
        "Os nossos escritórios estão encerrados de 24 de dezembro a 2 de janeiro. Boas festas!",
        "Obrigada pela mensagem. Estou de férias e regresso no dia 7 de janeiro.",
    ),
    "nl": (
        "Beste, / / bedankt voor uw bericht. Ik ben tot en met 5 januari afwezig en lees mijn mail niet. / / Met vriendelijke groet, / Jan",
        "Ik ben deze week op reis en beantwoord uw mail zo snel mogelijk.",
        "Ons kantoor is gesloten van 24 december tot 2 januari. Fijne feestdagen!",
        "Dank voor uw mail. Ik ben met vakantie en 7 januari weer bereikbaar.",
    ),
    "pl": (
        "Dzień dobry, / / dziękuję za wiadomość. Do 5 stycznia przebywam na urlopie. / / Pozdrawiam / Ewa",
        "W tym tygodniu jestem w delegacji i odpowiem najszybciej, jak to możliwe.",
        "Nasze biuro jest nieczynne od 24 grudnia do 2 stycznia. Wesołych Świąt!",
        "Dziękuję za maila. Jestem nieobecna w biurze, wracam 7 stycznia.",
    ),
    "ru": (
        "Здравствуйте! / / Спасибо за ваше письмо. Я в отпуске до 5 января. / / С уважением, / Ирина",
        "На этой неделе я в командировке и отвечу при первой возможности.",
        "Наш офис закрыт с 24 декабря по 2 января. С праздниками!",
        "Спасибо за письмо. Сейчас меня нет на месте, вернусь 7 января.",
    ),
    "sv": (
        "Hej! / / Tack för ditt mejl. Jag är på semester till och med den 5 januari. / / Vänliga hälsningar / Lars",
        "Jag är på resande fot den här veckan och svarar så snart jag kan.",
        "Vårt kontor är stängt 24 december till 2 januari. God jul!",
        "Tack för ditt meddelande. Jag är inte på kontoret och är åter den 7 januari.",
    ),
    "da": (
        "Hej / / Tak for din mail. Jeg holder ferie til og med 5. januar. / / Venlig hilsen / Mette",
        "Jeg er på forretningsrejse i denne uge og svarer, så snart jeg kan.",
        "Vores kontor holder lukket fra 24. december til 2. januar. Glædelig jul!",
        "Tak for din besked. Jeg er ikke på kontoret, men er tilbage den 7. januar.",
    ),
    "no": (
        "Hei! / / Takk for e-posten. Jeg har ferie til og med 5. januar. / / Vennlig hilsen / Kari",
        "Jeg er på reise denne uken og svarer så snart jeg kan.",
        "Kontoret vårt er stengt fra 24. desember til 2. januar. God jul!",
        "Takk for meldingen. Jeg er ikke på kontoret og er tilbake 7. januar.",
    ),
    "fi": (
        "Hei! / / Kiitos viestistäsi. Olen lomalla 5.1. asti. / / Terveisin / Mikko",
        "Olen tämän viikon työmatkalla ja vastaan heti kun voin.",
        "Toimistomme on suljettu 24.12.–2.1. Hyvää joulua!",
        "Kiitos sähköpostistasi. En ole toimistolla, palaan 7.1.",
    ),
    "cs": (
        "Dobrý den, / / děkuji za Vaši zprávu. Do 5. ledna jsem na dovolené. / / S pozdravem / Jana",
        "Tento týden jsem na služební cestě a odpovím, jakmile to bude možné.",
        "Naše kancelář je od 24. prosince do 2. ledna zavřená. Veselé Vánoce!",
        "Děkuji za e-mail. Nejsem v kanceláři, vracím se 7. ledna.",
    ),
    "tr": (
        "Merhaba, / / mesajınız için teşekkürler. 5 Ocak tarihine kadar izindeyim. / / Saygılarımla / Ayşe",
        "Bu hafta seyahatteyim, en kısa sürede yanıt vereceğim.",
        "Ofisimiz 24 Aralık - 2 Ocak arasında kapalıdır. Mutlu yıllar!",
        "E-postanız için teşekkür ederim. Şu anda ofis dışındayım, 7 Ocak'ta döneceğim.",
    ),
    "zh": (
        "您好， / / 感谢您的来信。我正在休假，1月5日返回。 / / 王芳",
        "我本周出差，会尽快回复您。",
        "我们公司12月24日至1月2日放假。节日快乐！",
        "谢谢您的邮件。我目前不在办公室，1月7日回来。",
    ),
    "ja": (
        "お世話になっております。 / / メールをありがとうございます。1月5日まで休暇をいただいております。 / / 田中",
        "今週は出張のため、返信が遅れます。",
        "誠に勝手ながら、12月24日から1月2日まで休業いたします。",
        "ご連絡ありがとうございます。ただいま不在にしております。1月7日に戻ります。",
    ),
    "ko": (
        "안녕하세요. / / 메일 감사합니다. 1월 5일까지 휴가입니다. / / 김민수 드림",
        "이번 주 출장 중이라 회신이 늦을 수 있습니다.",
        "저희 회사는 12월 24일부터 1월 2일까지 휴무입니다.",
        "연락 주셔서 감사합니다. 현재 부재중이며 1월 7일에 복귀합니다.",
    ),
}

# Written when the words of NOTES were known already.
MORE_NOTES = {
    "en": ("Thank you for contacting me. I am away on annual leave and will deal with your message on my return. For anything urgent, you can reach Bob on extension 12.", "I'm at a conference until Thursday and checking mail only in the evening."),
    "de": ("Ich befinde mich bis zum 5. Januar im Urlaub. In dringenden Fällen können Sie sich an Bob Jones (bob@acme.example) wenden.", "Aufgrund einer Fortbildung bin ich heute nicht erreichbar und melde mich morgen."),
    "fr": ("Je suis actuellement en vacances. En cas d'urgence, vous pouvez contacter Bob au 01 23 45 67 89.", "Je participe à un salon jusqu'à jeudi et répondrai dès que possible."),
    "es": ("Me encuentro de vacaciones hasta el 5 de enero. Para asuntos urgentes pueden contactar con Bob en el 555 12 34.", "Esta semana estoy en una feria y tendré acceso limitado al correo."),
    "it": ("Sarò assente fino al 5 gennaio. Per urgenze potete contattare Bob al numero 02 1234567.", "Sono a una fiera fino a giovedì e risponderò appena possibile."),
    "pt": ("Encontro-me de férias até 5 de janeiro. Em caso de urgência podem contactar o Bob.", "Estou numa feira até quinta-feira, com acesso limitado ao email."),
    "nl": ("Ik ben op vakantie tot 5 januari. Voor dringende zaken kunt u contact opnemen met Bob.", "Ik ben tot donderdag op een beurs en lees mijn mail beperkt."),
    "pl": ("Jestem na urlopie do 5 stycznia. W pilnych sprawach proszę dzwonić do Boba: 123 456 789.", "Do czwartku jestem na targach i mam ograniczony dostęp do poczty."),
    "ru": ("Я нахожусь в отпуске до 5 января. По срочным вопросам можно позвонить Борису. Отвечу, как только вернусь.", "До четверга я на выставке, доступ к почте ограничен."),
    "sv": ("Jag har semester till den 5 januari. I brådskande ärenden kan du kontakta Bob.", "Jag är på en mässa till torsdag och läser mejl sporadiskt."),
    "da": ("Jeg er på ferie frem til 5. januar. I hastende tilfælde kan du kontakte Bob.", "Jeg er på messe til torsdag og har begrænset adgang til mail."),
    "no": ("Jeg er på ferie til 5. januar. I hastesaker kan du kontakte Bob.", "Jeg er på messe til torsdag og har begrenset tilgang til e-post."),
    "fi": ("Olen vuosilomalla 5.1. saakka. Kiireellisissä asioissa voitte ottaa yhteyttä Bobiin.", "Olen torstaihin asti messuilla ja luen sähköpostia harvoin."),
    "cs": ("Jsem na dovolené do 5. ledna. V naléhavých případech můžete kontaktovat Boba.", "Do čtvrtka jsem na veletrhu a k e-mailu mám omezený přístup."),
    "tr": ("5 Ocak'a kadar yıllık izindeyim. Acil durumlarda Bob ile iletişime geçebilirsiniz.", "Perşembeye kadar fuardayım, e-postalarıma sınırlı erişimim var."),
    "zh": ("我正在年假中，1月5日回来。如有急事，请致电小李。", "我这周在外地参加展会，回复可能较慢。"),
    "ja": ("1月5日まで休みを取っております。お急ぎの方は田中までお電話ください。", "木曜日まで展示会に参加しており、返信が遅くなる場合があります。"),
    "ko": ("1월 5일까지 연차 휴가 중입니다. 급한 용무는 김 대리에게 전화 주시기 바랍니다.", "목요일까지 전시회에 참가 중이라 메일 확인이 늦습니다."),
}  # fmt: skip

PEOPLE = {
    "en": ("I was out of the office last week; it still does not work.", "I'm away from tomorrow, please call Bob instead.", "Is anybody there, or are you all on vacation?"),
    "de": ("Ich war letzte Woche nicht im Büro, es geht immer noch nicht.", "Ich bin ab morgen im Urlaub, bitte rufen Sie Bob an.", "Ist da jemand, oder sind alle im Urlaub?"),
    "fr": ("J'étais absent du bureau, et cela ne marche toujours pas.", "Je suis en congé à partir de demain, appelez Bob s'il vous plaît.", "Il y a quelqu'un, ou tout le monde est en vacances ?"),
    "es": ("Estuve de vacaciones y sigue sin funcionar.", "Desde mañana estoy fuera, llame a Bob por favor.", "¿Hay alguien o están todos de vacaciones?"),
    "it": ("Ero in ferie e non funziona ancora.", "Da domani sono fuori sede, chiamate Bob per favore.", "C'è qualcuno o siete tutti in ferie?"),
    "pt": ("Estive de férias e continua sem funcionar.", "A partir de amanhã estou ausente, liguem ao Bob por favor.", "Está aí alguém ou estão todos de férias?"),
    "nl": ("Ik was vorige week afwezig, het werkt nog steeds niet.", "Vanaf morgen ben ik met vakantie, bel Bob alstublieft.", "Is daar iemand of is iedereen op vakantie?"),
    "pl": ("Byłem na urlopie i nadal nie działa.", "Od jutra jestem nieobecny, proszę dzwonić do Boba.", "Jest tam ktoś, czy wszyscy na urlopie?"),
    "ru": ("Я был в отпуске, и всё ещё не работает.", "С завтрашнего дня меня нет на месте, позвоните Борису.", "Есть кто-нибудь или все в отпуске?"),
    "sv": ("Jag var på semester och det fungerar fortfarande inte.", "Från i morgon är jag borta, ring Bob i stället.", "Är någon där eller är alla på semester?"),
    "da": ("Jeg var på ferie, og det virker stadig ikke.", "Fra i morgen er jeg væk, ring til Bob.", "Er der nogen, eller er alle på ferie?"),
    "no": ("Jeg var på ferie, og det virker fortsatt ikke.", "Fra i morgen er jeg borte, ring Bob i stedet.", "Er det noen der, eller er alle på ferie?"),
    "fi": ("Olin lomalla, eikä se toimi vieläkään.", "Olen huomisesta poissa, soittakaa Bobille.", "Onko siellä ketään vai ovatko kaikki lomalla?"),
    "cs": ("Byl jsem na dovolené a stále to nefunguje.", "Od zítřka jsem mimo kancelář, volejte prosím Bobovi.", "Je tam někdo, nebo jsou všichni na dovolené?"),
    "tr": ("İzindeydim, hâlâ çalışmıyor.", "Yarından itibaren ofis dışındayım, lütfen Bob'u arayın.", "Kimse yok mu, herkes izinde mi?"),
    "zh": ("我上周休假，问题还在。", "我明天起出差，请联系小李。", "有人吗，还是都在休假？"),
    "ja": ("休暇中でしたが、まだ動きません。", "明日から出張ですので、田中に電話してください。", "どなたかいますか、皆さんお休みですか。"),
    "ko": ("휴가였는데 아직도 안 됩니다.", "내일부터 출장이니 김 대리에게 전화 주세요.", "아무도 없나요, 모두 휴가인가요?"),
}  # fmt: skip
