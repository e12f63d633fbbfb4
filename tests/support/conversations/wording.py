"""What the people of a conversation write. Each sentence has a mark, a word that stands nowhere else: `mk1203x` is the fourth of mail 12."""

from dataclasses import dataclass, field
from random import Random

from support.clients.words import Bullets, Picture, Table, Words
from support.conversations.moves import Shape

SENTENCES = {
    "en": (
        "The small display shows {} since this morning.",
        "When I open the second page, I read {} in red letters.",
        "My colleague in the other office has seen {} as well, but only once and long before the move.",
        "After the restart it says {} and goes on as if nothing had happened.",
        "I wrote {} down for you.",
        "Between ten and eleven the screen was black, then {} came up, and since that time every job waits until somebody presses the green button.",
    ),
    "de": (
        "Seit heute Morgen steht {} in der Anzeige.",
        "Auf der zweiten Seite lese ich {} in roter Schrift.",
        "Nach dem Neustart meldet das Gerät {} und arbeitet weiter, als ob nichts gewesen wäre.",
        "Der Kollege im anderen Büro hat {} ebenfalls gesehen, allerdings nur einmal und lange vor dem Umzug.",
    ),
    "it": (
        "Da questa mattina sul display compare {} in alto.",
        "Nella seconda pagina leggo {} in lettere rosse.",
        "Dopo il riavvio il programma mostra {} e continua come se non fosse successo niente.",
    ),
    "fr": (
        "Depuis ce matin, l'écran affiche {} en haut.",
        "Sur la deuxième page, je lis {} en lettres rouges.",
        "Après le redémarrage, l'appareil indique {} et continue comme si de rien n'était.",
    ),
    "sv": (
        "Sedan i morse visar skärmen {} högst upp.",
        "På den andra sidan läser jag {} i röda bokstäver.",
    ),
}
STAFF_SENTENCES = (
    "Please look whether the second lamp shows {} when the cover is open.",
    "We have changed the setting {} on our side.",
    "Could you try it again with the option {} and tell us what you see on the first page?",
    "The engineer found {} in the log of the device, which usually means that a sheet was left below the tray when it was closed.",
    "You can leave {} as it is.",
)
THINGS = ("display", "scanner", "tray", "door", "lamp", "cover", "sensor", "roller", "panel", "cable")


@dataclass
class Pen:
    """Gives each sentence of one mail its mark."""

    number: int
    random: Random
    language: str = "en"
    is_staff: bool = False
    marks: list[str] = field(default_factory=list)

    def mark(self) -> str:
        self.marks.append(f"mk{self.number}{len(self.marks):02d}x")
        return self.marks[-1]

    def sentence(self) -> str:
        sentences = STAFF_SENTENCES if self.is_staff else SENTENCES[self.language]
        return self.random.choice(sentences).format(self.mark())

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
                return (*self.paragraphs(1), Picture(f"{name}.png", f"{name}@picture.example"), self.sentence())
