"""The page of an export: everything in it that a person can read, in one HTML file that fetches nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

Row = Mapping[str, Any]

# What the page shows of the rows of each table, in the order of its sections; the folder `data` has all of it. Requests, with their messages
# and notes, stand before these.
SECTIONS = {
    "contact": ("You in the directory of customers", "address name account_id external_id active updated_at"),
    "staff": ("You in the directory of the team", "address name addresses role queues language zone active updated_at"),
    "participant": ("Requests in which you take part", "request address name role state"),
    "inbound": ("Mails from you", "received_at request message_id size peer helo state"),
    "outbox": ("Letters to you", "created_at request recipient subject notice state"),
    "attempt": ("How letters to you were delivered", "at outcome code reply"),
    "mailbox_mail": ("Mails from you in mailboxes that the desk reads", "seen_at size outcome reason"),
    "platform_thread": ("Conversations in the platform", "created_at ticket subject status"),
    "platform_inbox": ("Your inbox in the platform", "created_at ticket direction subject body_text read_at"),
    "platform_reply": ("What you wrote in the platform", "created_at subject body_text taken_at error"),
    "page_session": ("Your visits to the inbox page", "created_at expires_at ended_at"),
    "platform_attachment": ("Files of the platform", "created_at filename content_type size"),
    "event": ("What happened on your requests", "at request kind from_status to_status"),
    "suppression": ("Why letters to you are stopped", "address reason diagnostic since until"),
    "listed_sender": ("Lists of senders that name you", "entry listing reason since"),
    "login_count": ("Logins by your address", "account failures last_at free_at"),
    "login_source": ("When your address logged in last", "account last_at"),
    "directory_change": ("Changes of your entry in the directory", "kind key before"),
    "seen_image": ("Pictures of signatures that came with your mails", "at origin"),
}
IN_REQUESTS = ("ticket", "message", "internal_note")
STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25 } h2 { font-size: 1.25rem; margin-top: 2.5rem } h3 { font-size: 1rem; margin: 2rem 0 .5rem }
article { border-left: 3px solid #767676; margin: 1rem 0; padding: 0 0 0 .75rem } article.note { border-left-style: dashed }
pre { font: inherit; white-space: pre-wrap; margin: .25rem 0 } .by { font-weight: 600; margin: 0 }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: .875rem } th, td { text-align: left; vertical-align: top;
padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #767676; min-width: 6rem; max-width: 24rem;
white-space: pre-line }
""".strip()


@dataclass(slots=True)
class PersonPage:
    """What the page says. `rows` are those that were written, by table."""

    desk: str
    addresses: Sequence[str]
    names: Sequence[str]
    at: datetime
    rows: dict[str, list[Row]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)


def page(person: PersonPage) -> str:
    """Return the page. Everything that somebody wrote is escaped."""
    title = f"What {person.desk} has about {', '.join(person.addresses)}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style></head>\n<body>\n<h1>{escape(title)}</h1>\n"
        + "\n".join((*_introduction(person), *_requests(person), *_others(person)))
        + "\n</body></html>\n"
    )


def _introduction(person: PersonPage) -> Iterator[str]:
    named = f" Names: {', '.join(person.names)}." if person.names else ""
    yield f"<p>{escape(f'Written on {_moment(person.at)}.{named}')}</p>"
    yield (
        "<p>This page shows what can be read. Beside it, the folder <code>data</code> has every row as JSON, <code>mail</code> has the mails "
        "from you and the letters to you as mbox files, <code>files</code> has the files, and <code>manifest.json</code> lists all of them "
        "with their SHA-256.</p>"
    )
    if not any(person.rows.values()):
        yield "<p><strong>The desk has nothing about these addresses.</strong></p>"
    if person.left_out:
        yield "<p>Not given:</p><ul>"
        yield from (f"<li>{escape(f'{what}: {count}')}</li>" for what, count in sorted(person.left_out.items()))
        yield "</ul>"


def _requests(person: PersonPage) -> Iterator[str]:
    """Each request with its conversation, oldest first."""
    subjects = {row["request"]: row for row in person.rows.get("ticket", ())}
    said: dict[str, list[tuple[datetime, str]]] = {reference: [] for reference in subjects}
    for table in ("message", "internal_note"):
        for row in person.rows.get(table, ()):
            said.setdefault(row.get("request", ""), []).append((row["at"], _article(row, is_note=table == "internal_note")))
    if said:
        yield "<h2>Requests</h2>"
    for reference, articles in said.items():
        own = subjects.get(reference)
        facts = f"{own['subject']} – {own['status']}, since {_moment(own['created_at'])}" if own else "with other people"
        yield f"<h3>{escape(f'{reference}: {facts}')}</h3>"
        if own and own.get("fields"):
            yield f"<p>{escape(_text(own['fields']))}</p>"
        yield from (article for _, article in sorted(articles))


def _article(row: Row, *, is_note: bool) -> str:
    by = "Internal note of the team" if is_note else "You" if row["direction"] == "customer" else "Support"
    files = "".join(_file(entry) for entry in row["attachments"])
    earlier = str(row.get("elided_text") or "").strip()
    quoted = f"<details><summary>What was quoted</summary><pre>{escape(earlier)}</pre></details>" if earlier else ""
    return (
        f'<article class="{"note" if is_note else "words"}"><p class="by">{by}, {_moment(row["at"])}</p>'
        f"<pre>{escape(str(row['text']).strip())}</pre>{quoted}{files}</article>"
    )


def _file(entry: Row) -> str:
    name = escape(str(entry.get("filename") or "file"))
    path = str(entry.get("path") or "")
    return f'<p>File: <a href="{escape(path)}">{name}</a></p>' if path else f"<p>File that is no longer there: {name}</p>"


def _others(person: PersonPage) -> Iterator[str]:
    """The rows of every other table, in columns."""
    for table in (*SECTIONS, *(name for name in person.rows if name not in SECTIONS and name not in IN_REQUESTS)):
        rows = person.rows.get(table)
        if not rows:
            continue
        title, names = SECTIONS.get(table, (table, " ".join(rows[0])))
        columns = [name for name in names.split() if any(_text(row.get(name)) for row in rows)]
        heads = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in columns)
        yield f'<h2>{escape(title)}</h2>\n<div class="wide" tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>'
        yield from ("<tr>" + "".join(f"<td>{escape(_text(row.get(name)))}</td>" for name in columns) + "</tr>" for row in rows)
        yield "</tbody></table></div>"


def _text(value: object) -> str:
    """A value as people read it; nothing for what says nothing."""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(entry)}" for key, entry in value.items() if _text(entry))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_text, value)))
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
