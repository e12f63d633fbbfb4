"""The region from which somebody writes, where letters in their language have words of that region.

Takes any text, and time linear in its length.
"""

PORTUGUESE = "pt"
BRAZILIAN = "pt-BR"
# Words that people write in Brazil, and those that they write in Portugal instead.
OF_BRAZIL = frozenset(
    "você vocês arquivo arquivos tela telas celular usuário usuários cadastro cadastrar cadastrei equipe contato contatos registro registrar "
    "acessar acesse baixar deletar excluir gerenciar conosco planilha boleto cpf cnpj pra tô aguardo senha senhas aplicativo".split()
)
OF_PORTUGAL = frozenset(
    "ficheiro ficheiros ecrã ecrãs telemóvel utilizador utilizadores registo registos equipa contacto contactos aceder descarregar eliminar "
    "connosco palavra-passe palavras-passe nif convosco vosso vossa vossos vossas telefonema".split()
)
FEWEST_WORDS = 2  # of Brazil, different ones, that tell where a message is from
READ = 2_000  # characters of a message
AROUND = ".,;:!?()[]\"'«»“”"


def with_region(language: str, author: str, text: str) -> str:
    """The language of letters with the region that its author's address or words tell: Brazil has words of its own in letters."""
    if language != PORTUGUESE:
        return language
    words = {word.strip(AROUND) for word in text[:READ].casefold().split()}
    of_brazil, of_portugal = len(words & OF_BRAZIL), len(words & OF_PORTUGAL)
    told = of_brazil >= FEWEST_WORDS and of_brazil > of_portugal
    return BRAZILIAN if told or (author.casefold().endswith(".br") and of_brazil >= of_portugal) else language
