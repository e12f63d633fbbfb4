"""Words of mail systems in delivery reports: data only, lower-case unless said otherwise."""

BOUNCE_AUTHORS = (
    "mailer-daemon", "mailerdaemon", "postmaster", "mail delivery subsystem", "mail delivery system", "mail-daemon", "maildaemon",
    "mail administrator", "mdaemon", "bounce", "bounces", "non-delivery", "mail delivery", "mailer", "mmdf", "smtp-gateway", "mail-router", "double-bounce",
    "system administrator", "system attendant", "mailsweeper", "internet mail delivery", "mail system", "delivery subsystem", "mail transfer", "smtpd", "uucp", "mailgate",
    "email delivery", "e500_smtp_mail_service", "imss", "post_master", "symantec_antivirus_for_smtp_gateways", "smtp_gateway", "mailgateway", "postoffice", "post_office", "mail_router", "administrator", "daemon",
)  # fmt: skip

BOUNCE_SUBJECTS = (
    "undeliver", "undelivered", "delivery status notification", "delivery failure", "delivery failed", "failure notice", "returned mail", "mail delivery failed", "mail delivery failure",
    "message delivery failure", "delivery has failed", "failed delivery", "delivery notification", "delivery error", "delivery report", "mail delivery", "non remis", "non-delivery", "nondeliverable",
    "non delivery", "unzustellbar", "nicht zugestellt", "could not be delivered", "not delivered", "cannot be delivered", "delivery problem", "delivery delayed", "delayed mail", "mail failure", "mail system error",
    "message status - undeliverable", "undeliverable", "warning: could not send message", "warning: message", "returned email", "returned message", "permanent error", "delivery unsuccessful", "rejected mail",
    "rejected:", "user unknown", "bounce", "message not delivered", "email not delivered", "mensaje no entregado", "non recapitabile", "недоставленное", "не доставлено", "no entregable", "não entregue",
    "onbestelbaar", "niet bezorgd", "ej levererat", "配信不能", "配信エラー", "退信", "系统退信", "unable to deliver", "failed mail", "mail could not", "echec de distribution", "échec de", "notificación de estado",
    "transmission failure", "nachricht nicht", "mail not delivered", "address unknown", "mail status report", "returned to sender", "undelivered mail", "message rejected", "your message", "mail returned", "mail error", "erreur de distribution", "mailbox full", "送信不能", "message undeliverable", "invalid address", "error sending",
)  # fmt: skip

FAILURES = (
    "could not be delivered", "couldn't be delivered", "could not deliver", "couldn't deliver", "unable to deliver", "cannot be delivered", "can not be delivered", "not be delivered", "was not delivered",
    "wasn't delivered", "not delivered", "undeliver", "delivery failed", "failed to deliver", "delivery to the following", "permanent error", "permanent fatal error", "fatal errors", "user unknown", "unknown user",
    "no such user", "mailbox unavailable", "mailbox full", "over quota", "does not exist", "unknown recipient", "unknown address", "recipient rejected", "rejected", "invalid recipient", "undelivered", "bounced",
    "delivery error", "delivery failure", "failed permanently", "following address", "the following recipients", "following recipient", "host unknown", "was not found", "wasn't found", "not listed", "unroutable", "returned to sender",
    "could not be sent", "kon niet", "nicht zugestellt", "konnte nicht", "no se pudo", "n'a pas pu", "non è stato possibile", "não pôde", "не удалось", "не может быть", "配信できません", "送信できません", "無法", "无法", "mailbox", "not known", "unable to send", "cannot deliver", "is full", "disabled", "doesn't have a", "has been removed", "no longer", "error", "failed", "failure", "denied",
)  # fmt: skip

DELAYED = (
    "has been delayed", "delivery is delayed", "delayed mail", "will be retried", "will continue to be", "will keep trying", "will continue trying", "will try again", "has not yet been delivered", "not been delivered yet",
    "still being retried", "this is a warning message only", "warning message only", "do not need to resend", "don't need to resend", "still trying", "temporarily", "delivery attempts will continue", "could not send message for past", "delay reason", "is delayed", "delayed 4", "has been postponed",
)  # fmt: skip

# The returned mail begins at one of these.
ORIGINAL_BELOW = (
    "--- below this line is a copy", "------ this is a copy of", "original message follows", "--- original message", "----- original message", "the header of the original message is following",
    "message header follows", "the original message was received", "unsent message below", "returned message follows", "the original message headers", "your original message", "----- unsent message", "\nreturn-path:", "\nreceived: from", "\nreceived: by", "original headers:", "original message headers",
    "--- message from mail delivery agent", "--- enclosed is a copy", "------ text of your message", "attached is a copy", "a copy of the message", "--- original mail", "content-type: message/rfc822", "message text follows", "-- original message", "\n\nfrom:", "\nmessage-id:",
)  # fmt: skip

# Local parts that stand in reports without being a failed recipient.
NOT_RECIPIENTS = (
    "postmaster",
    "abuse",
    "helpdesk",
    "hostmaster",
    "webmaster",
    "root",
    "noc",
    "info-bounce",
    "noreply",
    "no-reply",
)

# Reason in words → enhanced status (RFC 3463), the most telling first.
REASON_STATUS = (
    ("mailbox full", "5.2.2"), ("mailbox is full", "5.2.2"), ("over quota", "5.2.2"), ("quota exceeded", "5.2.2"), ("exceeded storage", "5.2.2"), ("exceeds the quota", "5.2.2"), ("inbox is full", "5.2.2"), ("disk quota", "5.2.2"), ("full mailbox", "5.2.2"),
    ("user unknown", "5.1.1"), ("unknown user", "5.1.1"), ("no such user", "5.1.1"), ("unknown recipient", "5.1.1"), ("recipient unknown", "5.1.1"), ("does not exist", "5.1.1"), ("doesn't have a", "5.1.1"), ("no mailbox here", "5.1.1"), ("mailbox not found", "5.1.1"),
    ("not listed in", "5.1.1"), ("invalid recipient", "5.1.1"), ("no such address", "5.1.1"), ("unknown address", "5.1.1"), ("unknown local", "5.1.1"), ("unrouteable address", "5.1.2"), ("host unknown", "5.1.2"), ("host not found", "5.1.2"), ("domain not found", "5.1.2"),
    ("name or service not known", "5.1.2"), ("couldn't find any host", "5.1.2"), ("mailbox unavailable", "5.2.1"), ("disabled", "5.2.1"), ("inactive", "5.2.1"), ("too large", "5.3.4"), ("message size", "5.3.4"), ("exceeds maximum", "5.3.4"), ("spam", "5.7.1"), ("blocked", "5.7.1"), ("relaying denied", "5.7.1"), ("relay", "5.7.1"), ("access denied", "5.7.1"), ("rejected", "5.7.1"),
    ("timed out", "4.4.1"), ("connection refused", "4.4.1"), ("too long", "4.4.7"), ("expired", "4.4.7"),
)  # fmt: skip
