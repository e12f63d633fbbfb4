"""What mail clients write around the mail that they quote or forward, by language: data only, all lower-case.

`STARTS` and `VERBS` make attribution lines ("On … wrote:"), `LABELS` header blocks, `ORIGINAL` and `FORWARDED` separator lines,
`FOOTERS` the lines that telephones append. Every table is matched by plain comparison, never by a pattern.
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
    "tr": ("tarihinde ",),
    "zh": ("在 ", "在", "于", "於 "),
    "ja": (),
    "ko": (),
    "vi": ("vào ", "ngày "),
    "el": ("στις ",),
    "ca": ("el ",),
    "lt": (),
    "et": (),
    "hr": ("dana ", "u "),
    "sl": ("v ",),
}
VERBS: dict[str, tuple[str, ...]] = {
    "en": ("wrote", "writes", "said", "replied", "you wrote"),
    "de": ("schrieb", "geschrieben", "schreibt"),
    "fr": ("a écrit", "a ecrit", "écrit"),
    "es": ("escribió", "escribio", "escribieron", "escribiste", "ha escrit", "escribe"),
    "it": ("ha scritto", "scrive"),
    "pt": ("escreveu", "escreveram"),
    "nl": ("schreef", "geschreven", "het volgende geschreven"),
    "pl": ("napisał", "napisała", "napisał(a)", "napisał/a", "pisze", "napisano"),
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
    "ca": ("va escriure",),
    "lt": ("rašė",),
    "et": ("kirjutas",),
    "hr": ("napisao je", "je napisao/la", "piše"),
    "sl": ("je napisal",),
}

# Labels of header blocks, by the field they stand for.
LABELS: dict[str, tuple[str, ...]] = {
    "from": (
        "from", "von", "de", "da", "van", "od", "от", "от кого", "від", "från", "fra", "lähettäjä", "kimden", "gönderen", "发件人",
        "寄件者", "寄件人", "差出人", "送信者", "보낸 사람", "발신", "feladó", "de la", "от:", "šalje", "från", "avsändare", "remetente",
        "expéditeur", "mittente", "remitente", "absender", "afzender", "nadawca", "отправитель", "lähettäjältä", "avsender", "afsender",
        "odesílatel", "odesilatel", "odosielateľ", "feladó:", "expeditor", "saatja", "kellelt", "nuo", "no", "od koga", "από", "từ", "dari", "מאת", "من",
        "oorspronkelijk bericht van", "発信者", "送信元",
    ),
    "date": (
        "date", "sent", "datum", "dată", "gesendet", "gesendet am", "fecha", "enviado", "enviado el", "enviada", "enviada em", "enviado em", "envoyé",
        "envoyé le", "data", "inviato", "data invio", "verzonden", "data wysłania", "wysłano", "wysłane", "дата", "отправлено", "дата отправки",
        "надіслано", "skickat", "dato", "sendt", "päivämäärä", "päiväys", "lähetetty", "odesláno", "odoslané", "dátum", "tarih", "gönderildi",
        "gönderilen", "gönderme tarihi", "发送时间", "寄件日期", "日期", "日付", "送信日時", "보낸 날짜", "날짜", "elküldve", "küldve", "küldés ideje",
        "trimis", "trimisă", "date d'envoi", "kuupäev", "saadetud", "poslano", "ημερομηνία", "date", "time", "发送日期", "時間", "时间",
        "ngày", "tanggal", "תאריך", "التاريخ", "enviat", "sent at", "dátum:", "tarihi",
    ),
    "to": (
        "to", "an", "para", "pour", "pre", "à", "a", "aan", "do", "кому", "till", "til", "vastaanottaja", "komu", "kime", "alıcı", "收件人", "收件者", "宛先",
        "받는 사람", "받는사람", "수신", "címzett", "către", "catre", "prima", "per", "destinatario", "destinataire", "destinatário", "empfänger",
        "ontvanger", "mottagare", "modtager", "mottaker", "příjemce", "príjemca", "kellele", "adresat", "za", "kam", "προς", "đến", "kepada", "אל", "إلى",
        "送信先", "受信者", "saaja",
    ),
    "cc": (
        "cc", "kopie", "copie", "copie à", "copia", "cópia", "kopia", "копия", "копія", "kopi", "kopio", "kópia", "bilgi", "抄送", "副本",
        "참조", "másolat", "másolatot kap", "másolat:", "dw", "udw", "ilgi", "kk", "c/c", "c.c", "kop", "koopia", "κοιν", "ccn", "wysłano kopię",
    ),
    "subject": (
        "subject", "betreff", "asunto", "objet", "oggetto", "assunto", "onderwerp", "temat", "тема", "ämne", "ämnet", "emne", "aihe", "předmět",
        "predmet", "konu", "主题", "主題", "主旨", "件名", "제목", "tárgy", "subiect", "subiectul", "naslov", "zadeva", "teema", "tema", "θέμα",
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
    "original message", "reply message", "original-nachricht", "ursprüngliche nachricht", "originalnachricht", "message d'origine", "message d’origine",
    "message original", "mensaje original", "messaggio originale", "messaggio originario", "mensagem original", "oorspronkelijk bericht",
    "original-message", "original mail", "original email", "original e-mail", "oryginalna wiadomość", "wiadomość oryginalna", "исходное сообщение",
    "оригинальное сообщение", "originalmeddelande", "ursprungligt meddelande", "original meddelelse", "oprindelig meddelelse", "oprindelig besked", "original besked", "original melding",
    "opprinnelig melding", "alkuperäinen viesti", "původní zpráva", "pôvodná správa", "orijinal mesaj", "orjinal mesaj", "özgün ileti", "özgün mesaj",
    "原始邮件", "原始郵件", "原邮件", "元のメッセージ", "オリジナルメッセージ", "원본 메시지", "원본 메일", "eredeti üzenet", "mesaj original", "original appointment",
    "reply message", "antwort nachricht", "ursprungligt meddelande", "оригинал", "originele bericht", "izvorna poruka", "auf", "thư gốc", "αρχικό μήνυμα",
    "reply above this line", "mesajul original", "first message", "первоначальное сообщение", "pesan asli", "missatge original",
    "original message processed by tobit", "wiadomość źródłowa", "ursprünglicher text", "přeposlaná zpráva (původní)", "cited message", "quoted message",
))  # fmt: skip

FORWARDED = frozenset((
    "forwarded message", "begin forwarded message", "forwarded mail", "forwarded email", "forwarded by", "weitergeleitete nachricht", "anfang der weitergeleiteten nachricht",
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
    "i̇leti başlangıcı", "ileti başlangıcı", "i̇letilen mesaj", "iletinin başlangıcı", "转发的邮件", "转发邮件", "开始转发的邮件", "转发邮件信息", "以下是转发的邮件",
    "轉寄郵件", "轉寄的郵件", "開始轉寄郵件", "开始转发邮件", "転送されたメッセージ", "転送メッセージ", "以下是轉寄的郵件", "已转发邮件", "転送メール",
    "전달된 메시지", "전달된 메일", "전달된 메시지 시작", "továbbított üzenet", "továbbított levél kezdete", "továbbított levél", "mesaj redirecționat",
    "începutul mesajului redirecționat", "mesaj redirectionat", "mesaj transmis", "proslijeđena poruka", "početak proslijeđene poruke",
    "edastatud kiri", "edastatud sõnum", "algus edasi saadetud kirjast", "persiųstas laiškas", "pārsūtītā ziņa", "pārsūtīts ziņojums", "posredovano sporočilo",
    "začetek posredovanega sporočila", "missatge reenviat", "inici del missatge reenviat", "προωθημένο μήνυμα", "έναρξη προωθημένου μηνύματος",
    "tin nhắn đã chuyển tiếp", "thư chuyển tiếp", "pesan terusan", "mulai pesan terusan", "הודעה שהועברה", "رسالة معاد توجيهها",
    "forwarded message / переслане повідомлення", "weitergeleitet", "fwd", "retransmitted message", "message redirigé", "doorgezonden bericht",
))  # fmt: skip

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
)  # fmt: skip
LONGEST_FOOTER = 90
WORDS_AFTER_FOOTER = 6

# Our own letters open with this line (templates write it); what stands under it is ours.
REPLY_MARKER = "please type your reply above this line"
