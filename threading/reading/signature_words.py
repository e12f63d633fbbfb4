"""Words of signatures, by language: data only, all lower-case.

`SIGN_OFFS` close a letter above a name, `THANKS` do so too but are also said to somebody; `FOOTERS` and `FOOTER_ENDS` are what
telephones and webmailers append; `DISCLAIMERS` are what the mail systems of companies append.
"""

SIGN_OFFS: dict[str, tuple[str, ...]] = {
    "en": ("best", "best regards", "best wishes", "kind regards", "kindest regards", "warm regards", "warmest regards", "with kind regards", "with best regards", "with best wishes", "regards", "rgds", "br", "kr", "cheers", "sincerely", "yours sincerely", "sincerely yours", "yours faithfully", "faithfully yours", "yours truly", "yours", "respectfully", "all the best", "take care", "have a nice day", "have a great day", "greetings"),
    "de": ("mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "mit freundlichem gruss", "mit besten grüßen", "mit besten grüssen", "mit herzlichen grüßen", "mit lieben grüßen", "viele grüße", "viele grüsse", "liebe grüße", "liebe grüsse", "beste grüße", "beste grüsse", "freundliche grüße", "freundliche grüsse", "schöne grüße", "herzliche grüße", "herzliche grüsse", "gruß", "gruss", "grüße", "grüsse", "hochachtungsvoll", "mfg", "lg", "vg", "bg"),
    "fr": ("cordialement", "bien cordialement", "très cordialement", "bien à vous", "bien à toi", "amicalement", "sincèrement", "meilleures salutations", "salutations distinguées", "salutations", "sincères salutations", "respectueusement", "cdlt", "cdt", "bonne journée", "bonne réception"),
    "es": ("saludos", "un saludo", "un cordial saludo", "saludos cordiales", "cordiales saludos", "cordialmente", "atentamente", "atte", "muy atentamente", "un abrazo", "reciba un cordial saludo"),
    "it": ("cordiali saluti", "saluti", "un saluto", "un cordiale saluto", "distinti saluti", "cordialmente", "cari saluti", "buona giornata", "in fede"),
    "pt": ("cumprimentos", "com os melhores cumprimentos", "melhores cumprimentos", "atenciosamente", "att", "cordialmente", "abraço", "abraços", "um abraço", "saudações"),
    "nl": ("groeten", "groet", "groetjes", "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "hartelijke groet", "hartelijke groeten", "met hartelijke groet", "hoogachtend", "mvg", "vr gr"),
    "pl": ("pozdrawiam", "pozdrowienia", "z pozdrowieniami", "serdecznie pozdrawiam", "pozdrawiam serdecznie", "z poważaniem", "z wyrazami szacunku", "pozdr"),
    "ru": ("с уважением", "с наилучшими пожеланиями", "с найлучшими пожеланиями", "всего доброго", "всего хорошего", "искренне ваш", "искренне ваша"),
    "uk": ("з повагою", "з найкращими побажаннями", "щиро ваш", "щиро ваша", "всього найкращого"),
    "bg": ("с уважение", "поздрави", "с най-добри пожелания"),
    "sv": ("med vänliga hälsningar", "med vänlig hälsning", "vänliga hälsningar", "vänlig hälsning", "bästa hälsningar", "hälsningar", "hälsar", "mvh", "vh", "hej då"),
    "da": ("med venlig hilsen", "venlig hilsen", "med venlige hilsner", "de bedste hilsner", "bedste hilsner", "mange hilsner", "kærlig hilsen", "kh", "hilsen", "hilsner"),
    "no": ("vennlig hilsen", "med vennlig hilsen", "beste hilsen", "beste hilsener", "med beste hilsen", "mvh", "hilsen"),
    "fi": ("terveisin", "ystävällisin terveisin", "parhain terveisin", "t", "terv", "yst terv", "kunnioittavasti", "terveiset"),
    "is": ("kveðja", "með kveðju", "bestu kveðjur", "kær kveðja"),
    "cs": ("s pozdravem", "s přátelským pozdravem", "s úctou", "zdravím", "hezký den", "pěkný den"),
    "sk": ("s pozdravom", "s priateľským pozdravom", "s úctou", "pekný deň"),
    "hu": ("üdvözlettel", "tisztelettel", "üdv", "baráti üdvözlettel", "köszönettel"),
    "ro": ("cu stimă", "cu respect", "o zi bună", "cele bune", "cu drag"),
    "hr": ("srdačan pozdrav", "lijep pozdrav", "s poštovanjem", "pozdrav", "lp"),
    "sr": ("s poštovanjem", "srdačan pozdrav", "с поштовањем", "поздрав"),
    "sl": ("lep pozdrav", "lepo pozdravljeni", "s spoštovanjem", "lp"),
    "lt": ("pagarbiai", "geriausi linkėjimai", "su pagarba"),
    "lv": ("ar cieņu", "visu labu"),
    "et": ("lugupidamisega", "parimate soovidega", "tervitades"),
    "el": ("με εκτίμηση", "με φιλικούς χαιρετισμούς", "φιλικά", "χαιρετισμούς"),
    "tr": ("saygılarımla", "saygılarımızla", "iyi çalışmalar", "iyi günler", "sevgiler", "selamlar"),
    "ca": ("salutacions", "salutacions cordials", "una salutació", "atentament", "cordialment"),
    "he": ("בברכה", "בכבוד רב"),
    "ar": ("مع أطيب التحيات", "تحياتي", "مع التحية", "وتفضلوا بقبول فائق الاحترام"),
    "fa": ("با احترام", "با تشکر"),
    "vi": ("trân trọng", "thân mến", "kính thư"),
    "id": ("salam", "hormat saya", "hormat kami", "salam hormat"),
    "zh": ("此致", "敬上", "祝好", "顺祝商祺", "順頌商祺", "此致敬礼", "致敬"),
    "ja": ("敬具", "以上", "よろしくお願いいたします", "よろしくお願いします"),
    "ko": ("감사합니다", "드림", "올림"),
}  # fmt: skip

THANKS: dict[str, tuple[str, ...]] = {
    "en": ("thanks", "many thanks", "thank you", "thank you very much", "thanks in advance", "thank you in advance", "thanks again", "thanks and regards", "thanks & regards", "thanks and best regards", "thx", "ty"),
    "de": ("danke", "vielen dank", "besten dank", "danke im voraus", "vielen dank im voraus", "danke und gruß", "vielen dank und viele grüße"),
    "fr": ("merci", "merci beaucoup", "merci d'avance", "merci par avance"),
    "es": ("gracias", "muchas gracias", "gracias de antemano", "gracias y saludos"),
    "it": ("grazie", "grazie mille", "grazie in anticipo", "grazie e cordiali saluti"),
    "pt": ("obrigado", "obrigada", "muito obrigado", "muito obrigada"),
    "nl": ("bedankt", "alvast bedankt", "met dank", "dank u"),
    "pl": ("dziękuję", "dzięki", "dziękuję i pozdrawiam", "z góry dziękuję"),
    "ru": ("спасибо", "заранее спасибо", "благодарю"),
    "uk": ("дякую", "заздалегідь дякую"),
    "sv": ("tack", "tack på förhand"),
    "da": ("tak", "på forhånd tak", "mange tak"),
    "no": ("takk", "på forhånd takk"),
    "fi": ("kiitos", "kiitoksia", "kiitos etukäteen"),
    "cs": ("děkuji", "děkuji předem", "předem děkuji", "díky"),
    "sk": ("ďakujem", "vopred ďakujem"),
    "hu": ("köszönöm", "előre is köszönöm"),
    "ro": ("mulțumesc", "multumesc", "vă mulțumesc"),
    "tr": ("teşekkürler", "teşekkür ederim"),
    "el": ("ευχαριστώ",),
    "hr": ("hvala", "hvala unaprijed"),
}  # fmt: skip

# Words that open a letter: with nothing but such a line above it, a sign-off is all that was said.
GREETINGS = (
    "hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "hallo", "guten tag", "guten morgen", "guten abend", "liebe", "lieber", "sehr geehrte",
    "servus", "moin", "grüezi", "bonjour", "bonsoir", "salut", "cher", "chère", "madame", "hola", "buenos días", "buenas tardes", "estimado", "estimada", "ciao", "buongiorno", "salve",
    "gentile", "olá", "bom dia", "boa tarde", "caro", "cara", "prezado", "prezada", "beste", "geachte", "goedemorgen", "goedemiddag", "dag", "dzień dobry", "cześć", "witam", "szanowni",
    "здравствуйте", "добрый день", "привет", "уважаемый", "уважаемая", "добрий день", "вітаю", "hej", "hejsan", "god morgon", "kære", "hei", "god dag", "moi", "terve", "hyvä", "dobrý den",
    "ahoj", "vážený", "vážená", "dobrý deň", "kedves", "tisztelt", "bună ziua", "bună", "stimate", "poštovani", "pozdravljeni", "merhaba", "sayın", "γεια", "αγαπητ", "您好", "你好", "こんにちは", "お世話になっております",
    "안녕하세요", "שלום", "مرحبا", "xin chào", "kính gửi",
)  # fmt: skip

# What telephones and webmailers append. A line that begins so and is short is no part of what was written.
FOOTERS = (
    "sent from my ", "sent from mail for ", "sent from outlook", "sent from yahoo", "sent from proton", "sent from samsung", "sent from a mobile",
    "sent from gmail", "sent from the ", "sent from iphone", "sent from blue", "sent from ", "sent via ", "sent with ", "sent using ", "get outlook for ",
    "sent from: ", "sent by ", "von meinem ", "gesendet von ", "gesendet mit ", "gesendet über ", "diese nachricht wurde von meinem ", "holen sie sich outlook",
    "outlook für ", "envoyé de mon ", "envoyé depuis ", "envoyé de ", "envoyé à partir ", "télécharger outlook", "obtenez outlook", "provenance : courrier",
    "enviado desde ", "enviado de ", "enviado do ", "enviado a partir ", "enviado con ", "enviado por ", "obtener outlook", "obtenha o outlook", "obter o outlook", "inviato da ",
    "inviato dal ", "inviato con ", "scarica outlook", "ottieni outlook", "verzonden vanaf ", "verstuurd vanaf ", "verzonden met ", "verstuurd met ", "verzonden via ",
    "outlook voor ", "wysłane z ", "wysłano z ", "pobierz program outlook", "отправлено с ", "отправлено из ", "отправлено со ", "надіслано з ", "skickat från ", "skickades från ", "hämta outlook",
    "sendt fra ", "sendt med ", "hent outlook", "last ned outlook", "lähetetty ", "hanki outlook", "odesláno z ", "odoslané z ", "získat outlook", "iphone'umdan gönderildi", "iphone'dan gönderildi",
    "ipad'imden gönderildi", "android cihazımdan", "outlook'u edinin", "发自我的", "从我的", "發自我的", "由我的", "获取 outlook", "iphoneから送信", "iphone から送信", "ipadから送信",
    "androidから送信", "나의 iphone에서", "내 iphone에서", "iphone에서 보냄", "trimis de pe ", "elküldve ", "az iphone-omról küldve", "poslano s ",
    "from my iphone", "from my ipad", "from my android", "從我的", "透過 iphone", "get outlook", "trimis din ", "iphone-omról küldve",
    "poslano iz ", "poslano z ", "изпратено от ", "послато са ", "išsiųsta iš ", "nosūtīts no ", "saadetud minu ", "enviat des ", "στάλθηκε από ", "αποστολή από ", "ส่งจาก", "đã gửi từ ", "được gửi từ ",
    "dikirim dari ", "נשלח מה", "תשלח מה", "أرسلت من ", "أُرسلت من ", "مرسل من ", "ارسال شده از ", "sendt på ", "send fra min ", "sendt via ", "skickat med ", "envoyé avec ", "envoyé via ", "inviato tramite ",
    "enviado mediante ", "enviado através ", "enviado via ", "enviado pelo ", "gesendet aus ", "gesendet vom ", "gesendet mithilfe ", "diese e-mail wurde von meinem ", "von unterwegs gesendet", "mobil gesendet", "verstuurd via ", "verzonden door ", "wysłane za ", "wysłano za ",
    "отправлено через ", "отправлено от ", "надіслано через ", "надіслано від ", "odesláno ze ", "odoslané zo ", "tarafımdan gönderildi", "samsung galaxy akıllı telefonumdan gönderildi", "发送自 ", "スマートフォンから送信", "携帯から送信", "my iphone から送信",
)  # fmt: skip
# The same at the end of a short line, for telephones that put a name first and for languages with the verb last.
FOOTER_ENDS = (
    " from mobile", " from my mobile", " from my phone", " from my iphone", " from my ipad", " from phone", " gesendet von meinem iphone", " iphone gesendet", " ipad gesendet", " handy gesendet", " mobilgerät gesendet", "から送信", "から送信しました",
    "で送信", " 傳送", "에서 보냄", "에서 전송", "에서 보냈습니다", "'umdan gönderildi", "’umdan gönderildi", "'dan gönderildi", " küldve", " tarafından gönderildi",
)  # fmt: skip
APOLOGIES = (
    "excuse",
    "typo",
    "brevity",
    "autocorrect",
    "tippfehler",
    "kürze",
    "fautes",
    "errores",
    "errori",
    "typfout",
    "skrivfel",
    "slåfel",
    "опечат",
)
LONGEST_FOOTER = 90
WORDS_AFTER_FOOTER = 6
WORDS_BEFORE_END = 5

# Found in a paragraph at the end, they make it a disclaimer of a company.
DISCLAIMERS = (
    "intended recipient", "intended solely for", "intended only for the", "confidential and may be", "confidential and intended", "may contain confidential", "contains confidential", "legally privileged", "confidentiality notice",
    "privileged and confidential", "think before you print", "before printing this e", "consider the environment", "vertrauliche informationen", "vertrauliche und", "der richtige adressat", "bestimmungsgemäße", "bitte denken sie an die umwelt",
    "informations confidentielles", "destinataire de ce message", "destinataire prévu", "exclusivement à l", "información confidencial", "destinatario de este mensaje", "uso exclusivo del destinatario", "informazioni riservate", "informazioni confidenziali",
    "esclusivamente al destinatario", "informações confidenciais", "informação confidencial", "destinatário desta", "vertrouwelijke informatie", "uitsluitend bestemd voor", "informacje poufne", "wyłącznie dla adresata", "конфиденциальн", "конфіденційн",
    "konfidentiell information", "avsedda mottagaren", "fortrolige oplysninger", "fortrolig information", "fortrolig informasjon", "tilsigtede modtager", "luottamuksellis", "důvěrné informace", "dôverné informácie", "bizalmas információ",
    "informații confidențiale", "povjerljive informacije", "gizli bilgi", "εμπιστευτικ", "机密信息", "保密信息", "機密情報", "기밀 정보", "thông tin bảo mật", "informasi rahasia", "מידע סודי", "معلومات سرية",
)  # fmt: skip
