"""What mail filters, gateways and mailing lists put into a mail on its way: nobody wrote it, and it has no marks."""

from email.message import EmailMessage
from html import escape
from random import Random

BANNERS = (
    "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender and know the content is safe.",
    "[EXTERNAL]",
    "ACHTUNG: Externe E-Mail. Klicken Sie nicht auf Links und öffnen Sie keine Anhänge, wenn Sie den Absender nicht kennen.",
)
FOOTERS = (
    "_______________________________________________\nHelp mailing list -- help@groups.partner.example\nTo unsubscribe send an email to help-leave@groups.partner.example",
    "This e-mail and any attachments are confidential. If you are not the intended recipient, please delete it and tell its sender.",
)


def put_into(message: EmailMessage, random: Random) -> None:
    """Put a banner above the words of a mail, or a footer below them, in each of its bodies."""
    banner = random.choice(("", *BANNERS))
    footer = "" if banner else random.choice(FOOTERS)
    for part in list(message.walk()):
        if part.get_content_maintype() != "text" or part.get_filename():
            continue
        assert isinstance(part, EmailMessage)
        content, flowed = str(part.get_content()), part.get_param("format")
        is_html = part.get_content_subtype() == "html"
        part.set_content(
            _page(content, banner, footer) if is_html else _text(content, banner, footer), part.get_content_subtype()
        )
        if flowed:
            part.set_param("format", str(flowed))


def _text(content: str, banner: str, footer: str) -> str:
    return (f"{banner}\n\n" if banner else "") + content + (f"\n{footer}\n" if footer else "")


def _page(content: str, banner: str, footer: str) -> str:
    above = f'<div style="background:#ffeb9c;padding:2pt"><b>{escape(banner)}</b></div><br>' if banner else ""
    below = f"<br><hr><p>{escape(footer)}</p>".replace("\n", "<br>") if footer else ""
    start = content.find(">", content.find("<body")) + 1 if "<body" in content else 0
    end = content.rfind("</body>") if "</body>" in content else len(content)
    return content[:start] + above + content[start:end] + below + content[end:]
