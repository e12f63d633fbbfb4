"""The names of folders as an IMAP server spells them.

People write `Done/2026`. A server may part the levels with another sign, such as a dot, and may keep all personal folders below a prefix,
such as `INBOX.` (RFC 2342).
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

WRITTEN = "/"  # the sign between levels in a configuration
Done = TypeVar("Done")


class FolderNames:
    """The spellings that a server may want for the name of a folder. The one that worked is remembered for the session.

    `ask` returns the prefix of personal folders and the sign between levels. It and the steps raise `refusal` where the server says no, and
    `loss`, a kind of `refusal`, where the connection has gone.
    """

    def __init__(self, ask: Callable[[], tuple[str, str]], refusal: type[Exception], loss: type[Exception]) -> None:
        self._ask, self._refusal, self._loss = ask, refusal, loss
        self._known: dict[str, str] = {}
        self._space: tuple[str, str] | None = None

    def use(self, name: str, step: Callable[[str], Done]) -> Done:
        """Do a step with a folder. Where the server refuses the name as it is written, do it with the server's own spellings of it.

        Raises the first refusal where no spelling works.
        """
        if name in self._known:
            return step(self._known[name])
        try:
            return step(name)
        except self._loss:
            raise
        except self._refusal as refusal:
            for spelling in self._other_spellings(name):
                try:
                    done = step(spelling)
                except self._loss:
                    raise
                except self._refusal:
                    continue
                self._known[name] = spelling
                return done
            raise refusal from None

    def _other_spellings(self, name: str) -> Iterator[str]:
        prefix, sign = self._personal_space()
        levels = name.replace(WRITTEN, sign) if sign and sign not in name else name
        spellings = [levels]
        if prefix and not levels.startswith(prefix) and name.upper() != "INBOX":
            spellings.append(prefix + levels)
        yield from (spelling for spelling in dict.fromkeys(spellings) if spelling != name)

    def _personal_space(self) -> tuple[str, str]:
        if self._space is None:
            try:
                self._space = self._ask()
            except self._loss:
                raise
            except self._refusal:
                self._space = "", ""
        return self._space
