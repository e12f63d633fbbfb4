"""What mail clients write around the mail that they quote or forward, by language: data only, all lower-case.

`STARTS` and `VERBS` make attribution lines ("On … wrote:"), `LABELS` header blocks, `ORIGINAL` and `FORWARDED` separator lines.
Every table is matched by plain comparison, never by a pattern.
"""

# How an attribution line begins; the verb comes later in it.
STARTS: dict[str, tuple[str, ...]] = {
    "en": ("on ", "at ", "in a message dated "),
    "de": ("am ", "von ", "vom "),
    "fr": ("le ", "en date de ", "de : "),
    "es": ("el ", "en ", "con fecha "),
    "it": ("il ", "in data ", "il giorno ", "alle "),
    "pt": ("em ", "no dia ", "a ", "às "),
    "nl": ("op ", "het is "),
    "pl": ("w dniu ", "dnia ", "pon.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz.", "wiadomość napisana przez "),
    "ru": ("в ", "пн,", "вт,", "ср,", "чт,", "пт,", "сб,", "вс,", "от "),
    "uk": ("у ", "пн,", "вт,", "ср,", "чт,", "пт,", "сб,", "нд,"),
    "sv": ("den ", "på "),
    "da": ("den ", "d. "),
    "no": ("på ", "den ", "man.", "tir.", "ons.", "tor.", "fre.", "lør.", "søn."),
    "fi": ("ma ", "ti ", "ke ", "to ", "pe ", "la ", "su "),
    "cs": ("dne ", "po ", "út ", "st ", "čt ", "pá ", "so ", "ne "),
    "sk": ("dňa ", "po ", "ut ", "st ", "št ", "pi ", "so ", "ne "),
    "hu": ("időpont: ",),
    "ro": ("în ", "la ", "pe "),
    "tr": (),
    "zh": ("在 ", "在", "于", "於 "),
    "ja": (),
    "ko": (),
    "vi": ("vào ", "ngày "),
    "el": ("στις ",),
    "ca": ("el ", "missatge de "),
    "lt": (),
    "et": (),
    "hr": ("dana ", "u "),
    "sl": ("v ", "dne "),
    "sr": ("у ", "пон,", "уто,", "сре,", "чет,", "пет,", "суб,", "нед,", "дана "),
    "bg": ("на ",),
    "lv": ("pirmd.", "otrd.", "trešd.", "ceturtd.", "piektd.", "sestd.", "svētd."),
    "is": ("þann ", "hinn "),
    "id": ("pada ",),
    "th": ("ในวันที่", "เมื่อ", "เมื่อวันที่"),
    "he": ("בתאריך ", "ב-", "ביום "),
    "ar": ("في ", "بتاريخ "),
    "fa": ("در ", "در تاریخ "),
    "hi": ("सोम", "मंगल", "बुध", "गुरु", "शुक्र", "शनि", "रवि"),
}
VERBS: dict[str, tuple[str, ...]] = {
    "en": ("wrote", "writes", "said", "replied", "you wrote"),
    "de": ("schrieb", "geschrieben", "schreibt"),
    "fr": ("a écrit", "a ecrit", "écrit"),
    "es": ("escribió", "escribio", "escribieron", "escribiste", "ha escrit", "escribe"),
    "it": ("ha scritto", "scrive"),
    "pt": ("escreveu", "escreveram"),
    "nl": ("schreef", "geschreven", "het volgende geschreven"),
    "pl": ("napisał", "napisała", "napisał(a)", "napisał/a", "pisze", "napisano", "wiadomość napisana"),
    "ru": ("написал", "написала", "написал(а)", "пишет", "писал", "писал(а)", "написали"),
    "uk": ("пише", "написав", "написала", "написав(ла)", "написано"),
    "sv": ("skrev", "följande"),
    "da": ("skrev", "skrev følgende"),
    "no": ("skrev", "skrev følgende"),
    "fi": ("kirjoitti",),
    "cs": ("napsal", "napsala", "napsal(a)", "napísal", "napsal/a"),
    "sk": ("napísal", "napísala", "napísal(a)"),
    "hu": ("írta", "ezt írta"),
    "ro": ("a scris",),
    "tr": ("yazdı", "şunu yazdı", "şunları yazdı"),
    "zh": ("写道", "寫道", "写信", "來信"),
    "ja": ("のメール", "書きました", "書き込みました", "wrote", "のメッセージ"),
    "ko": ("작성", "님이 작성", "님이 씀", "썼습니다", "작성했습니다"),
    "vi": ("đã viết", "viết"),
    "el": ("έγραψε",),
    "ca": ("va escriure", "missatge de"),
    "lt": ("rašė",),
    "et": ("kirjutas",),
    "hr": ("napisao je", "je napisao/la", "piše"),
    "sl": ("je napisal", "je napisala", "napisala", "piše"),
    "sr": ("је написао/ла", "је написао", "је написала", "написао", "пише", "je napisao/la"),
    "bg": ("написа",),
    "lv": ("rakstīja",),
    "is": ("skrifaði",),
    "id": ("menulis",),
    "th": ("เขียนว่า", "เขียน"),
    "he": ("כתב", "כתבה", "כתב/ה", "מאת"),
    "ar": ("كتب", "كتبت", "كتب ما يلي", "تمت كتابة ما يلي بواسطة"),
    "fa": ("نوشت", "نوشته است"),
    "hi": ("ने लिखा", "लिखा"),
}

# Horde and others: "Quoting Ida Moss <ida@x.example>:", without a date.
QUOTING = (
    "quoting ", "zitat von ", "zitiere ", "citation de ", "citando a ", "citando ", "cita de ", "mensaje citado por ", "mensaje citado de ", "citazione di ", "citando da ", "citação de ", "mensagem citada por ", "citeren ", "citaat van ", "cytowanie ", "cytat ", "цитирование ", "цитирую ", "цитую ", "cituji ", "citace ", "citerar ", "citat från ", "citat fra ", "siterer ", "lainaus ", "alıntı ", "引用 ", "인용 ",
)  # fmt: skip

# Notes: the verb, and the preposition of a date right behind it.
VERB_THEN_DATE = (
    " wrote on ", " schrieb am ", " a écrit le ", " a écrit sur ", " escribió el ", " escribió en ", " ha scritto il ", " ha scritto in data ", " scritto il ", " escreveu em ", " escreveu no dia ", " schreef op ", " napisał dnia ", " napisał(a) dnia ", " написал ", " написав ", " skrev den ", " skrev på ", " kirjoitti ", " napsal dne ", " a scris pe ", " a scris în ",
)  # fmt: skip

# Between two authors of a From line: the first one sent the mail for the second.
ON_BEHALF = (
    " on behalf of ", " im auftrag von ", " im namen von ", " de la part de ", " au nom de ", " en nombre de ", " de parte de ", " per conto di ", " a nome di ", " em nome de ", " da parte de ", " namens ", " w imieniu ", " от имени ", " від імені ", " în numele ", " din partea ", " jménem ", " för ", " på vegne af ", " på vegne av ", " puolesta ", " adına ", " 代表 ", "；代表 ",
)  # fmt: skip

# Labels of header blocks, by the field they stand for.
LABELS: dict[str, tuple[str, ...]] = {
    "from": (
        "from", "von", "від кого", "відправник:", "od koho", "kto", "odosielateľ:", "de către", "pošiljatelj:", "nadawca:", "보낸이", "寄信人", "發信人", "de", "da", "van", "od", "от", "от кого", "від", "från", "fra", "lähettäjä", "kimden", "gönderen", "发件人",
        "寄件者", "寄件人", "差出人", "送信者", "보낸 사람", "발신", "feladó", "de la", "от:", "šalje", "från", "avsändare", "remetente",
        "expéditeur", "mittente", "remitente", "absender", "afzender", "nadawca", "отправитель", "lähettäjältä", "avsender", "afsender",
        "odesílatel", "odesilatel", "odosielateľ", "feladó:", "expeditor", "saatja", "kellelt", "nuo", "no", "od koga", "από", "từ", "dari", "מאת", "من",
        "шаље", "frá", "จาก", "از", "प्रेषक", "से", "보낸사람", "αποστολέας", "siuntėjas", "sūtītājs", "người gửi", "pengirim", "odosielateľ", "pošiljatelj", "pošiljalac", "подател", "подавач", "відправник", "sendandi", "nosūtītājs", "fra:", "寄件者：", "发送者", "發件人", "送信者名", "المرسل", "השולח", "فرستنده",
        "oorspronkelijk bericht van", "発信者", "送信元",
    ),
    "date": (
        "date", "sent", "відправлено", "відправлено:", "дата відправлення", "дата отправления", "надіслано:", "odeslané", "datum odeslání", "odoslaná", "trimis la", "trimis:", "data expedierii", "dată:", "wysłana", "data nadania", "envoyé :", "date d'expédition", "inviata", "inviato il", "sent on", "sent date", "skickad", "lähetysaika", "gönderilme", "보낸날", "發送日期", "发件时间", "datum", "dată", "gesendet", "gesendet am", "fecha", "enviado", "enviado el", "enviada", "enviada em", "enviado em", "envoyé",
        "envoyé le", "data", "inviato", "data invio", "verzonden", "data wysłania", "wysłano", "wysłane", "дата", "отправлено", "дата отправки",
        "надіслано", "skickat", "dato", "sendt", "päivämäärä", "päiväys", "lähetetty", "odesláno", "odoslané", "dátum", "tarih", "gönderildi",
        "gönderilen", "gönderme tarihi", "发送时间", "寄件日期", "日期", "日付", "送信日時", "보낸 날짜", "날짜", "elküldve", "küldve", "küldés ideje",
        "trimis", "trimisă", "date d'envoi", "kuupäev", "saadetud", "poslano", "ημερομηνία", "date", "time", "发送日期", "時間", "时间",
        "изпратено", "послато", "poslato", "датум", "sent", "sendt:", "nosūtīts", "datums", "saatmisaeg", "saadetud:", "išsiųsta", "data:", "στάλθηκε", "απεσταλμένα", "đã gửi", "thời gian", "dikirim", "ส่ง", "วันที่", "ส่งเมื่อ", "נשלח", "תאריך:", "تم الإرسال", "أُرسلت", "أرسلت", "تاریخ", "ارسال شده", "ارسال", "भेजा गया", "दिनांक", "dagsetning", "message du",
        "data trimiterii", "odoslaný", "дата надсилання", "發送時間", "傳送日期", "寄件日期:", "보낸 시간", "받은 날짜", "보낸날짜", "送信日", "日時", "enviado:", "päivä",
        "ngày", "tanggal", "תאריך", "التاريخ", "enviat", "sent at", "dátum:", "tarihi",
    ),
    "to": (
        "to", "an", "адресат", "adresáti", "příjemci", "destinatari", "destinatarios", "destinataires", "destinatários", "pentru", "recipients", "recipient", "do:", "받는이", "收件方", "para", "pour", "pre", "à", "a", "aan", "do", "кому", "till", "til", "vastaanottaja", "komu", "kime", "alıcı", "收件人", "收件者", "宛先",
        "받는 사람", "받는사람", "수신", "címzett", "către", "catre", "prima", "per", "destinatario", "destinataire", "destinatário", "empfänger",
        "ontvanger", "mottagare", "modtager", "mottaker", "příjemce", "príjemca", "kellele", "adresat", "za", "kam", "προς", "đến", "kepada", "אל", "إلى",
        "до", "коме", "за:", "viðtakandi", "adressaat", "saajad", "saņēmējs", "gavėjas", "per a", "tới", "người nhận", "untuk", "penerima", "ถึง", "به", "گیرنده", "प्रति", "सेवा में", "받는사람", "받는 이", "παραλήπτης", "primatelj", "prejemnik", "прималац", "получател", "одержувач", "получатель",
        "τo", "المستلم", "נמען", "destinatar", "primalac", "kellele:", "收信人", "受取人",
        "送信先", "受信者", "saaja",
    ),
    "cc": (
        "cc", "kopie", "копії", "копія кому", "копия кому", "в копии", "в копії", "copie către", "com cópia", "con copia", "per conoscenza", "p.c", "kopie an", "kopia till", "kopi til", "kopio:", "na vědomí", "copie cachée", "carbon copy", "同報", "写し", "copie", "copie à", "copia", "cópia", "kopia", "копия", "копія", "kopi", "kopio", "kópia", "bilgi", "抄送", "副本",
        "참조", "másolat", "másolatot kap", "másolat:", "dw", "udw", "ilgi", "kk", "c/c", "c.c", "kop", "koopia", "κοιν", "ccn", "wysłano kopię",
    ),
    "subject": (
        "subject", "betreff", "предмет", "тема:", "tema:", "věc", "temat:", "oggetto:", "sujet :", "konu:", "标题:", "subiect:", "asunto", "objet", "oggetto", "assunto", "onderwerp", "temat", "тема", "ämne", "ämnet", "emne", "aihe", "předmět",
        "predmet", "konu", "主题", "主題", "主旨", "件名", "제목", "tárgy", "subiect", "subiectul", "naslov", "zadeva", "teema", "tema", "θέμα",
        "относно", "наслов", "efni", "tēma", "temats", "tiêu đề", "perihal", "เรื่อง", "หัวข้อ", "موضوع", "विषय", "제목:", "onderwerp:", "titel", "betr", "主題:", "标题", "標題", "тақырып", "assumpte:",
        "chủ đề", "subjek", "assumpte", "נושא", "الموضوع", "sujet", "betrifft", "rubrik",
    ),
    "other": (
        "reply-to", "antwort an", "antwoord aan", "responder a", "répondre à", "rispondi a", "risposta", "bcc", "bcc:", "importance", "priority", "wichtigkeit",
        "priorität", "importancia", "importance", "belang", "ważność", "važnost", "attachments", "anlagen", "adjuntos", "pièces jointes",
        "allegati", "bijlagen", "załączniki", "вложения", "bilagor", "organization", "message-id", "resent-from", "svar till", "svar til", "odgovori na",
        "válaszcím", "ответить", "kenelle vastataan", "yanıt adresi", "balas ke", "return-path", "categories", "kategorien", "received", "mailed-by", "signed-by",
    ),
}  # fmt: skip

# Text of a separator line before a quoted mail, once dashes, stars and white space are taken off.
ORIGINAL = frozenset((
    "original", "original message", "reply message", "quoted text", "zitierte nachricht", "original-nachricht", "ursprüngliche nachricht", "originalnachricht", "message d'origine", "message d’origine",
    "message original", "mensaje original", "messaggio originale", "messaggio originario", "mensagem original", "oorspronkelijk bericht",
    "original-message", "original mail", "original email", "original e-mail", "oryginalna wiadomość", "wiadomość oryginalna", "исходное сообщение",
    "оригинальное сообщение", "originalmeddelande", "ursprungligt meddelande", "original meddelelse", "oprindelig meddelelse", "oprindelig besked", "original besked", "original melding",
    "opprinnelig melding", "alkuperäinen viesti", "původní zpráva", "pôvodná správa", "orijinal mesaj", "orjinal mesaj", "özgün ileti", "özgün mesaj",
    "原始邮件", "原始郵件", "原邮件", "元のメッセージ", "オリジナルメッセージ", "원본 메시지", "원본 메일", "eredeti üzenet", "mesaj original", "original appointment",
    "reply message", "antwort nachricht", "ursprungligt meddelande", "оригинал", "originele bericht", "izvorna poruka", "auf", "thư gốc", "αρχικό μήνυμα",
    "reply above this line", "mesajul original", "first message", "первоначальное сообщение", "pesan asli", "missatge original",
    "původní e-mail", "оригінальне повідомлення", "вихідне повідомлення", "početno sporočilo", "izvirno sporočilo", "оригинално съобщение", "първоначално съобщение", "pradinis laiškas", "pirminis laiškas", "sākotnējais ziņojums", "oriģinālais ziņojums", "algne sõnum", "algne kiri",
    "originalna poruka", "оригинална порука", "izvorna poruka:", "upprunaleg skilaboð", "הודעה מקורית", "الرسالة الأصلية", "رسالة أصلية", "پیام اصلی", "मूल संदेश", "ข้อความต้นฉบับ", "tin nhắn gốc", "mesej asal", "özgün i̇leti", "orijinal ileti", "asıl mesaj", "mensaje original de",
    "ursprüngliche e-mail", "ursprüngliche mail", "original e-mail von", "e-mail d'origine", "courriel original", "e-mail originale", "e-mail original", "correo original", "oorspronkelijke e-mail", "oryginalny e-mail", "исходное письмо", "оригинальное письмо", "ursprungligt mejl", "oprindelig mail",
    "opprinnelig e-post", "alkuperäinen sähköposti", "pôvodný e-mail", "eredeti e-mail", "eredeti levél", "orijinal e-posta", "元のメール", "원본메일", "원문 메시지", "原始信件", "原信", "原始信息", "replied message", "original-mail", "ursprungsnachricht",
    "original message processed by tobit", "wiadomość źródłowa", "ursprünglicher text", "přeposlaná zpráva (původní)", "cited message", "quoted message",
))  # fmt: skip

FORWARDED = frozenset((
    "forwarded message", "begin forwarded message", "перенаправлене повідомлення", "пересилаємо повідомлення", "переслане повідомлення", "початок пересланого повідомлення", "початок перенаправленого повідомлення", "început mesaj redirecționat", "început mesaj redirecţionat", "începutul mesajului redirecţionat", "mesaj redirecţionat", "mesaj reexpediat", "mesaj forwardat", "přesměrovaná zpráva", "předaná zpráva", "začátek přesměrované zprávy", "zpráva přeposlaná", "iletilen iletinin başlangıcı", "yönlendirilen iletinin başlangıcı", "iletilen e-postanın başlangıcı", "forwarded mail", "forwarded email", "forwarded by", "weitergeleitete nachricht", "anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail", "weitergeleitete e-mail", "weitergeleitete mail", "message transféré", "message transmis", "début du message transféré",
    "début du message réexpédié", "message réexpédié", "courriel transféré", "e-mail transféré", "mensaje reenviado", "inicio del mensaje reenviado",
    "inicio del mensaje enviado", "messaggio inoltrato", "inizio messaggio inoltrato", "inizio del messaggio inoltrato", "mensagem encaminhada",
    "mensagem reencaminhada", "início da mensagem encaminhada", "início da mensagem reencaminhada", "doorgestuurd bericht", "begin doorgestuurd bericht",
    "doorgestuurde bericht", "wiadomość przekazana", "przekazana wiadomość", "wiadomość przesłana dalej", "treść przekazanej wiadomości",
    "początek przekazywanej wiadomości", "początek przekazanej wiadomości", "przesłana wiadomość", "пересылаемое сообщение", "пересланное сообщение",
    "перенаправленное сообщение", "начало переадресованного сообщения", "начало пересылаемого сообщения", "пересылаемое письмо", "переслане повідомлення",
    "початок переадресованого повідомлення", "початок листа, що пересилається", "vidarebefordrat meddelande", "vidarebefordrat mejl", "vidarebefordrat brev",
    "början på vidarebefordrat meddelande", "videresendt meddelelse", "videresendt besked", "start på videresendt besked", "begyndelse på videresendt besked",
    "videresendt melding", "videresendt e-post", "start på videresendt melding", "begynnelse på videresendt melding", "starten på videresendt melding",
    "välitetty viesti", "välitetty viesti alkaa", "alkaa välitetty viesti", "edelleenlähetetty viesti", "välitetty viesti / fwd.msg",
    "přeposlaná zpráva", "začátek přeposlané zprávy", "přeposílaná zpráva", "počátek přeposlané zprávy", "preposlaná správa", "začiatok preposlanej správy",
    "začiatok presmerovanej správy", "iletilmiş mesaj", "iletilen mesaj", "iletilen ileti", "yönlendirilmiş ileti", "i̇letilmiş mesaj", "i̇letilen i̇leti",
    "i̇leti başlangıcı", "ileti başlangıcı", "i̇letilen mesaj", "iletilen ileti başlangıcı", "iletilen mesaj başlangıcı", "iletinin başlangıcı", "转发的邮件", "转发邮件", "开始转发的邮件", "转发邮件信息", "以下是转发的邮件",
    "轉寄郵件", "轉寄的郵件", "開始轉寄郵件", "开始转发邮件", "転送されたメッセージ", "転送メッセージ", "以下是轉寄的郵件", "已转发邮件", "転送メール",
    "전달된 메시지", "전달된 메일", "전달된 메시지 시작", "továbbított üzenet", "továbbított levél kezdete", "továbbított levél", "mesaj redirecționat",
    "începutul mesajului redirecționat", "mesaj redirectionat", "mesaj transmis", "proslijeđena poruka", "početak proslijeđene poruke",
    "edastatud kiri", "edastatud sõnum", "algus edasi saadetud kirjast", "persiųstas laiškas", "pārsūtītā ziņa", "pārsūtīts ziņojums", "posredovano sporočilo",
    "začetek posredovanega sporočila", "missatge reenviat", "inici del missatge reenviat", "προωθημένο μήνυμα", "έναρξη προωθημένου μηνύματος",
    "tin nhắn đã chuyển tiếp", "thư chuyển tiếp", "pesan terusan", "mulai pesan terusan", "הודעה שהועברה", "رسالة معاد توجيهها",
    "započni proslijeđenu poruku", "početak proslijeđene poruke", "メッセージを転送", "転送されたメールの開始", "転送メッセージの開始", "転送されたメール", "全文転送", "已轉寄的郵件", "轉寄的訊息", "转发邮件开始", "开始转发的信息", "轉寄訊息開始",
    "전달 메시지", "전달된 메일 시작", "메시지 전달", "forwarded from", "forwarding message", "begin forwarded mail", "start of forwarded message", "weitergeleitete nachricht anfang", "weitergeleitete nachricht von",
    "mensaje reenviado de", "inicio de mensaje reenviado", "comienzo del mensaje reenviado", "mensaje original reenviado", "mail transféré", "message transféré par", "courrier transféré", "email transféré", "mail inoltrata", "e-mail inoltrata",
    "messaggio inoltrato da", "mensagem encaminhada por", "e-mail encaminhado", "início da mensagem enviada", "begin van doorgestuurd bericht", "doorgestuurde e-mail", "doorgestuurd e-mailbericht", "początek przesyłanej dalej wiadomości",
    "początek wiadomości przekazanej dalej", "wiadomość przekazywana dalej", "переадресованное сообщение", "переадресованное письмо", "начало переадресованного письма", "начало перенаправленного сообщения", "пересланное письмо",
    "переадресоване повідомлення", "пересланий лист", "початок переадресованого листа", "препратено съобщение", "начало на препратеното съобщение", "прослеђена порука", "prosleđena poruka", "почетак прослеђене поруке", "početak prosleđene poruke",
    "vidarebefordrat e-postmeddelande", "början på det vidarebefordrade meddelandet", "vidarebefordrad e-post", "videresendt mail", "videresendt e-mail", "begyndelse på videresendt meddelelse", "videresendt e-postmelding", "begynnelse på videresendt e-post",
    "áframsend skilaboð", "framsent skeyti", "edelleen lähetetty viesti", "edelleenlähetetty viesti alkaa", "välitetyn viestin alku", "přeposlaný e-mail", "začátek přeposlaného e-mailu", "preposlaný e-mail", "začiatok preposlaného e-mailu",
    "továbbított e-mail", "továbbított üzenet kezdete", "továbbított üzenet eleje", "a továbbított üzenet kezdete", "mesaj redirecționat începe", "începe mesajul redirecționat", "e-mail redirecționat", "proslijeđeni e-mail", "proslijeđena e-pošta",
    "posredovana e-pošta", "začetek posredovane e-pošte", "edastatud e-kiri", "persiųstas pranešimas", "persiunčiamas laiškas", "pārsūtītais ziņojums", "pārsūtīta vēstule", "προωθημένο μήνυμα από", "αρχή προωθημένου μηνύματος", "έναρξη προωθημένου μηνύματος ηλεκτρονικής αλληλογραφίας",
    "yönlendirilmiş mesaj", "yönlendirilen mesaj", "yönlendirilen ileti", "iletilmiş ileti", "iletilmiş e-posta", "i̇letilmiş e-posta", "i̇letilmiş ileti", "missatge reenviat comença", "inici del missatge reexpedit", "bắt đầu thư được chuyển tiếp", "thư đã chuyển tiếp", "email chuyển tiếp", "pesan diteruskan",
    "pesan yang diteruskan", "email diteruskan", "mula mesej yang dimajukan", "mesej dimajukan", "ข้อความที่ส่งต่อ", "เริ่มต้นข้อความที่ถูกส่งต่อ", "התחלת הודעה שהועברה", "הודעה מועברת", "תחילת ההודעה שהועברה", "بداية الرسالة المعاد توجيهها", "رسالة مُعاد توجيهها", "بدء الرسالة المُعاد توجيهها", "پیام هدایت‌شده", "پیام ارسال شده",
    "forwarded message / переслане повідомлення", "weitergeleitet", "fwd", "retransmitted message", "message redirigé", "doorgezonden bericht",
))  # fmt: skip

# Separators that name the author: "----- Forwarded message from Ida Moss <ida@x.example> -----".
FORWARDED_FROM = (
    "forwarded message from ", "forwarded by ", "weitergeleitete nachricht von ", "message transféré de ", "message réexpédié de ", "message transféré par ", "mensaje reenviado de ", "mensaje reenviado por ", "messaggio inoltrato da ", "mensagem encaminhada de ", "mensagem encaminhada por ", "mensagem reencaminhada de ", "doorgestuurd bericht van ", "wiadomość przekazana przez ", "wiadomość przekazana od ", "пересланное сообщение от ", "пересылаемое сообщение от ", "переслане повідомлення від ", "vidarebefordrat meddelande från ", "videresendt meddelelse fra ", "videresendt melding fra ", "přeposlaná zpráva od ", "mesaj redirecționat de la ",
)  # fmt: skip
# What closes a forwarded mail in some clients.
FORWARD_ENDS = frozenset((
    "end forwarded message", "end of forwarded message", "ende der weitergeleiteten nachricht", "ende weitergeleitete nachricht", "fin du message transféré", "fin du message réexpédié", "fin del mensaje reenviado", "fine messaggio inoltrato", "fine del messaggio inoltrato", "fim da mensagem encaminhada", "fim da mensagem reencaminhada", "einde doorgestuurd bericht", "einde van doorgestuurd bericht", "koniec przekazanej wiadomości", "конец пересылаемого сообщения", "конец пересланного сообщения", "кінець пересланого повідомлення", "slut på vidarebefordrat meddelande", "slut på videresendt besked", "slutt på videresendt melding", "välitetty viesti päättyy", "konec přeposlané zprávy",
))  # fmt: skip

# Our own letters open with this line (templates write it); what stands under it is ours.
REPLY_MARKERS = (
    "please type your reply above this line",
    "bitte antworten sie oberhalb dieser zeile",
    "merci de répondre au-dessus de cette ligne",
    "escriba su respuesta por encima de esta línea",
    "scriva la sua risposta sopra questa riga",
    "escreva a sua resposta acima desta linha",
    "typ uw antwoord boven deze regel",
)
