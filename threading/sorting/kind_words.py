"""Subjects and authors of robots, lower-case: data only."""

OUT_OF_OFFICE = (
    "out of office", "out of the office", "out-of-office", "automatic reply", "auto reply", "auto-reply", "autoreply", "automatic response", "vacation reply", "vacation", "away from my mail", "i am on vacation",
    "autosvar", "automatisch antwoord", "automatische antwort", "abwesenheitsnotiz", "abwesenheit", "abwesend", "automatische abwesenheit", "außer haus", "réponse automatique", "absence du bureau", "absent du bureau", "message d'absence",
    "respuesta automática", "fuera de la oficina", "ausente", "risposta automatica", "fuori sede", "fuori ufficio", "assente", "resposta automática", "ausência temporária", "fora do escritório", "afwezig", "afwezigheid", "niet aanwezig", "automatyczna odpowiedź", "odpowiedź automatyczna", "nieobecność", "poza biurem",
    "автоматический ответ", "автоответ", "нет на месте", "отсутствие", "frånvaro", "frånvarande", "automatiskt svar", "automatisk svar", "fraværende", "fravær", "ikke til stede", "automaattinen vastaus", "poissa", "poissaolo", "automatická odpověď", "nepřítomnost", "mimo kancelář", "otomatik yanıt", "ofis dışında", "自动回复", "自動回覆", "自動応答", "不在通知", "자동 회신", "부재중", "자동 응답", "automatická odpoveď", "automatikus válasz", "házon kívül",
)  # fmt: skip
ROBOT_SUBJECTS = (
    "auto",
    "automatic notification",
    "autoresponse",
    "auto response",
    "auto-response",
    "[auto-reply]",
    "[autoreply]",
    "automated response",
    "automated reply",
    "read",
    "gelesen",
    "lu",
    "leído",
    "read receipt",
    "return receipt",
    "disposition notification",
)
ROBOT_AUTHORS = (
    "mailer-daemon",
    "mailerdaemon",
    "mail-daemon",
    "mail delivery subsystem",
    "mail delivery system",
    "autoresponder",
    "auto-reply",
    "autoreply",
    "autoresponse",
    "vacation",
    "listserv",
    "majordomo",
    "double-bounce",
)
CHALLENGES = (
    "please confirm your message", "please confirm your e-mail", "please confirm your email", "confirm your message", "verify your message", "your message is awaiting", "your mail requires confirmation", "sender verification", "confirmation required", "re: please confirm", "please verify", "challenge:", "message held:", "email confirmation required", "[boxbe]", "[spamarrest]", "[sender verification]", "bluebottle authentication", "verification request", "earthlink",
)  # fmt: skip
