"""Words that mail programs write for a reader who pressed a button: reactions, recalls, receipts, calendar answers.

Phrases are grouped by language in the order en de fr es it pt nl pl ru uk sv da no fi cs tr zh ja ko, lower-case: data only.
"""

# A thumb, a heart, a party: after a resolution they confirm it. Variants of colour are other characters; skin tones are modifiers.
APPROVING = frozenset("👍❤♥❣💟🧡💛💚💙💜🤎🖤🤍🩷🩵🩶💖💗💓💕💞💘💝🎉🥳🎊")
APPROVING_WORDS = frozenset(
    "like heart love celebrate thumbs thumbs-up thumbsup daumen gefällt herz liebt j'aime cœur coeur célébrer gusta corazón celebrar piace cuore festeggia gosto curtir coração celebração leuk hart vieren".split()
)
# Faces in ASCII that stand alone like an emoji.
FACES = frozenset((":)", ":-)", ":d", ":-d", ";)", ";-)", ":(", ":-(", "<3", "(y)", "(n)", ":+1:", ":-1:", ":thumbsup:", ":heart:", ":tada:", "+1"))  # fmt: skip
APPROVING_FACES = frozenset(("+1", "<3", "(y)", ":+1:", ":thumbsup:", ":heart:", ":tada:"))

# Who speaks of themselves names nobody.
FIRST_PERSONS = frozenset("i ich je yo io eu ik we wir nous nosotros noi nós wij".split())

# Behind the name of the reader.
REACTED = (
    "reacted to your message", "reacted via gmail", "reacted to your email", "reacted to this message", "reacted to a message", "reacted to your reply",
    "hat auf ihre nachricht reagiert", "hat auf deine nachricht reagiert", "hat auf ihre e-mail reagiert", "hat über gmail reagiert", "hat via gmail reagiert", "hat auf diese nachricht reagiert",
    "a réagi à votre message", "a réagi à ton message", "a réagi via gmail", "a réagi à votre e-mail", "a réagi à ce message", "a réagi avec gmail",
    "reaccionó a su mensaje", "reaccionó a tu mensaje", "ha reaccionado a su mensaje", "ha reaccionado a tu mensaje", "reaccionó a través de gmail", "ha reaccionado a través de gmail", "reaccionó mediante gmail", "ha reaccionado mediante gmail", "reaccionó por gmail",
    "ha reagito al tuo messaggio", "ha reagito al suo messaggio", "ha reagito al messaggio", "ha reagito tramite gmail", "ha reagito con gmail", "ha reagito alla tua email",
    "reagiu à sua mensagem", "reagiu a sua mensagem", "reagiu à tua mensagem", "reagiu pelo gmail", "reagiu através do gmail", "reagiu via gmail", "reagiu ao seu e-mail",
    "heeft gereageerd op je bericht met een emoji", "heeft op je bericht gereageerd met", "heeft gereageerd via gmail", "heeft via gmail gereageerd", "reageerde via gmail", "reageerde op je bericht", "reageerde op uw bericht",
    "zareagował(a) przez gmaila", "zareagował(a) na twoją wiadomość", "zareagowano przez gmaila", "отреагировал(а) через gmail", "отреагировал(-а) на ваше сообщение", "отреагировал(а) на ваше сообщение", "відреагував(-ла) через gmail", "reagerade via gmail", "reagerade på ditt meddelande", "reagerede via gmail", "reagerede på din besked", "reagerte via gmail", "reagerte på meldingen din", "reagoi gmailissa", "reagoi viestiisi", "zareagoval(a) přes gmail", "zareagoval(a) na vaši zprávu", "gmail üzerinden tepki verdi", "mesajınıza tepki verdi", "通过 gmail 做出了回应", "对你的邮件做出了回应", "さんが gmail でリアクションしました", "さんがあなたのメッセージにリアクションしました", "님이 gmail을 통해 반응했습니다", "님이 메시지에 반응했습니다",
)  # fmt: skip

# Tapbacks: the words before the quoted message, those behind it, and whether they approve.
TAPBACKS: tuple[tuple[str, str, bool], ...] = (
    ("liked", "", True), ("loved", "", True), ("disliked", "", False), ("laughed at", "", False), ("emphasized", "", False), ("emphasised", "", False), ("questioned", "", False), ("removed a like from", "", False), ("removed a heart from", "", False), ("reacted", "", False), ("likes", "", True), ("loves", "", True), ("likes your message", "", True),
    ("gefällt", "", True), ("gefiel", "", True), ("liebt", "", True), ("liebte", "", True), ("mag", "nicht", False), ("mag", "", True), ("mochte", "nicht", False), ("mochte", "", True), ("hat", "mit „gefällt mir“ markiert", True), ("hat", "mit gefällt mir markiert", True), ("hat", "geliket", True), ("lachte über", "", False), ("hat über", "gelacht", False), ("betonte", "", False), ("hat", "betont", False), ("hinterfragte", "", False), ("hat", "hinterfragt", False), ("reagierte mit", "", False),
    ("a aimé", "", True), ("a adoré", "", True), ("aime", "", True), ("j'aime", "", True), ("adore", "", True), ("n'a pas aimé", "", False), ("a ri à", "", False), ("a ri de", "", False), ("a mis en évidence", "", False), ("a insisté sur", "", False), ("a mis l'accent sur", "", False), ("s'interroge sur", "", False), ("a questionné", "", False), ("a réagi", "", False),
    ("le gustó", "", True), ("le gusta", "", True), ("me gusta", "", True), ("le encantó", "", True), ("le encanta", "", True), ("no le gustó", "", False), ("no le gusta", "", False), ("se rio de", "", False), ("se rió de", "", False), ("se ha reído de", "", False), ("enfatizó", "", False), ("destacó", "", False), ("cuestionó", "", False), ("reaccionó", "", False),
    ("ha messo mi piace a", "", True), ("ha messo “mi piace” a", "", True), ('ha messo "mi piace" a', "", True), ("mi piace", "", True), ("piace", "", True), ("ha adorato", "", True), ("ha amato", "", True), ("non piace", "", False), ("ha messo non mi piace a", "", False), ("ha riso a", "", False), ("ha riso per", "", False), ("ha enfatizzato", "", False), ("ha evidenziato", "", False), ("ha messo in dubbio", "", False), ("ha reagito", "", False),
    ("gostou de", "", True), ("curtiu", "", True), ("amou", "", True), ("adorou", "", True), ("não gostou de", "", False), ("não curtiu", "", False), ("riu de", "", False), ("enfatizou", "", False), ("destacou", "", False), ("questionou", "", False), ("reagiu", "", False),
    ("vond", "leuk", True), ("vindt", "leuk", True), ("vond", "geweldig", True), ("vindt", "geweldig", True), ("vond", "niet leuk", False), ("vindt", "niet leuk", False), ("heeft", "leuk gevonden", True), ("lachte om", "", False), ("benadrukte", "", False), ("heeft", "benadrukt", False), ("stelde een vraag bij", "", False), ("reageerde met", "", False),
)  # fmt: skip

# A recall of Outlook: a sentence with the name of the writer and the subject. Its parts, of which all must be there.
RECALLS: tuple[tuple[str, ...], ...] = (
    ("would like to recall the message",), ("möchte die nachricht", "zurückrufen"), ("möchte folgende nachricht zurückrufen",), ("souhaite rappeler le message",), ("souhaiterait rappeler le message",), ("voudrait rappeler le message",), ("desea recuperar el mensaje",), ("quiere recuperar el mensaje",), ("desea retirar el mensaje",), ("desidera richiamare il messaggio",), ("vuole richiamare il messaggio",), ("vorrebbe richiamare il messaggio",), ("gostaria de recolher a mensagem",), ("gostaria de cancelar a mensagem",), ("deseja recolher a mensagem",), ("pretende anular a mensagem",), ("gostaria de anular a mensagem",), ("wil het bericht", "intrekken"), ("wil graag het bericht", "intrekken"), ("zou het bericht", "willen intrekken"),
    ("chce odwołać wiadomość",), ("хочет отозвать сообщение",), ("хотел бы отозвать сообщение",), ("vill återkalla meddelandet",), ("vil gerne tilbagekalde meddelelsen",), ("vil trekke tilbake meldingen",), ("haluaa peruuttaa viestin",), ("chce odvolat zprávu",), ("iletisini geri çekmek istiyor",), ("想撤回邮件",), ("メッセージを取り消そうとしています",), ("메시지를 회수하려고 합니다",),
)  # fmt: skip

# A receipt in words: the beginning of its subject, and a phrase that its text must have.
READ_SUBJECTS = (
    "read", "not read", "read receipt", "return receipt", "return receipt (displayed)", "gelesen", "nicht gelesen", "ungelesen", "ungelesen gelöscht", "lesebestätigung", "empfangsbestätigung (angezeigt)", "lu", "non lu", "accusé de lecture", "confirmation de lecture", "accusé de réception (affiché)", "leído", "leido", "no leído", "no leido", "confirmación de lectura", "letto", "letta", "non letto", "non letta", "conferma di lettura", "ricevuta di ritorno", "lida", "lido", "não lida", "não lido", "recibo de leitura", "confirmação de leitura", "gelezen", "niet gelezen", "leesbevestiging",
    "przeczytane", "przeczytano", "прочтено", "прочитано", "не прочтено", "läst", "oläst", "læst", "ulæst", "lest", "ulest", "luettu", "lukematta", "přečteno", "okundu", "已读", "已讀", "开封済み", "開封済み", "읽음",
)  # fmt: skip
READ_PHRASES = (
    "was read on", "was read at", "was displayed on", "was displayed at", "has been displayed on", "was deleted without being read", "this is a receipt for the mail", "this is a return receipt", "return receipt for the mail", "read receipt for", "this receipt verifies", "this receipt shows", "this receipt only acknowledges", "no guarantee that the message has been read", "no guarantee that the recipient has read",
    "wurde gelesen am", "wurde am", "wurde ungelesen gelöscht", "dies ist eine empfangsbestätigung", "dies ist eine lesebestätigung", "diese empfangsbestätigung", "wurde ungelesen", "a été lu le", "a été lu à", "a été supprimé sans", "a été affiché", "ceci est un accusé", "cet accusé de", "se leyó el", "se ha leído el", "fue leído el", "ha sido leído el", "se eliminó sin", "esto es un acuse", "este es un acuse", "se mostró", "è stato letto", "è stata letta", "è stato eliminato senza", "questa è una ricevuta", "questa ricevuta", "foi lida em", "foi lida a", "foi lido em", "foi eliminada sem", "foi excluída sem", "este é um recibo", "este recibo", "foi exibida", "is gelezen op", "werd gelezen op", "is ongelezen verwijderd", "is verwijderd zonder", "dit is een ontvangstbevestiging", "dit is een leesbevestiging", "deze leesbevestiging",
    "została przeczytana", "zostało przeczytane", "было прочтено", "было прочитано", "lästes", "lest den", "blev læst", "ble lest", "luettiin", "byla přečtena", "okundu", "已阅读", "已閱讀", "開封されました", "읽었습니다",
)  # fmt: skip

# An answer to an invitation: the beginning of its subject.
INVITATION_SUBJECTS = (
    "accepted", "declined", "tentative", "tentatively accepted", "maybe", "zugesagt", "abgelehnt", "mit vorbehalt", "mit vorbehalt zugesagt", "vorläufig zugesagt", "angenommen", "vielleicht", "accepté", "acceptée", "refusé", "refusée", "provisoire", "peut-être", "décliné", "aceptado", "aceptada", "rechazado", "rechazada", "provisional", "quizás", "accettato", "accettata", "rifiutato", "rifiutata", "provvisorio", "forse", "aceite", "aceito", "aceita", "recusado", "recusada", "provisória", "provisório", "talvez", "geaccepteerd", "geweigerd", "afgewezen", "afgeslagen", "voorlopig", "misschien",
    "zaakceptowano", "odrzucono", "принято", "отклонено", "прийнято", "відхилено", "godkänt", "accepterat", "avböjt", "accepteret", "afvist", "godtatt", "avslått", "hyväksytty", "hylätty", "přijato", "odmítnuto", "kabul edildi", "reddedildi", "已接受", "已拒绝", "已婉拒", "承諾", "辞退", "수락함", "거절함",
)  # fmt: skip
# What the program that answers writes into the text, beside the lines with time and place.
INVITATION_PHRASES = (
    "accepted this invitation", "declined this invitation", "accepted your invitation", "declined your invitation", "has accepted", "has declined", "tentatively accepted", "replied \"maybe\"", "replied “maybe”", "answer to an invitation", "invitation from google calendar", "calendar.google.com", "google calendar", "hat diese einladung angenommen", "hat diese einladung abgelehnt", "hat ihre einladung angenommen", "hat ihre einladung abgelehnt", "hat zugesagt", "hat abgesagt", "a accepté cette invitation", "a refusé cette invitation", "a accepté votre invitation", "a refusé votre invitation", "ha aceptado esta invitación", "ha rechazado esta invitación", "ha aceptado su invitación", "ha accettato questo invito", "ha rifiutato questo invito", "ha accettato l'invito", "ha rifiutato l'invito", "aceitou este convite", "recusou este convite", "aceitou o seu convite", "aceitou o convite", "recusou o convite", "heeft deze uitnodiging geaccepteerd", "heeft deze uitnodiging afgewezen", "heeft uw uitnodiging geaccepteerd", "heeft geaccepteerd", "heeft afgewezen",
)  # fmt: skip
INVITATION_LABELS = ("when", "where", "who", "time", "location", "organizer", "subject", "wann", "wo", "wer", "zeit", "ort", "organisator", "betreff", "quand", "où", "qui", "lieu", "organisateur", "objet", "cuándo", "dónde", "quién", "lugar", "ubicación", "asunto", "quando", "dove", "chi", "luogo", "oggetto", "onde", "quem", "local", "assunto", "wanneer", "waar", "wie", "locatie", "onderwerp")  # fmt: skip
