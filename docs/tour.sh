# Helpers for docs/tour.md: they stand in for a mail client. Source this file in the folder of the repository.

export HELPDESK_CONFIG=var/helpdesk.toml PATH="$PWD/.venv/bin:$PATH"

# say FROM TO TEXT: sends a mail. The first mail has the Message-ID <1@tour.example>, the second <2@tour.example>, and so on.
say() {
  echo $(($(cat var/sent 2>/dev/null) + 1)) > var/sent
  python3 - "$1" "$2" "$3" "$(cat var/sent)" <<'END'
import smtplib, sys
sender, recipient, text, number = sys.argv[1:]
mail = f"From: {sender}\r\nTo: {recipient}\r\nSubject: Cannot log in\r\nMessage-ID: <{number}@tour.example>\r\n\r\n{text}\r\n"
smtplib.SMTP("127.0.0.1", 2525).sendmail(sender, [recipient], mail)
END
}

# newest COLUMN TO NOTICE: of the newest letter of that kind to that person, its number ("id") or where a reply goes ("content").
newest() {
  python3 - "$@" <<'END'
import email, sqlite3, sys
column, *whose = sys.argv[1:]
query = f"SELECT {column} FROM outbox WHERE recipient = ? AND notice = ? ORDER BY id DESC"
(found,) = sqlite3.connect("var/helpdesk.db").execute(query, whose).fetchone()
print(found if column == "id" else email.message_from_bytes(found)["Reply-To"])
END
}

# letter TO NOTICE: shows that letter.
letter() {
  helpdesk outbox show "$(newest id "$1" "$2")"
}

# reply WHO NOTICE TEXT: replies to that letter, that is, to the address in its Reply-To.
reply() {
  say "$1" "$(newest content "$1" "$2")" "$3"
}

# inbox: the rows that the platform can show to its customers.
inbox() {
  python3 - <<'END'
import sqlite3
query = "SELECT direction, notice, status_after, body_text FROM platform_inbox ORDER BY id"
for direction, notice, status, text in sqlite3.connect("var/helpdesk.db").execute(query):
    print(f"{direction:9}{notice or '-':21}{status:13}{text.splitlines()[0]}")
END
}
