"""The words of staff commands: the value that each takes, an example, and its names in other languages.

English always works; the other words are aliases. `decisions.staff.steps` says what each word does.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from helpdesk.threading.model.sentence import Sentence, sentence

NEAR = 0.7  # likeness of a mistyped name to the command that was meant
LONGEST_NAME = 40  # characters of a name that are compared


class Word(StrEnum):
    """A command, by its English word."""

    TAKE = "take"
    ASSIGN = "assign"
    ASK = "ask"
    WORKING = "working"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    ESCALATE = "escalate"
    PRIORITY = "priority"
    SEVERITY = "severity"
    CATEGORY = "category"
    QUEUE = "queue"
    LANGUAGE = "language"
    NOTE = "note"
    ANSWER = "answer"
    PERMISSION = "permission"
    CONSULT = "consult"
    CC = "cc"
    UNCC = "uncc"
    MERGE = "merge"
    SPLIT = "split"
    LINK = "link"
    JOIN = "join"
    INCIDENT = "incident"
    BROADCAST = "broadcast"
    SNOOZE = "snooze"
    WATCH = "watch"
    UNWATCH = "unwatch"
    AT = "at"
    SPAM = "spam"
    STATUS = "status"
    FIND = "find"
    WHY = "why"
    SHOW = "show"
    FILE = "file"
    USE = "use"
    SEND = "send"
    INBOX = "inbox"
    DISCARD = "discard"
    UNDO = "undo"
    HELP = "help"
    UNSUPPRESS = "unsuppress"
    ON = "on"
    NEW = "new"
    AUTHOR = "author"
    AWAY = "away"
    BACK = "back"


class Value(StrEnum):
    """Whether a command needs a value on its line, allows one, or takes none."""

    NONE = "nothing"
    TEXT = "text"  # text on the line, or below it
    NEEDED = "a value"


@dataclass(frozen=True, slots=True)
class Usage:
    """How a command is used. `example` is a line that works; `means` says in a few words what it does."""

    value: Value
    example: str
    means: Sentence


USAGE: dict[Word, Usage] = {
    Word.TAKE: Usage(Value.NONE, "#take", sentence("the request is yours")),
    Word.ASSIGN: Usage(Value.NEEDED, "#assign Omar", sentence("the request is a colleague's")),
    Word.ASK: Usage(Value.TEXT, "#ask", sentence("the text is a question; the clocks wait for the customer")),
    Word.WORKING: Usage(
        Value.TEXT, "#working by friday", sentence("the text goes to the customer; you go on, and the date is promised")
    ),
    Word.RESOLVE: Usage(Value.TEXT, "#resolve", sentence("the text is the final answer")),
    Word.CLOSE: Usage(Value.TEXT, "#close", sentence("closed at once, without waiting for a confirmation")),
    Word.REOPEN: Usage(Value.NONE, "#reopen", sentence("in progress again")),
    Word.ESCALATE: Usage(
        Value.TEXT, "#escalate payments are down by 2026-11-25", sentence("to a senior; the customer is told, with the day")
    ),
    Word.PRIORITY: Usage(Value.NEEDED, "#priority high", sentence("low, normal, high or critical")),
    Word.SEVERITY: Usage(Value.NEEDED, "#severity high", sentence("low, normal, high or critical")),
    Word.CATEGORY: Usage(Value.NEEDED, "#category billing and plans", sentence("one of the desk's categories")),
    Word.QUEUE: Usage(Value.NEEDED, "#queue billing", sentence("one of the desk's queues")),
    Word.LANGUAGE: Usage(
        Value.NEEDED, "#language de", sentence("in which the customer is written to: en, de, fr, es, it, pt, pt-BR, nl")
    ),
    Word.NOTE: Usage(Value.TEXT, "#note", sentence("the text is for staff alone")),
    Word.ANSWER: Usage(
        Value.TEXT, "#answer", sentence("the text is for the customer, beside #assign, #escalate, #merge and #snooze too")
    ),
    Word.PERMISSION: Usage(
        Value.TEXT, "#permission", sentence("the text is a change of data; the requester alone is asked to permit it")
    ),
    Word.CONSULT: Usage(
        Value.NEEDED, "#consult lea@supplier.example", sentence("they get the text and nothing else; answers become notes")
    ),
    Word.CC: Usage(Value.NEEDED, "#cc paul@acme.example", sentence("gets the later letters to the customer")),
    Word.UNCC: Usage(Value.NEEDED, "#uncc paul@acme.example", sentence("gets no more letters")),
    Word.MERGE: Usage(Value.NEEDED, "#merge ACZ-K7Q2M9", sentence("the other request joins this one")),
    Word.SPLIT: Usage(Value.NONE, "#split", sentence("the customer's last message becomes a request of its own")),
    Word.LINK: Usage(Value.NEEDED, "#link ACZ-K7Q2M9", sentence("the two belong together")),
    Word.JOIN: Usage(
        Value.TEXT, "#join ACZ-K7Q2M9", sentence("this request goes on in the other one; alone: in the one that it is linked to")
    ),
    Word.INCIDENT: Usage(Value.TEXT, "#incident ACZ-K7Q2M9", sentence("part of that incident; alone: this request is one")),
    Word.BROADCAST: Usage(Value.TEXT, "#broadcast", sentence("on an incident: the text goes to each of its customers, apart")),
    Word.SNOOZE: Usage(Value.NEEDED, "#snooze 2d", sentence("it comes back then: 2d, 4h, monday, 2026-11-25")),
    Word.WATCH: Usage(Value.TEXT, "#watch Ines", sentence("a colleague, or you without a name, gets what is written here")),
    Word.UNWATCH: Usage(Value.TEXT, "#unwatch Ines", sentence("they get it no more")),
    Word.AT: Usage(
        Value.NEEDED, "#at monday 9:00", sentence("all of this mail is carried out then; until then it can be taken back")
    ),
    Word.SPAM: Usage(Value.NONE, "#spam", sentence("closed without a letter")),
    Word.STATUS: Usage(
        Value.TEXT,
        "#status",
        sentence("how the request stands; with a reference, an address or a colleague: how those requests stand"),
    ),
    Word.FIND: Usage(Value.TEXT, "#find invoice 2026", sentence("requests with these words, closed ones included")),
    Word.WHY: Usage(Value.TEXT, "#why", sentence("how the request was sorted, and why it is whose it is")),
    Word.SHOW: Usage(Value.TEXT, "#show", sentence("sends you what was left out of the last message: quotes, signature")),
    Word.FILE: Usage(
        Value.NEEDED, "#file 2", sentence("sends you that file of the request, in parts where it is too large for one letter")
    ),
    Word.USE: Usage(Value.NEEDED, "#use other-account", sentence("a ready answer stands in your text where this line is")),
    Word.SEND: Usage(Value.NONE, "#send", sentence("a held mail goes out all the same")),
    Word.INBOX: Usage(Value.NONE, "#inbox", sentence("a held answer stands in the customer's support inbox alone")),
    Word.DISCARD: Usage(Value.NONE, "#discard", sentence("a held mail is dropped")),
    Word.UNDO: Usage(Value.NONE, "#undo", sentence("takes back your last mail about this request")),
    Word.HELP: Usage(Value.NONE, "#help", sentence("this list")),
    Word.UNSUPPRESS: Usage(Value.NEEDED, "#unsuppress paul@acme.example", sentence("letters go to that address again")),
    Word.NEW: Usage(Value.NEEDED, "#new carla@globex.example", sentence("begins a request for that customer")),
    Word.AUTHOR: Usage(Value.NEEDED, "#author carla@globex.example", sentence("whose request it is, while nobody has answered")),
    Word.AWAY: Usage(Value.TEXT, "#away monday", sentence("alone, to the desk: no new requests for you until then")),
    Word.BACK: Usage(Value.NONE, "#back", sentence("alone, to the desk: you are here again")),
    Word.ON: Usage(Value.NEEDED, "#on ACZ-K7Q2M9", sentence("what follows is about that request")),
}

# German, French, Spanish, Italian, Portuguese and Dutch names. A word has the same meaning in all these languages.
ALIASES: dict[Word, str] = {
    Word.TAKE: "übernehmen nehmen prendre tomar prendi assumir nemen",
    Word.ASSIGN: "zuweisen attribuer asignar assegna atribuir toewijzen",
    Word.WORKING: "dabei bearbeitung en-cours trabajando lavorando tratando bezig",
    Word.ASK: "frage rückfrage fragen demander question preguntar chiedi perguntar vraag vragen",
    Word.RESOLVE: "gelöst lösen erledigt résoudre résolu resolver resuelto risolvi risolto resolvido oplossen opgelost",
    Word.CLOSE: "schließen schliessen fermer cerrar chiudi fechar sluiten",
    Word.REOPEN: "wiederöffnen rouvrir reabrir riapri heropenen",
    Word.ESCALATE: "eskalieren escalader escalar scala escaleren",
    Word.PRIORITY: "priorität priorité prioridad priorità prioridade prioriteit",
    Word.SEVERITY: "schweregrad gravité gravedad gravità gravidade ernst",
    Word.CATEGORY: "kategorie catégorie categoría categoria categorie",
    Word.QUEUE: "warteschlange attente cola coda fila wachtrij",
    Word.LANGUAGE: "sprache langue idioma lingua língua taal",
    Word.NOTE: "notiz intern nota notitie",
    Word.ANSWER: "antwort antworten réponse répondre respuesta responder risposta rispondi resposta antwoord antwoorden",
    Word.PERMISSION: "erlaubnis permiso permesso permissão autorização toestemming autorisation",
    Word.CONSULT: "konsultieren befragen consulter consultar consulta raadplegen",
    Word.CC: "kopie copie copia cópia",
    Word.MERGE: "zusammenführen fusionner fusionar unisci juntar samenvoegen",
    Word.SPLIT: "teilen trennen séparer separar dividi dividir splitsen",
    Word.LINK: "verknüpfen lier enlazar collega ligar koppelen",
    Word.JOIN: "anschließen joindre unir unire aansluiten",
    Word.INCIDENT: "störung vorfall panne incidencia incidente storing",
    Word.BROADCAST: "rundschreiben diffuser difundir diffondi rondschrijven",
    Word.SNOOZE: "wiedervorlage reporter posponer rimanda adiar uitstellen",
    Word.WATCH: "beobachten suivre seguir segui acompanhar volgen",
    Word.STATUS: "statut estado stato",
    Word.FIND: "suchen suche chercher buscar cerca procurar zoeken",
    Word.WHY: "warum pourquoi porqué perché porquê waarom",
    Word.SHOW: "zeigen montrer mostrar mostra tonen",
    Word.FILE: "datei fichier archivo allegato ficheiro bestand",
    Word.USE: "vorlage baustein modèle plantilla modello usa sjabloon",
    Word.SEND: "senden envoyer enviar invia verzenden",
    Word.INBOX: "posteingang",
    Word.DISCARD: "verwerfen jeter descartar scarta verwijderen",
    Word.NEW: "neu nouveau nueva nuovo novo nieuw",
    Word.AUTHOR: "absender auteur autor autore afzender",
    Word.AWAY: "abwesend absent ausente assente afwezig",
    Word.BACK: "zurück retour devuelta tornato voltei terug",
    Word.UNDO: "rückgängig annuler deshacer annulla desfazer ongedaan",
    Word.HELP: "hilfe aide ayuda aiuto ajuda hulp",
}

WORDS: dict[str, Word] = {word.value: word for word in Word} | {
    alias: word for word, aliases in ALIASES.items() for alias in aliases.split()
}


def word_named(name: str) -> Word | None:
    """The command with this name in any language and case; None if there is none."""
    return WORDS.get(name.casefold()) or WORDS.get(name.lower())


def nearest_name(name: str) -> str:
    """The name of a command, in the language in which it was meant, that is nearest to a mistyped one; "" if none is near.

    Costs about a millisecond.
    """
    near = get_close_matches(name.casefold()[:LONGEST_NAME], WORDS, n=1, cutoff=NEAR)
    return near[0] if near else ""


def help_lines() -> tuple[Sentence, ...]:
    """Every command with an example, as a receipt lists them."""
    return tuple(sentence("{example}: {means}", example=usage.example, means=usage.means) for usage in USAGE.values())
