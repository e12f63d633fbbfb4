"""What the people of a conversation write. Each sentence has a mark, a word that stands nowhere else: `mk1203x` is the fourth of mail 12."""

from dataclasses import dataclass, field
from random import Random

from support.clients.words import DOT, Bullets, File, Picture, Table, Words
from support.conversations.moves import Shape

# A sentence is one beginning, one middle with the mark, and one end.
SENTENCES = {
    "en": (
        ("Since this morning", "After the restart", "Between ten and eleven", "On the second page", "In the other office", "Yesterday before closing time",
         "As soon as I open the cover", "Whenever somebody prints a label", "According to my colleague", "At the top of the list"),
        ("the small display shows {}", "it says {}", "I read {} in red letters", "we have seen {} twice", "the machine reports {}", "{} comes up for a moment"),
        ("and goes on as if nothing had happened.", "and then nothing works until somebody presses the green button.", "which was never there before the move.",
         "but only once.", "so we switched it off.", "although the tray is full and the lamp is green, and the people from the workshop have looked at it.", "today."),
    ),
    "de": (
        ("Seit heute Morgen", "Nach dem Neustart", "Auf der zweiten Seite", "Im anderen Büro", "Gestern vor Feierabend", "Laut der Kollegin"),
        ("steht {} in der Anzeige", "meldet das Gerät {}", "lese ich {} in roter Schrift", "haben wir {} zweimal gesehen"),
        ("und es geht weiter, als ob nichts gewesen wäre.", "und dann hilft nur noch der grüne Knopf.", "was vor dem Umzug nie vorkam.", "aber nur einmal."),
    ),
    "it": (
        ("Da questa mattina", "Dopo il riavvio", "Nella seconda pagina", "Nell'altro ufficio", "Ieri prima di chiudere", "Secondo la collega"),
        ("sul display compare {}", "il programma mostra {}", "leggo {} in lettere rosse", "abbiamo visto {} due volte"),
        ("e continua come se non fosse successo niente.", "e poi serve il tasto verde.", "che prima del trasloco non c'era.", "ma una volta sola."),
    ),
    "fr": (
        ("Depuis ce matin", "Après le redémarrage", "Sur la deuxième page", "Dans l'autre bureau", "Hier avant la fermeture", "Selon ma collègue"),
        ("l'écran affiche {}", "l'appareil indique {}", "je lis {} en lettres rouges", "nous avons vu {} deux fois"),
        ("et continue comme si de rien n'était.", "puis il faut le bouton vert.", "ce qui n'arrivait jamais avant le déménagement.", "mais une seule fois."),
    ),
    "sv": (
        ("Sedan i morse", "Efter omstarten", "På den andra sidan", "På det andra kontoret", "I går före stängning"),
        ("visar skärmen {}", "säger maskinen {}", "läser jag {} i röda bokstäver"),
        ("och fortsätter som om inget hade hänt.", "och sedan hjälper bara den gröna knappen.", "men bara en gång."),
    ),
}  # fmt: skip
STAFF_SENTENCES = (
    ("Please look", "Could you check", "We would like to know", "Tell us, please,", "Before you close the cover, see"),
    ("whether the second lamp shows {}", "whether the label below the tray has {}", "if {} is printed next to the serial number", "where {} stands on the first page"),
    ("when the cover is open.", "and how long it stays there.", "after the device has been off for an hour.", "before you press the green button."),
)  # fmt: skip
NOTE_SENTENCES = (
    ("Colleagues:", "Between us:", "For the file:", "Whoever is next:"),
    ("the engineer suspects {}", "their contract ends with {}", "this smells of {}", "our supplier calls it {}"),
    ("and will not say so before Thursday.", "but nobody has proved it.", "as in the case of last winter.", "so keep the old board at hand."),
)  # fmt: skip
PASTED = "From: Lena Holm <lena@elsewhere.example>\nSent: Friday, 20 November 2026 09:12\nTo: orders@elsewhere.example\nSubject: The delivery\n\n{}"
GOODBYES = {
    "en": "Kind regards",
    "de": "Mit freundlichen Grüßen",
    "it": "Cordiali saluti",
    "fr": "Cordialement",
    "sv": "Med vänlig hälsning",
}
THINGS = ("display", "scanner", "tray", "door", "lamp", "cover", "sensor", "roller", "panel", "cable")


@dataclass
class Pen:
    """Gives each sentence of one mail its mark."""

    number: int
    random: Random
    language: str = "en"
    sentences: tuple[tuple[str, ...], ...] = ()  # those of the language without any
    marks: list[str] = field(default_factory=list)
    name: str = ""  # of the author

    def mark(self) -> str:
        self.marks.append(f"mk{self.number}{len(self.marks):02d}x")
        return self.marks[-1]

    def sentence(self) -> str:
        begin, middle, end = map(self.random.choice, self.sentences or SENTENCES[self.language])
        return f"{begin} {middle.format(self.mark())} {end}"

    def paragraphs(self, most: int = 3) -> Words:
        """One to `most` paragraphs of one or two sentences."""
        count = self.random.randint(1, most)
        return tuple(" ".join(self.sentence() for _ in range(self.random.randint(1, 2))) for _ in range(count))

    def words(self, shape: Shape) -> Words:
        """Paragraphs, and one thing of the shape between or below them."""
        match shape:
            case Shape.PARAGRAPHS:
                return self.paragraphs()
            case Shape.LIST:
                return (*self.paragraphs(1), Bullets(tuple(f"{thing} {self.mark()}" for thing in self.random.sample(THINGS, 3))))
            case Shape.TABLE:
                rows = tuple((thing, self.mark(), "") for thing in self.random.sample(THINGS, 2))
                return (*self.paragraphs(1), Table((("part", "reading", "remark"), *rows)), self.sentence())
            case Shape.PICTURE:
                name = self.mark()
                return (
                    *self.paragraphs(1),
                    Picture(f"{name}.png", f"{name}@picture.example", DOT + name.encode()),
                    self.sentence(),
                )
            case Shape.FILE:
                return (*self.paragraphs(2), File(f"{self.mark()}.pdf", f"%PDF-1.4 {self.mark()} ".encode()))
            case Shape.PASTE:
                begin = f"{self.sentence()} Our supplier writes:"
                pasted = (
                    f"> {self.sentence()}\n> {self.sentence()}" if self.random.random() < 0.5 else PASTED.format(self.sentence())
                )
                return (begin, pasted, self.sentence())
            case Shape.POSTSCRIPT:
                return (*self.paragraphs(2), f"{GOODBYES[self.language]}\n{self.name}", f"PS: {self.sentence()}")
            case Shape.CITATION:  # a line is cited where there is one
                return self.paragraphs()

    def cite(self, line: str) -> Words:
        """Words around a line that somebody else wrote."""
        if self.random.random() < 0.5:
            return (f'You wrote "{line}" {self.sentence()}',)
        return (self.sentence(), f'"{line}"', self.sentence())
