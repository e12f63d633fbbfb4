"""Nothing that a mail names is fetched, looked up or rendered, by reading it or by writing about it."""

import socket
from pathlib import Path

import pytest
from support.desk.story import SUPPORT, configured, direct_desk
from support.mails.plain_reader import PlainReader

from helpdesk.threading.model.notice import Notice

MARKUP = """<html><head><link rel=stylesheet href=http://169.254.169.254/x.css><base href=http://127.0.0.1/><meta http-equiv=refresh content="0;http://127.0.0.1/">
<style>@import "http://127.0.0.1/a.css"; p { background: url(http://127.0.0.1/b) }</style></head><body background=http://127.0.0.1/c>
<img src=http://127.0.0.1:9/pixel.gif><img src=file:///etc/passwd><img src=cid:logo><iframe src=http://127.0.0.1/d></iframe>
<object data=http://127.0.0.1/e></object><a href=http://127.0.0.1/unsubscribe>x</a><img src="php://filter/x"><p>It jams.</p></body></html>"""
FIELDS = (
    "List-Unsubscribe: <http://127.0.0.1/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nDisposition-Notification-To: x@evil.example\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
)
EXTERNAL = (
    'Content-Type: message/external-body; access-type=URL; URL="http://127.0.0.1/f"\r\n\r\nContent-Type: text/plain\r\n\r\n'
)


def test_a_mail_full_of_addresses_opens_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def noticed(*where: object) -> None:
        opened.append(where)
        raise OSError("nothing is fetched")

    with direct_desk(configured(tmp_path), PlainReader()) as desk:
        anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
        monkeypatch.setattr(socket.socket, "connect", noticed)
        monkeypatch.setattr(socket.socket, "connect_ex", noticed)
        monkeypatch.setattr(socket, "getaddrinfo", noticed)
        body = f"--b\r\nContent-Type: text/html\r\n\r\n{MARKUP}\r\n--b\r\n{EXTERNAL}\r\n--b--\r\n"
        head = f"From: {anna.address}\r\nTo: {SUPPORT}\r\nSubject: http://127.0.0.1/s\r\nMessage-ID: <1@acme.example>\r\n{FIELDS}"
        anna.mail(f"{head}\r\n{body}".encode(), [SUPPORT])
        omar.replies(Notice.NEW_TICKET, "#resolve\nSee http://127.0.0.1/g.")
        assert "It jams." in omar.letter(Notice.NEW_TICKET).text
        assert "http://127.0.0.1/g" in anna.letter(Notice.RESOLUTION).text
        with pytest.raises(OSError, match="nothing is fetched"):
            socket.create_connection(("127.0.0.1", 9))
    assert len(opened) == 1
