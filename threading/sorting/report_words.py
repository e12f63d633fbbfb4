"""Words of mail systems in delivery reports, lower-case: data only.

Phrases are grouped by language in the order en de fr es it pt nl sv da no fi pl cs sk hu ro bg ru uk el tr ar he fa zh ja ko vi id.
"""

# Subjects that say "not delivered" or "delayed", anywhere in the subject.
BOUNCE_SUBJECTS = (
    "undeliver", "delivery status", "delivery failure", "delivery failed", "delivery has failed", "delivery notification", "delivery error", "delivery report", "delivery problem", "delivery delay", "delivery unsuccessful", "delivery incomplete", "delivery to", "failure notice", "failed delivery", "failed mail", "returned mail", "returned email", "returned message", "returned to sender", "returning message", "mail delivery", "mail failure", "mail system error", "mail status", "mail error", "mail returned", "email error", "message status", "message rejected", "rejected mail",
    "non-delivery", "nondelivery", "non delivery", "nondeliverable", "not delivered", "could not be delivered", "cannot be delivered", "could not send", "couldn't be delivered", "unable to deliver", "delayed mail", "is delayed", "has been delayed", "permanent error", "transmission failure", "user unknown", "unknown user", "address unknown", "invalid address", "mailbox full", "over quota", "error sending", "banned file", "banned contents", "virus", "spam in mail", "blocked", "bounce", "rejected:", "loop alert", "processing error", "warning: message", "delayed", "errors from", "postmaster notify", "transcript of session", "undeliv",
    "unzustellbar", "nicht zugestellt", "zustellung", "unzustellbarkeit", "nachricht nicht", "rückläufer", "non remis", "échec de", "echec de", "non distribu", "erreur de distribution", "non délivr", "no entreg", "no se puede entregar", "no se ha podido entregar", "mensaje no entregado", "notificación de estado", "correo devuelto", "non recapitabile", "mancato recapito", "non consegnat", "mancata consegna", "não entreg", "não foi possível entregar", "nao entreg", "falha na entrega", "devolvida", "onbestelbaar", "niet bezorgd", "niet afgeleverd", "kan niet worden bezorgd", "ej levere", "inte levere", "kan inte levereras", "olevererbar",
    "ikke leveret", "kan ikke leveres", "uleveret", "ikke levert", "ikke leverbar", "ei voitu toimittaa", "toimittamaton", "toimitusvirhe", "niedostarcz", "nie można dostarczyć", "nie dostarczono", "zwrot poczty", "nedoručiteln", "nedoručen", "nelze doručit", "nedoručiteľn", "kézbesíthetetlen", "sikertelen kézbesítés", "nelivra", "nu a putut fi livrat", "недоставен", "не може да бъде доставено", "недоставлен", "не доставлен", "не удается доставить", "не удалось доставить", "недоставл", "не вдалося доставити", "δεν ήταν δυνατή η παράδοση", "μη παραδοτέο", "αδυναμία παράδοσης", "teslim edilemedi", "teslim edilemiyor", "iletilemedi", "تعذر التسليم", "لم يتم تسليم", "לא ניתן למסירה", "לא ניתן למסור", "تحویل نشد",
    "退信", "无法送达", "未送达", "投递失败", "無法傳遞", "無法送達", "未傳遞", "配信不能", "配信エラー", "送信不能", "配信できません", "送信エラー", "不達", "배달되지 않음", "배달할 수 없", "반송", "전송 실패", "không gửi được", "không thể gửi", "tidak terkirim", "tidak dapat dikirim", "gagal terkirim",
)  # fmt: skip

# How the text of a report speaks: a delivery that failed or waits.
FAILURES = (
    "could not be delivered", "couldn't be delivered", "could not deliver", "couldn't deliver", "unable to deliver", "cannot be delivered", "can not be delivered", "can't be delivered", "not be delivered", "was not delivered", "wasn't delivered", "were not delivered", "not delivered", "undeliver", "delivery failed", "delivery has failed", "delivery of your", "failed to deliver", "delivery to the following", "error delivering", "delivering your mail", "delivery error", "delivery failure", "delivery problem", "delivery status", "non-delivery", "did not reach", "didn't reach", "permanent error", "permanent fatal error", "permanent delivery error", "fatal errors", "transient non-fatal", "user unknown", "unknown user", "no such user", "no such recipient", "mailbox unavailable", "mailbox full", "mailbox is full", "over quota", "overquota", "quota exceeded", "does not exist", "doesn't exist", "unknown recipient", "unknown address", "unknown local", "recipient rejected", "recipient unknown", "address rejected", "invalid recipient", "invalid address", "undelivered", "bounced", "failed permanently",
    "failed recipient", "invalid user", "invalid final", "has been returned", "encountered an error", "following address", "following recipient", "following user", "following destination", "these recipients", "host unknown", "domain not found", "was not found", "wasn't found", "not listed", "unroutable", "unrouteable", "returned to sender", "returned to you", "is being returned", "could not be sent", "could not send", "unable to send", "cannot deliver", "is full", "disabled", "doesn't have a", "no longer", "not known", "not accepted", "not accepting", "message rejected", "was rejected", "has been rejected", "been blocked", "was blocked", "transcript of session", "not been collected", "banned", "has been delayed", "will be retried", "delivery attempts", "delivery is delayed", "has not yet been delivered", "failed", "duplicated message-id",
    "nicht zugestellt", "konnte nicht", "unzustellbar", "n'a pas pu", "n'ont pas pu", "non remis", "pas été remis", "impossible de remettre", "no se pudo", "no se ha podido", "no ha podido", "no se puede entregar", "non è stato possibile", "impossibile recapitare", "non recapit", "não pôde", "não foi possível", "não foi entregue", "kon niet", "kan niet worden", "niet worden bezorgd", "kunde inte", "kan inte levereras", "kunne ikke", "kan ikke leveres", "ei voitu", "nie można", "nie mogła", "nie został", "nelze doruč", "nebylo možné", "nepodarilo", "nem kézbesíthető", "nem sikerült", "nu a putut", "не може", "не удалось", "не может быть", "не доставлено", "не вдалося", "δεν ήταν δυνατή", "teslim edilemedi", "تعذر", "לא ניתן", "配信できません", "配信できませんでした", "送信できません", "届けられません", "配送できません", "見つかりません", "無法", "无法", "退回", "失败", "失敗", "배달할 수 없", "전송하지 못", "실패", "không thể", "tidak dapat",
)  # fmt: skip

# How a filter says that it refused a mail.
REFUSALS = (
    "rejected", "refused", "declined your", "not accepted", "abgelehnt", "abgewiesen", "zurückgewiesen", "annahme verweigert", "refusé", "rejeté", "rechazado", "rehusado", "rifiutat", "respinto", "recusad", "rejeitad", "geweigerd", "afgewezen", "odrzucon", "отклонен", "отклонён", "отвергнут", "відхилен", "avvisat", "avvist", "afvist", "hylätty", "odmítnut", "reddedildi", "拒绝", "拒否", "거부",
)  # fmt: skip

DELAYED = (
    "has been delayed", "been delayed", "delivery is delayed", "is delayed", "was delayed", "delayed mail", "delivery delay", "(delay)", ": delayed", "delayed for", "will be retried", "will be retrying", "will continue to be", "will keep trying", "keep trying", "will continue trying", "continue to try", "will try again", "has not yet been delivered", "not yet been delivered", "not been delivered yet", "still being retried", "warning message only", "warning only", "do not need to resend", "don't need to resend", "don't need to re-send", "do not need to re-send", "still trying", "delivery attempts will continue", "attempts to deliver the message will continue", "could not send message for past", "delay reason", "delayed 4", "has been postponed", "temporary failure report", "remains in the queue", "not yet delivered",
    "wird weiter versucht", "verzögert", "différée", "retardé", "retrasado", "se ha retrasado", "ritardata", "atrasada", "vertraagd", "fördröj", "forsink", "viivästy", "opóźnion", "zpožděn", "задерж", "затрим", "gecikti", "延迟", "延遲", "遅延", "지연",
)  # fmt: skip
GIVEN_UP = (
    "permanent error",
    "giving up",
    "given up",
    "gave up",
    "could not be delivered for",
    "delivery attempts failed",
    "is being returned",
    "retry time expired",
    "has been returned",
    "no further attempts",
)

# After one of these the recipients are listed.
LISTED_BELOW = (
    "following recipient", "following address", "following destination", "following user", "following e-mail", "following email", "following mailbox", "following account", "these recipients", "this recipient", "the recipient", "recipients or", "recipient(s)", "addresses had", "address had", "addresses have", "address(es)", "addressed to", "could not be delivered to", "couldn't be delivered to", "cannot be delivered to", "not delivered to", "failed to deliver to", "unable to deliver to", "was sent to", "delivery to the", "delivery to these", "did not reach", "didn't reach", "undeliverable to", "undelivered to", "list of recipients", "failed addresses", "failed recipients", "failed address", "errors on", "unknown user:", "unknown address", "unknown recipient", "folgende empfänger", "folgenden empfänger", "folgende adresse", "folgenden adresse", "destinataires suivants", "destinataire suivant", "adresses suivantes", "destinatarios", "siguientes destinatarios", "seguenti destinatari", "destinatari", "destinatários", "geadresseerden", "ontvangers", "mottagare", "modtager", "mottaker", "vastaanottaj", "adresat", "odbiorc", "příjemc", "príjemc", "címzett", "destinatari", "получател", "одержувач", "παραλήπτ", "alıcı", "المستلم", "הנמענים", "收件人", "宛先", "受信者", "あて先", "받는 사람", "수신자", "người nhận", "penerima",
)  # fmt: skip
RECIPIENT_LABELS = frozenset((
    "", "recipient", "recipients", "recipient address", "failed recipient", "failed recipients", "failed address", "final recipient", "final-recipient", "original recipient", "original-recipient", "rejected recipient", "intended recipient", "final delivery", "unknown user", "unknown recipient", "no such user", "user unknown", "invalid user", "user", "address", "email address", "e-mail address", "mail address", "email", "e-mail", "destination", "addressee", "mailbox", "account", "could not deliver to", "undeliverable to", "undelivered to", "delivery to", "error in address", "failed to deliver to", "unable to deliver to", "unable to deliver message to", "could not send message to", "rfc822", "failed", "empfänger", "destinataire", "destinatario", "destinatário", "ontvanger", "mottagare", "modtager", "mottaker", "odbiorca", "příjemce", "címzett", "получатель", "алıcı", "宛先", "あて先", "收件人", "受信者", "수신자",
))  # fmt: skip
ENVELOPE_LABELS = frozenset(
    (
        "to",
        "rcpt to",
        "in:  rcpt to",
        "in: rcpt to",
        "rcpt",
        "an",
        "à",
        "para",
        "aan",
        "til",
        "till",
        "do",
        "кому",
        "收件者",
        "cc",
    )
)
SENDER_LABELS = frozenset(("from", "sender", "reply-to", "return-path", "mail from", "envelope-from", "envelope-sender", "subject", "message-id", "references", "in-reply-to", "errors-to", "reporting-mta", "bcc", "date", "sent", "von", "de", "da", "van", "från", "fra", "od", "от", "от кого", "差出人", "发件人", "寄件者", "보낸 사람", "x-original-message-id", "received", "mailto", "x-sender", "list-post", "list-help"))  # fmt: skip
CONTACT = ("contact", "postmaster", "assistance", "support", "questions", "for help", "for more information", "please mail", "please e-mail", "please email", "please send", "report this", "mailto:", "http:", "https:", "wenden sie", "contacter", "contacte", "contattare", "neem contact", "kontakt", "обратитесь", "お問い合わせ", "联系", "from <", "mail from", "message from", "sender of", "sent by", "sent from", "accepting mail from", "received from")  # fmt: skip

# The returned mail begins at a line that starts with one of these, after dashes and stars.
ORIGINAL_BELOW = (
    "below this line is a copy", "below is a copy", "this is a copy of", "here is a copy", "start of returned message", "original message follows", "original message headers", "original message header", "original message details", "original mail", "original headers", "original message", "the original message follows", "the original message headers", "the header of the original message", "the headers of the original", "message header follows", "message headers follow", "message text follows", "message body follows", "returned message follows", "returned message", "returned mail follows", "unsent message", "undelivered message", "your original message", "your message follows", "message from mail delivery agent", "enclosed is a copy", "text of your message", "attached is a copy", "copy of your message", "copy of the message", "content-type: message/rfc822", "return-path:", "received: from", "received: by", "received: (qmail", "old message", "the following is a copy", "the first", "--- original", "original mail as follows", "start of message", "begin original", "ursprüngliche nachricht", "nachrichtenkopf", "message d'origine", "mensaje original", "messaggio originale", "mensagem original", "oorspronkelijk bericht", "ursprungligt meddelande", "исходное сообщение", "元のメッセージ", "原始邮件", "原始郵件", "원본 메시지", "message-id:",
)  # fmt: skip

# A sentence that names whom the mail was for.
ADDRESSED = (
    "was addressed",
    "addressed to",
    "intended for",
    "was meant for",
    "adressiert",
    "gerichtet an",
    "adressé à",
    "destiné à",
    "dirigido a",
    "indirizzato",
    "destinato a",
    "endereçad",
    "gericht aan",
    "bestemd voor",
    "adresserat",
    "adresseret",
    "adressert",
    "osoitettu",
    "adresowan",
    "určen",
    "адресован",
    "adına",
    "宛て",
    "寄给",
)

# Local parts of help desks and robots: a recipient only where recipients are listed.
NOT_RECIPIENTS = (
    "postmaster",
    "mailer-daemon",
    "abuse",
    "helpdesk",
    "hostmaster",
    "webmaster",
    "root",
    "noc",
    "noreply",
    "no-reply",
    "support",
    "info-bounce",
)

# Reason in words → enhanced status (RFC 3463), the most telling first.
REASON_STATUS = (
    ("mailbox full", "5.2.2"), ("mailbox is full", "5.2.2"), ("over quota", "5.2.2"), ("overquota", "5.2.2"), ("over-quota", "5.2.2"), ("quota exceeded", "5.2.2"), ("exceeded storage", "5.2.2"), ("exceeds the quota", "5.2.2"), ("exceeded its quota", "5.2.2"), ("inbox is full", "5.2.2"), ("disk quota", "5.2.2"), ("full mailbox", "5.2.2"), ("postfach ist voll", "5.2.2"), ("postfach voll", "5.2.2"), ("boîte pleine", "5.2.2"), ("buzón lleno", "5.2.2"), ("casella piena", "5.2.2"), ("caixa de correio cheia", "5.2.2"), ("postvak vol", "5.2.2"), ("переполнен", "5.2.2"), ("邮箱已满", "5.2.2"), ("信箱已滿", "5.2.2"), ("メールボックスがいっぱい", "5.2.2"), ("容量", "5.2.2"),
    ("user unknown", "5.1.1"), ("unknown user", "5.1.1"), ("no such user", "5.1.1"), ("unknown recipient", "5.1.1"), ("recipient unknown", "5.1.1"), ("recipient name is not recognized", "5.1.1"), ("e-mail account does not exist", "5.1.1"), ("does not exist", "5.1.1"), ("doesn't exist", "5.1.1"), ("doesn't have a", "5.1.1"), ("no mailbox here", "5.1.1"), ("mailbox not found", "5.1.1"), ("not a valid mailbox", "5.1.1"), ("not listed in", "5.1.1"), ("invalid recipient", "5.1.1"), ("no such address", "5.1.1"), ("unknown address", "5.1.1"), ("unknown local", "5.1.1"), ("wasn't found", "5.1.1"), ("address not found", "5.1.1"), ("empfänger unbekannt", "5.1.1"), ("existiert nicht", "5.1.1"), ("n'existe pas", "5.1.1"), ("no existe", "5.1.1"), ("non esiste", "5.1.1"), ("não existe", "5.1.1"), ("bestaat niet", "5.1.1"), ("finns inte", "5.1.1"), ("findes ikke", "5.1.1"), ("finnes ikke", "5.1.1"), ("nie istnieje", "5.1.1"), ("neexistuje", "5.1.1"), ("не существует", "5.1.1"), ("不存在", "5.1.1"), ("存在しません", "5.1.1"), ("見つかりません", "5.1.1"), ("존재하지 않", "5.1.1"),
    ("unrouteable address", "5.1.2"), ("host unknown", "5.1.2"), ("host not found", "5.1.2"), ("unknown host", "5.1.2"), ("domain not found", "5.1.2"), ("name or service not known", "5.1.2"), ("couldn't find any host", "5.1.2"), ("retry timeout exceeded", "4.4.7"), ("retry time not reached", "4.4.7"), ("mailbox unavailable", "5.2.1"), ("disabled", "5.2.1"), ("inactive", "5.2.1"), ("suspended", "5.2.1"), ("too large", "5.3.4"), ("message size", "5.3.4"), ("exceeds maximum", "5.3.4"), ("too many hops", "5.4.6"), ("mail loop", "5.4.6"), ("spam", "5.7.1"), ("blocked", "5.7.1"), ("relaying denied", "5.7.1"), ("relay", "5.7.1"), ("access denied", "5.7.1"), ("virus", "5.7.1"), ("banned", "5.7.1"), ("policy", "5.7.1"), ("rejected", "5.7.1"),
    ("timed out", "5.4.1"), ("timeout", "5.4.1"), ("connection refused", "5.4.1"), ("unreachable", "5.4.1"), ("not reachable", "5.4.1"), ("too long", "5.4.7"), ("expired", "5.4.7"), ("try again", "5.4.1"),
)  # fmt: skip
