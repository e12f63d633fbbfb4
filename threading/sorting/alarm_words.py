"""Phrases that need a person now, by kind and language: data only, lower-case, without punctuation.

Each phrase is one that hardly stands in an ordinary request: "kill" alone is what people do to processes.
"""

from enum import StrEnum


class AlarmKind(StrEnum):
    """Why a person should read a message now."""

    LIFE = "somebody's life"
    THREAT = "a threat of violence"
    LAW = "a step by law"
    DATA = "rights to personal data"


PHRASES: dict[AlarmKind, dict[str, tuple[str, ...]]] = {
    AlarmKind.LIFE: {
        "en": ("kill myself", "killing myself", "end my life", "take my own life", "take my life", "want to die", "don t want to live", "do not want to live", "commit suicide", "suicidal", "harm myself", "hurt myself"),
        "de": ("bringe mich um", "mich umbringen", "mir das leben nehmen", "nehme mir das leben", "will nicht mehr leben", "möchte nicht mehr leben", "will sterben", "suizid", "selbstmord", "mir etwas an"),
        "fr": ("me suicider", "me tuer", "mettre fin à mes jours", "veux mourir", "plus envie de vivre", "suicide"),
        "es": ("suicidarme", "quitarme la vida", "matarme", "quiero morir", "no quiero vivir", "hacerme daño", "suicidio"),
        "it": ("suicidarmi", "uccidermi", "togliermi la vita", "voglio morire", "non voglio più vivere", "farmi del male", "suicidio"),
        "pt": ("suicidar me", "me suicidar", "matar me", "me matar", "tirar a minha vida", "quero morrer", "não quero viver", "suicídio"),
        "nl": ("mezelf doden", "mezelf van het leven", "mezelf iets aan", "einde aan mijn leven", "wil niet meer leven", "wil dood", "zelfmoord", "zelfdoding"),
    },
    AlarmKind.THREAT: {
        "en": ("i will kill you", "i ll kill you", "kill you all", "i will hurt you", "shoot you", "with a gun", "with a knife", "a bomb in", "know where you live", "burn down your", "you will pay with"),
        "de": ("bringe dich um", "bringe euch um", "bringe sie um", "töte euch", "töte dich", "mit einer waffe", "mit einer pistole", "mit einem messer", "eine bombe", "weiß wo du wohnst", "weiß wo sie wohnen", "weiß wo ihr wohnt"),
        "fr": ("je vais vous tuer", "je vais te tuer", "avec une arme", "avec un couteau", "une bombe", "sais où vous habitez", "sais où tu habites"),
        "es": ("voy a matar", "los voy a matar", "con una pistola", "con un arma", "con un cuchillo", "una bomba", "sé dónde viven", "sé dónde vives", "sé dónde vive"),
        "it": ("vi ammazzo", "ti ammazzo", "vi uccido", "ti uccido", "con una pistola", "con un coltello", "una bomba", "so dove abiti", "so dove abitate", "so dove vivi"),
        "pt": ("vou matar", "com uma arma", "com uma pistola", "com uma faca", "uma bomba", "sei onde moras", "sei onde você mora", "sei onde vivem"),
        "nl": ("ik vermoord", "met een pistool", "met een wapen", "met een mes", "een bom", "weet waar je woont", "weet waar u woont", "weet waar jullie wonen"),
    },
    AlarmKind.LAW: {
        "en": ("my lawyer", "our lawyer", "our lawyers", "my solicitor", "our solicitor", "my attorney", "our attorney", "legal action", "legal steps", "take you to court", "will sue", "going to sue", "cease and desist"),
        "de": ("mein anwalt", "meinen anwalt", "meinem anwalt", "unser anwalt", "unseren anwalt", "unserem anwalt", "rechtsanwalt", "rechtsanwältin", "rechtliche schritte", "vor gericht", "werde klagen", "werden klagen", "klage einreichen", "abmahnung", "strafanzeige", "mahnbescheid"),
        "fr": ("mon avocat", "notre avocat", "nos avocats", "action en justice", "poursuites judiciaires", "saisir la justice", "devant le tribunal", "mise en demeure", "porter plainte"),
        "es": ("mi abogado", "mi abogada", "nuestro abogado", "nuestros abogados", "acciones legales", "medidas legales", "los demandaré", "ir a juicio", "ante los tribunales"),
        "it": ("il mio avvocato", "nostro avvocato", "nostri avvocati", "azioni legali", "vie legali", "in tribunale", "sporgere denuncia", "diffida"),
        "pt": ("meu advogado", "minha advogada", "nosso advogado", "nossos advogados", "ação judicial", "medidas legais", "vias legais", "em tribunal", "processar vocês"),
        "nl": ("mijn advocaat", "onze advocaat", "juridische stappen", "gerechtelijke stappen", "naar de rechter", "voor de rechter", "ingebrekestelling"),
    },
    AlarmKind.DATA: {
        "en": ("delete all personal data", "delete my personal data", "erase my personal data", "delete all my data", "erase all my data", "delete all data about me", "all data about me", "personal data about me", "right to be forgotten", "right to erasure", "right of access", "data subject", "gdpr art", "gdpr article", "article 17", "article 15 gdpr"),
        "de": ("personenbezogenen daten löschen", "personenbezogene daten löschen", "löschung meiner daten", "löschung aller daten", "alle meine daten löschen", "meine daten löschen", "löschen sie alle meine daten", "löschen sie meine daten", "recht auf löschung", "auskunft über meine daten", "auskunftsersuchen", "art 15 dsgvo", "art 17 dsgvo", "artikel 17 dsgvo", "artikel 15 dsgvo"),
        "fr": ("supprimer mes données", "supprimez mes données", "effacer mes données", "effacement de mes données", "suppression de mes données", "droit à l effacement", "droit à l oubli", "droit d accès à mes données", "article 17 du rgpd", "art 17 rgpd", "article 15 du rgpd"),
        "es": ("eliminen mis datos", "eliminar mis datos", "borrar mis datos", "borren mis datos", "supresión de mis datos", "derecho de supresión", "derecho al olvido", "derecho de acceso", "artículo 17 del rgpd", "art 17 rgpd"),
        "it": ("cancellare i miei dati", "cancellate i miei dati", "cancellazione dei miei dati", "eliminare i miei dati", "diritto all oblio", "diritto alla cancellazione", "diritto di accesso", "articolo 17 del gdpr", "art 17 gdpr"),
        "pt": ("apagar os meus dados", "apaguem os meus dados", "eliminar os meus dados", "excluir meus dados", "exclusão dos meus dados", "direito ao esquecimento", "direito ao apagamento", "artigo 17", "art 17 rgpd", "art 17 lgpd"),
        "nl": ("mijn gegevens verwijderen", "verwijder mijn gegevens", "mijn persoonsgegevens", "verwijdering van mijn gegevens", "recht op vergetelheid", "recht op inzage", "artikel 17 avg", "art 17 avg", "inzageverzoek"),
    },
}  # fmt: skip
