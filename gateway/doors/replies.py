"""All replies of the SMTP and LMTP doors, in one table (RFC 5321 §4.2, RFC 3463). No reply tells a stranger about our
inside.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply: code, enhanced status code ("" where RFC 2034 wants none) and text. `ends_session` closes the
    connection after it.
    """

    code: int
    status: str
    text: str
    ends_session: bool = False
    line: bytes = field(init=False, repr=False, compare=False)  # the reply as it is sent, on one line
    kind: str = field(init=False, repr=False, compare=False)  # as it is counted: 2xx

    def __post_init__(self) -> None:
        written = " ".join(part for part in (str(self.code), self.status, self.text) if part)
        object.__setattr__(self, "kind", f"{self.code // 100}xx")
        object.__setattr__(self, "line", written.encode("ascii") + b"\r\n")

    @property
    def is_error(self) -> bool:
        """Whether the reply tells the client about an error of its own (5yz)."""
        return self.code >= 500


# fmt: off
OK                   = Reply(250, "2.0.0", "OK")
SENDER_OK            = Reply(250, "2.1.0", "sender OK")
RECIPIENT_OK         = Reply(250, "2.1.5", "recipient OK")
STORED               = Reply(250, "2.0.0", "message stored")
START_INPUT          = Reply(354, "", "end data with <CR><LF>.<CR><LF>")
HELP                 = Reply(214, "2.0.0", "see RFC 5321")
CANNOT_VERIFY        = Reply(252, "2.0.0", "send some mail and see")
READY_FOR_TLS        = Reply(220, "2.0.0", "ready to start TLS")
AUTHENTICATED        = Reply(235, "2.7.0", "authentication succeeded")
GOODBYE              = Reply(221, "2.0.0", "goodbye", ends_session=True)

DRAINING             = Reply(421, "4.3.2", "service shutting down, try again later", ends_session=True)
TOO_MANY_SESSIONS    = Reply(421, "4.3.2", "too many connections, try again later", ends_session=True)
ROOM_NEEDED          = Reply(421, "4.3.2", "too many connections and this one is idle, try again later", ends_session=True)
TIMED_OUT            = Reply(421, "4.4.2", "timeout, closing connection", ends_session=True)
TOO_SLOW             = Reply(421, "4.4.2", "too slow, closing connection", ends_session=True)
TOO_MANY_ERRORS      = Reply(421, "4.7.0", "too many errors, closing connection", ends_session=True)
TOO_MANY_COMMANDS    = Reply(421, "4.7.0", "too many commands without mail, closing connection", ends_session=True)
TOO_MANY_PASSWORDS   = Reply(421, "4.7.0", "too many failed logins, closing connection", ends_session=True)
TRY_LATER            = Reply(451, "4.3.0", "try again later")
NO_ROOM              = Reply(452, "4.3.1", "too much mail at once, try again later")
NO_SPACE             = Reply(452, "4.3.1", "insufficient system storage, try again later")
TOO_MANY_RECIPIENTS  = Reply(452, "4.5.3", "too many recipients, send the rest in another transaction")
TLS_NOT_AVAILABLE    = Reply(454, "4.7.0", "TLS not available")
LOGIN_LATER          = Reply(454, "4.7.0", "temporary authentication failure, try again later")

COMMAND_TOO_LONG     = Reply(500, "5.5.2", "command line too long")
ENDLESS_COMMAND      = Reply(500, "5.5.2", "command line too long", ends_session=True)
BARE_LINE_END        = Reply(500, "5.5.2", "end a command with <CR><LF>")
UNKNOWN_COMMAND      = Reply(500, "5.5.1", "command not recognized")
SYNTAX               = Reply(501, "5.5.4", "syntax error in parameters")
BAD_BASE64           = Reply(501, "5.5.2", "cannot decode this response")
AUTH_CANCELLED       = Reply(501, "5.7.0", "authentication cancelled")
NOT_IMPLEMENTED      = Reply(502, "5.5.1", "command not implemented")
OUT_OF_ORDER         = Reply(503, "5.5.1", "bad sequence of commands")
EARLY_TALKER         = Reply(554, "5.5.0", "data sent too early", ends_session=True)
UNKNOWN_MECHANISM    = Reply(504, "5.5.4", "unrecognized authentication type")
BAD_CREDENTIALS      = Reply(535, "5.7.8", "authentication credentials invalid")
TLS_NEEDED           = Reply(538, "5.7.11", "encryption required for authentication")
LOGIN_NEEDED         = Reply(530, "5.7.0", "authentication required")
UNKNOWN_RECIPIENT    = Reply(550, "5.1.1", "no such mailbox here")
BAD_LINE_ENDS        = Reply(550, "5.6.11", "message contains bare CR, bare LF or NUL")
TOO_LARGE            = Reply(552, "5.3.4", "message size exceeds the limit")
BAD_SENDER           = Reply(553, "5.1.7", "bad sender address syntax")
BAD_RECIPIENT        = Reply(553, "5.1.3", "bad recipient address syntax")
NEEDS_SMTPUTF8       = Reply(553, "5.6.7", "non-ASCII address without SMTPUTF8")
UNKNOWN_PARAMETER    = Reply(555, "5.5.4", "parameter not recognized or not implemented")
TOO_MANY_HOPS        = Reply(554, "5.4.6", "too many Received fields, this mail loops")
# fmt: on
