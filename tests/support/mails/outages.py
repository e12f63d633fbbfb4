"""Requests as people write them: ordinary ones of every day, and reports of one fault by many in their own words and languages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from helpdesk.threading.decisions.time.outbreak import Looked, find_outbreaks
from helpdesk.threading.incidents.likeness import Crowd, FaultReport, features, words_of

WITHIN = timedelta(hours=4)
FEWEST = 5
GREETINGS = {
    "en": ("Hello,\n\n", "Hi,\n", "Dear support team,\n\n", "Good morning,\n\n", ""),
    "de": ("Hallo,\n\n", "Guten Tag,\n\n", "Sehr geehrte Damen und Herren,\n\n", ""),
    "fr": ("Bonjour,\n\n", ""),
    "es": ("Hola,\n\n", "Buenos días,\n\n"),
    "it": ("Buongiorno,\n\n", ""),
}
ENDINGS = {
    "en": ("\n\nThanks\n", "\n\nKind regards\n", "\n\nPlease help!\n", "\nThank you in advance\n"),
    "de": ("\n\nDanke\n", "\n\nMit freundlichen Grüßen\n", "\n\nVielen Dank im Voraus\n"),
    "fr": ("\n\nMerci d'avance\n", "\n\nCordialement\n"),
    "es": ("\n\nGracias\n", "\n\nUn saludo\n"),
    "it": ("\n\nGrazie\n", "\n\nCordiali saluti\n"),
}
NAMES = "Tina Raj Mona Karl Lucie Ole Uma Ivo Zoe Ben Amy Sam Nils Petra Hugo Irma Lea Jonas Marta Felix Olga Bruno Clara Dora Emil".split()
THINGS = (
    "dashboard report calendar export import template contact folder signature widget chart filter tag search backup theme language "
    "notification permission group role webhook archive form field label project board task comment attachment logo"
).split()

# (language, subject, text); {thing}, {name} and {number} differ from request to request. The first ones are an everyday matter each.
EVERYDAY = (
    (
        "en",
        "Password reset",
        "I have forgotten my password, please send me a link to set a new one. My user name is {name}{number}.",
    ),
    (
        "en",
        "Cannot log in",
        "I cannot log in any more, I think my account was locked after a wrong password. It is {name}@shop{number}.example.",
    ),
    (
        "de",
        "Passwort vergessen",
        "ich habe mein Passwort vergessen und kann mich nicht anmelden. Bitte schicken Sie mir ein neues.",
    ),
    ("fr", "Mot de passe", "j'ai oublié mon mot de passe, pouvez-vous m'envoyer un nouveau lien ?"),
    ("en", "Invoice {number}", "Could you send invoice {number} once more? Our accounting needs it with the new address."),
    ("de", "Rechnung {number}", "in der Rechnung {number} fehlt unsere Umsatzsteuernummer. Können Sie sie neu ausstellen?"),
    ("en", "Refund", "We have been charged twice for order {number}. Please refund the second payment to our card."),
    ("en", "Cancel my plan", "I would like to cancel my subscription at the end of the month. Please confirm."),
    ("es", "Factura {number}", "necesito la factura {number} con el nombre de la empresa, ¿me la pueden enviar?"),
    ("en", "More users", "We would like to add {number} seats to our plan. What would that cost?"),
)
ORDINARY = (
    (
        "en",
        "Question about {thing}",
        "How can I change the {thing} for all members of my {thing2}? I did not find it in the manual.",
    ),
    ("en", "{thing} for {name}", "Please give {name} the right to edit our {thing}, she starts on Monday."),
    ("en", "Idea: {thing}", "It would be great to have a {thing} that can be sorted by {thing2}. Is that planned?"),
    ("en", "Slow {thing}", "The {thing} has become quite slow with our {number} entries in the {thing2}. Is there a limit?"),
    ("en", "Error in {thing}", "When I save a {thing} with a {thing2} I get an error E{number}. What does it mean?"),
    ("en", "{thing} looks odd", "On my phone the {thing} is cut off at the right side, see the screenshot of the {thing2}."),
    (
        "en",
        "Import of {thing}s",
        "We moved from another product and want to import {number} {thing}s from a spreadsheet. Which columns does the {thing2} need?",
    ),
    (
        "de",
        "Frage zu {thing}",
        "wo stelle ich {thing} und {thing2} für neue Mitarbeiter ein? In der Anleitung steht dazu nichts.",
    ),
    ("de", "Fehler bei {thing}", "beim Speichern von {thing} erscheint der Fehler E{number}, sobald ein {thing2} dabei ist."),
    ("de", "Wunsch: {thing}", "könnten Sie {thing} so bauen, dass man nach {thing2} sortieren kann? Das würde uns sehr helfen."),
    ("fr", "Question sur {thing}", "comment puis-je partager {thing} avec {name} sans lui donner {thing2} ?"),
    ("es", "Duda sobre {thing}", "¿cómo cambio el {thing} cuando el {thing2} ya está publicado?"),
    ("it", "Domanda su {thing}", "vorrei cambiare il {thing} senza perdere il {thing2}, è possibile?"),
    ("en", "Training", "Do you offer a training for new administrators about {thing} and {thing2}? We are {number} people."),
    (
        "en",
        "Data protection",
        "Our lawyer asks where the data of the {thing} is stored and who can read the {thing2}. Is there a contract?",
    ),
    ("en", "Upload of a {thing}", "My {thing} of {number} MB cannot be uploaded, the {thing2} says it is too large."),
    ("de", "Drucken", "der {thing} wird beim Drucken abgeschnitten, das Papierformat ist A4 und im {thing2} eingestellt."),
    ("en", "Browser", "Which browsers do you support for the {thing}? {name} still has an old one and sees no {thing2}."),
)
# Reports of one fault each. The first ones were at hand when the limits were chosen, the held back ones were not.
FAULTS = {
    "login": (
        ("en", "Login page is down", "since this morning the login page says error 503. Nobody of us can work."),
        ("en", "cant log in!!", "error 503 after I type my password, tried two browsers"),
        ("en", "503 Service Unavailable", "We get a 503 on the sign-in page since about nine."),
        ("en", "Urgent: no access", "None of our staff can sign in. The page loads for a while and then shows 503."),
        ("en", "Is the service down?", "Login does not respond any more, is there an outage?"),
        ("de", "Anmeldung geht nicht", "seit heute früh zeigt die Anmeldeseite den Fehler 503."),
        ("de", "Kein Login möglich", "wir können uns nicht mehr einloggen, es kommt Fehler 503 Service Unavailable."),
        ("de", "Störung?", "die Seite ist nicht erreichbar, beim Anmelden erscheint 503"),
        ("fr", "Connexion impossible", "la page de login affiche une erreur 503 depuis ce matin."),
        ("es", "No puedo entrar", "la página para iniciar sesión da error 503."),
    ),
    "payment": (
        ("en", "Card payments fail", "All card payments are declined at the checkout since an hour, our customers complain."),
        ("en", "checkout broken", "Customers cannot pay by card. The checkout says payment declined, code PX77."),
        ("en", "Declined payments", "Every payment gets declined today, with Visa as well as Mastercard."),
        ("en", "PX77", "What is code PX77? No card payment goes through at the checkout."),
        ("de", "Kartenzahlung geht nicht", "seit einer Stunde werden alle Kartenzahlungen abgelehnt, Code PX77."),
        ("de", "Zahlungen werden abgelehnt", "im Checkout wird jede Karte abgelehnt. Was ist da los?"),
        ("fr", "Paiement par carte refusé", "tous les paiements par carte sont refusés au checkout, code PX77."),
        ("it", "Pagamenti rifiutati", "tutti i pagamenti con carta sono rifiutati, codice PX77."),
    ),
    "mail": (
        ("en", "Emails do not arrive", "Our customers do not receive any order confirmation emails since yesterday evening."),
        ("en", "No confirmation mails", "The shop sends no confirmation mails for orders, the mail queue seems stuck."),
        ("en", "mail delivery", "Emails from the shop are not delivered, order confirmations are missing."),
        ("en", "Missing e-mails", "Are there delays with outgoing email? Confirmations of orders arrive hours late or never."),
        ("de", "Keine Bestellbestätigungen", "unsere Kunden bekommen keine E-Mails mehr, die Bestellbestätigung fehlt."),
        ("de", "E-Mail-Versand gestört", "E-Mails zu Bestellungen werden nicht zugestellt."),
        ("es", "No llegan los correos", "los correos de confirmación de pedidos no llegan a los clientes."),
    ),
}
HELD_BACK = {
    "sync": (
        ("en", "Sync stuck", "The app does not sync since noon, it hangs at 12 percent."),
        ("en", "App not syncing", "My phone app stops syncing with sync error 4092, on all our devices."),
        ("en", "Synchronisation problem", "We see sync error 4092 in the mobile app."),
        ("en", "data missing on phone", "changes made on the desktop do not show up in the app, sync fails with 4092"),
        ("de", "App synchronisiert nicht", "die App zeigt Sync-Fehler 4092 auf allen Geräten."),
        ("de", "Synchronisieren hängt", "seit Mittag synchronisiert die App auf dem Handy nicht mehr."),
        ("fr", "Synchronisation", "l'application ne synchronise plus, erreur 4092."),
        ("it", "Sincronizzazione bloccata", "l'app non sincronizza, errore 4092 su tutti i telefoni."),
    ),
    "calls": (
        ("en", "Phones are dead", "All our phone lines are dead, calls drop after ten seconds."),
        ("en", "Calls drop", "Every call drops after about 10 seconds, incoming as well as outgoing."),
        ("en", "no audio on calls", "We hear no audio on calls and then the call drops."),
        ("en", "Phone system", "Is there trouble with the phone system? Calls get cut off all the time."),
        ("de", "Telefon gestört", "alle Anrufe brechen nach zehn Sekunden ab."),
        ("de", "Anrufe brechen ab", "eingehende und ausgehende Anrufe brechen ständig ab, man hört nichts."),
        ("nl", "Telefoon werkt niet", "alle gesprekken worden na tien seconden verbroken."),
    ),
    "slow": (
        ("en", "Everything is very slow", "The dashboard takes more than a minute to load, sometimes a gateway timeout comes."),
        ("en", "timeouts", "gateway timeout 504 on nearly every page, loading takes ages"),
        ("en", "Dashboard does not load", "The dashboard loads forever and ends in 504 Gateway Timeout."),
        ("en", "Performance", "Your application is unusable since one hour, all pages time out."),
        ("de", "Sehr langsam", "das Dashboard lädt ewig und bricht dann mit 504 Gateway Timeout ab."),
        ("de", "Timeout", "wir bekommen auf jeder Seite ein Gateway Timeout."),
        ("fr", "Très lent", "le tableau de bord met des minutes à charger, puis 504 Gateway Timeout."),
        ("es", "Muy lento", "el panel no carga, aparece 504 Gateway Timeout."),
    ),
}


@dataclass(frozen=True)
class Tried:
    """Of one window: whether the fault was proposed, how many of its reports the letter lists, and how many others."""

    proposed: bool
    listed: int
    of: int
    others: int
    false_letters: int


def ordinary(number: int, at: datetime, random: Random, everyday: float = 0.35) -> FaultReport:
    language, subject, text = random.choice(EVERYDAY if random.random() < everyday else ORDINARY)
    thing, other = random.sample(THINGS, 2)
    slots = {"thing": thing, "thing2": other, "name": random.choice(NAMES), "number": str(random.randint(2, 9999))}
    return written(number, f"o{number}", language, subject.format(**slots), text.format(**slots), at, random)


def written(number: int, customer: str, language: str, subject: str, text: str, at: datetime, random: Random) -> FaultReport:
    greeting, ending = (random.choice(some.get(language, some["en"])) for some in (GREETINGS, ENDINGS))
    words = words_of(subject, f"{greeting}{text}{ending}{random.choice(NAMES)}")
    return FaultReport(number, customer, words, at, features=features(words))


def crowd(
    now: datetime, random: Random, recent: int, earlier: int, fault: tuple[tuple[str, str, str], ...] = (), reports: int = 0
) -> Crowd:
    """The last hours with so many ordinary requests and reports of the fault among them, and what came before."""
    pace = WITHIN / max(recent, 1)  # as many as come now
    past = tuple(ordinary(n, now - WITHIN - pace * (earlier - n), random) for n in range(earlier))
    said = random.sample(fault, min(reports, len(fault)))
    kinds = [None] * recent + list(range(len(said)))
    random.shuffle(kinds)
    span = WITHIN / (len(kinds) + 1)
    made = []
    for place, kind in enumerate(kinds):
        at = now - WITHIN + span * (place + 1)
        number = 10_000 + place
        one = ordinary(number, at, random) if kind is None else written(number, f"fault{kind}", *said[kind], at, random)
        made.append(one)
    return Crowd(tuple(made), past)


def tried(one: Crowd) -> Tried:
    """A look at the whole window at once."""
    looked: Looked = find_outbreaks(one, FEWEST, WITHIN)
    fault = {report.ticket_id for report in one.recent if report.customer.startswith("fault")}
    best = max((set(found.ticket_ids) for found in looked.outbreaks), key=lambda ids: len(ids & fault), default=set())
    hit = len(best & fault) * 2 > len(best)
    return Tried(hit, len(best & fault) if hit else 0, len(fault), len(best - fault) if hit else 0, len(looked.outbreaks) - hit)
