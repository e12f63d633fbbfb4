"""Recognise a letter of the desk in other people's text, by its reply line or by its block of facts.

The block of facts stands in letters to staff (templates/en/staff_letter.*). It is internal, because it names the assignee, the
participants, and the reasons of triage. Tokens are recognised in `trust.written_tokens`, because that needs the desk's keys.
"""

import re

from helpdesk.threading.reading.quote_words import REPLY_MARKERS

# The labels as letters write them. Each is an ordinary word, so the block is recognised by several labels in succession.
LABELS = (
    "Reference", "Customer", "Address", "Account", "Plan", "Category", "Severity", "Priority", "Queue", "Assignee", "Status",
    "Waiting on", "Sender", "First answer due", "Next answer due", "Solution due", "Answer goes to", "In To and Cc", "Related",
)  # fmt: skip
# Sentences of the foot, which nobody writes in a mail of their own.
SENTENCES = (
    "your reply goes to the customer. with #note on a line of its own, it stays internal",
    "your reply stays internal: it becomes a note and never reaches the customer",
    "ihre antwort geht an den kunden. mit #note in einer eigenen zeile bleibt sie intern",
    "ihre antwort bleibt intern: sie wird eine notiz und geht nie an den kunden",
    "votre réponse part au client. avec #note sur une ligne à part, elle reste interne",
    "votre réponse reste interne : elle devient une note et ne parvient jamais au client",
    "su respuesta va al cliente. con #note en una línea aparte, queda interna",
    "su respuesta queda interna: se convierte en nota y nunca llega al cliente",
    "la sua risposta va al cliente. con #note su una riga a parte resta interna",
    "la sua risposta resta interna: diventa una nota e non arriva mai al cliente",
    "a sua resposta segue para o cliente. com #note numa linha própria, fica interna",
    "a sua resposta fica interna: torna-se uma nota e nunca chega ao cliente",
    "uw antwoord gaat naar de klant. met #note op een eigen regel blijft het intern",
    "uw antwoord blijft intern: het wordt een notitie en bereikt de klant nooit",
    # of older letters
    "your reply goes to the customer. put #note on a line of its own",
    "it becomes a note and never reaches the customer",
    "commands, each on a line of its own: #take, #assign name",
    "#send lets it go as it is. #note keeps its text inside. #discard drops it",
)
# The labels of the line that says how a request is sorted, in each language of letters to staff; between its facts stands `BETWEEN`.
SORTED_BY = (
    ("category", "severity", "priority", "queue", "assignee"),
    ("kategorie", "schweregrad", "priorität", "warteschlange", "zuständig"),
    ("catégorie", "gravité", "priorité", "file", "responsable"),
    ("categoría", "gravedad", "prioridad", "cola", "responsable"),
    ("categoria", "gravità", "priorità", "coda", "responsabile"),
    ("categoria", "gravidade", "prioridade", "fila", "responsável"),
    ("categorie", "ernst", "prioriteit", "wachtrij", "behandelaar"),
)
BETWEEN = "·"
ENOUGH_SORTED = 4  # of these labels in succession
ENOUGH = 5  # labels of the block that must follow each other
SPAN = 60  # lines within which they must stand; mail clients turn one row of a table into several lines
ANY_LABEL = "|".join(re.escape(label.lower()) for label in sorted(LABELS, key=len, reverse=True))
LABEL = re.compile(r"[\s>|*_•\-]*(" + ANY_LABEL + r")(?=[\s:|*_]|$)")
NUMBER = {label.lower(): number for number, label in enumerate(LABELS)}
LONGEST_LINE = 2_000
GLUED = 6  # labels in one line that are enough if a mail client has lost the line ends
IN_LINE = re.compile(r"\b(" + ANY_LABEL + r")\s*:")


def holds_boundary(text: str) -> bool:
    """Whether the text contains the reply line, above which the desk's letters ask people to write."""
    lower = text.lower()
    return any(marker in lower for marker in REPLY_MARKERS)


def holds_context_block(text: str) -> bool:
    """Whether the text contains the block of facts or the foot of a letter to staff, quoted or not. Linear in the length of the text."""
    lower = text.lower()
    if BETWEEN not in lower and "assignee" not in lower and "#note" not in lower and "waiting on" not in lower:
        return False  # quick exit: the block always has these signs, and few other texts do
    flat = " ".join(lower.replace(">", " ").split())
    if any(sentence in flat for sentence in SENTENCES) or _says_how_sorted(flat):
        return True
    found: list[tuple[int, int]] = []
    for at, line in enumerate(lower.splitlines()):
        labels = [mark[1] for mark in IN_LINE.finditer(line[:LONGEST_LINE])]
        if len(set(labels)) >= GLUED:
            return True
        match = LABEL.match(line[:LONGEST_LINE])
        if match is not None:
            found.append((at, NUMBER[match[1]]))
            if _in_succession(found[-len(LABELS) :], at):
                return True
    return False


def _says_how_sorted(flat: str) -> bool:
    """Whether the line that says how a request is sorted stands in a text without line ends. Mail clients may have broken the line."""
    pieces = [piece.replace(" :", ":") for piece in flat.split(BETWEEN)]
    for labels in SORTED_BY:
        seen: set[str] = set()
        for piece in pieces:
            new = next((label for label in labels if label not in seen and f"{label}:" in piece), None)
            seen = seen | {new} if new else set()
            if len(seen) >= ENOUGH_SORTED:
                return True
    return False


def _in_succession(found: list[tuple[int, int]], at: int) -> bool:
    """Whether the last labels follow each other in the order of the block, close together."""
    count, above = 1, found[-1][1]
    for line, number in reversed(found[:-1]):
        if at - line > SPAN:
            break
        if number < above:
            count, above = count + 1, number
    return count >= ENOUGH
