"""The language of a text, from its commonest words and its script: enough to choose the language of a letter, never sure of a short text."""

import re
import unicodedata
from collections import Counter
from itertools import islice

WORDS_READ = 150
CHARACTERS_READ = 1_500
FEWEST_HITS = 4
FEWEST_LETTERS = 12  # of a script that one language alone is written in
LEAD = 1.25  # how much better than the second the best language must be

# Words that are frequent in one language and, as far as can be, in no other of the table.
COMMON = {
    "en": "the and is are was were have has had this that these those with from your you would could should not but what when which there their "
    "will can been our about they please thanks thank hello i'm don't can't it's my of for how any",
    "de": "der die das und ist nicht ich sie wir mit ein eine einen einem einer auf für von dem den des auch aber wenn dass noch nach bei wie kann "
    "bitte danke habe haben wird werden mein meine ihre ihr mir uns keine hallo freundlichen grüßen zum zur im",
    "fr": "le la les des est une dans pour que qui pas sur avec je vous nous mon votre vos notre mais sont ont été être au aux ce cette bonjour merci "
    "depuis j'ai c'est n'est plus comme bien cordialement et du mes",
    "es": "el los las una que por para con del está pero como más muy mi su sus yo usted ustedes nos hola gracias saludos tengo puedo desde cuando "
    "también porque ya sin sobre este esta hay buenos días y no se",
    "pt": "os as um uma que não para com por mais mas como dos das no na nos nas está meu minha você vocês obrigado obrigada olá bom dia tenho posso "
    "quando também porque já sem sobre este esta são ao pela pelo fazer em e",
    "it": "il lo gli che di per con non una sono è del della dei delle nel nella alla mio mia ho grazie buongiorno ciao salve saluti quando anche "
    "perché come più questo questa posso vorrei cordiali ma e si",
    "nl": "de het een en van ik niet dat die voor met op te zijn er maar ook mijn wij jullie heb hebben kan kunt wordt graag bedankt groeten hallo "
    "naar bij nog geen wat hoe deze dit onze u als is",
    "pl": "nie jest się na do że jak ale dla od po czy mam mogę proszę dziękuję dzień dobry pozdrawiam mój moje przez oraz być tym tego już tylko "
    "jestem witam w z i",
    "sv": "och att det är inte jag på för med som en ett av till den har om kan vi ni min mitt mina hej tack när från eller hälsningar men också "
    "vill skulle måste",
    "da": "og at det er ikke jeg på for med som en et af til den har om kan vi min mit mine hej tak når fra eller hilsen men også vil skulle der "
    "hvordan venlig af hvad mig sig noget blevet nu ind efter været gør ud kun mange dag",
    "no": "og at det er ikke jeg på for med som en et av til den har om kan vi min mitt mine hei takk når fra eller hilsen men også vil skulle "
    "hvordan vennlig dere noe av hva meg seg blitt nå inn etter vært gjør ut bare mange dag",
    "fi": "en ole pääse voida mutta ja on ei että se en mutta kun olen minun teidän kanssa myös jos tai niin kuin voi olisi hei kiitos terveisin ovat oli tämä mitä miten "
    "sekä vielä ole",
    "cs": "je se na že to jsem ale jak pro za od po by mám můj moje prosím děkuji dobrý den pozdravem není jsme také nebo když už který která být "
    "mi s v a",
    "tr": "ve bir bu için ile ama çok da de ben siz değil var yok nasıl ne olarak daha kadar gibi merhaba teşekkürler teşekkür lütfen iyi günler "
    "selamlar mı mi benim sizin",
    "ru": "и в не на что я с как это по но для мы вы у за от из мой моя все так был есть или если спасибо здравствуйте пожалуйста добрый день "
    "уважением можно нет меня вас",
    "uk": "і в не на що я з як це по але для ми ви у за від із мій моя все так був є або якщо дякую вітаю будь ласка добрий день повагою можна "
    "немає мене вас",
}
# Letters that, within the table, only one language writes.
LETTERS = {
    "ru": "ыэё", "uk": "іїєґ", "pl": "ąęłńśźż", "cs": "ěřů", "tr": "ğış", "de": "ß", "es": "ñ", "pt": "ãõ", "fr": "œ"
}  # fmt: skip
LANGUAGES_OF = {
    word: tuple(language for language, words in COMMON.items() if word in words.split())
    for word in " ".join(COMMON.values()).split()
}
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
ASCII_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
KANA = range(0x3040, 0x3100)
HANGUL = range(0xAC00, 0xD7A4)
HAN = range(0x4E00, 0xA000)
DECLARED = re.compile(r"([a-z]{2,3})(?:-([a-z]{2}))?(?![a-z0-9])", re.IGNORECASE)
NOT_PROSE = re.compile(r"://|@|\.(?:com|org|net)\b")


def language_of(text: str) -> str | None:
    """An ISO 639-1 code, or None where the text is too short or says too little.

    One of en de fr es pt it nl pl sv da no fi cs tr ru uk zh ja ko. Chinese is not told apart by its script.
    """
    read = text[:CHARACTERS_READ]
    if NOT_PROSE.search(read):
        read = " ".join(word for word in read.split() if not NOT_PROSE.search(word))
    read = unicodedata.normalize("NFC", read)
    spaceless = None if read.isascii() else _by_script(read)
    return spaceless or _by_words(read)


def language_tag(declared: str) -> str:
    """What a mail declares as its language (RFC 3282), as "de" or "de-AT"; "" where that is no tag."""
    found = DECLARED.match(declared)
    if found is None:
        return ""
    return f"{found[1].lower()}-{found[2].upper()}" if found[2] else found[1].lower()


def _by_script(text: str) -> str | None:
    kana = hangul = han = other = 0
    for letter in text:
        code = ord(letter)
        kana += code in KANA
        hangul += code in HANGUL
        han += code in HAN
        other += letter.isalpha()
    other -= kana + hangul + han
    if (kana + hangul + han) * 2 < other or kana + hangul + han < FEWEST_LETTERS:
        return None
    if hangul > kana + han:
        return "ko"
    return "ja" if kana * 10 > han else "zh"


def _by_words(text: str) -> str | None:
    """A word that several languages share counts for each of them, but says less about which one it is."""
    hits = dict.fromkeys(COMMON, 0)
    weight = dict.fromkeys(COMMON, 0.0)
    lowered = text.lower().replace("’", "'")
    pattern = ASCII_WORD if lowered.isascii() else WORD
    words = [word[0] for word in islice(pattern.finditer(lowered), WORDS_READ)]
    for languages, count in Counter(LANGUAGES_OF.get(word) or _by_letters(word) for word in words).items():
        for language in languages:
            hits[language] += count
            weight[language] += count / len(languages)
    best, second = sorted(weight, key=lambda language: -weight[language])[:2]
    enough = hits[best] >= FEWEST_HITS and hits[best] * 8 >= len(words)
    return best if enough and weight[best] >= weight[second] * LEAD else None


def _by_letters(word: str) -> tuple[str, ...]:
    if word.isascii():
        return ()
    return tuple(language for language, letters in LETTERS.items() if not set(letters).isdisjoint(word))
