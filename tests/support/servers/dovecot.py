"""A Dovecot instance of our own: IMAP and POP3 on ports of 127.0.0.1, its mail in a folder; whoever knows the password is a user."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import partial
from imaplib import IMAP4
from pathlib import Path

from support.servers.peers import answers, free_ports, wait_for

DOVECOT = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin")
POP3 = Path("/usr/lib/dovecot/pop3")
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = {folder}
log_path = {folder}/log
protocols = {protocols}
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login{mechanisms}
first_valid_uid = 1
default_internal_user = {internal}
default_login_user = {login}
mail_location = maildir:{folder}/mail/%n
mail_uid = {account}
mail_gid = {group}
imap_capability = {capability}
lda_mailbox_autocreate = yes
mail_plugins = quota
mail_fsync = never
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
  mail_max_userip_connections = 100
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={quota}
}}
{passdb}
userdb {{
  driver = static
  args = uid={account} gid={group} home={folder}/mail/%n
}}
service imap {{
  service_count = 200
  process_min_avail = 2
}}
service pop3 {{
  service_count = 200
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  service_count = 0
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{more}
"""
PASSWORDS = """
passdb {{
  driver = static
  args = password=secret
}}
"""
TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2
}}
"""
OAUTH2 = """
tokeninfo_url = http://127.0.0.1:{tokens}/tokeninfo?access_token=
username_attribute = email
"""
CERTIFICATE = """
ssl_cert = <{folder}/certificate
ssl_key = <{folder}/key
"""


@dataclass
class Dovecot:
    """A server; any user's password is `secret`. `tokens` is the port of somebody who says whose an access token is."""

    folder: Path
    imap: int
    imaps: int
    pop3: int
    capability: str = ""
    quota: str = "1G"
    tokens: int = 0
    more: str = ""
    certificate: bytes = b""
    key: bytes = b""
    process: "subprocess.Popen[bytes] | None" = None

    def configure(self) -> None:
        """Write the configuration as the fields are now."""
        (self.folder / "dovecot.conf").write_text(self._configuration())
        for name, content in (("certificate", self.certificate), ("key", self.key)):
            (self.folder / name).write_bytes(content)
        (self.folder / "oauth2").write_text(OAUTH2.format(tokens=self.tokens))

    def start(self) -> None:
        self.configure()
        command = [str(DOVECOT), "-F", "-c", str(self.folder / "dovecot.conf")]
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        wait_for(partial(answers, self.imap), lambda: f"Dovecot listens on {self.imap}; its log: {self.log[-2000:]}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)

    def put(self, user: str, *contents: bytes, folder: str = "INBOX") -> None:
        """Mails in a mailbox, as if they had been delivered."""
        with self.client(user) as client:
            if folder != "INBOX":
                client.create(folder)
            for content in contents:
                assert client.append(folder, "", "", content)[0] == "OK"

    def contents(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The mails of a folder, oldest first."""
        with self.client(user) as client:
            if client.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in numbers]  # type: ignore[index,misc]

    def count(self, user: str, criterion: str, folder: str = "INBOX") -> int:
        """How many mails of a folder a search finds."""
        with self.client(user) as client:
            client.select(f'"{folder}"', readonly=True)
            return len(client.search(None, criterion)[1][0].split())

    def client(self, user: str) -> IMAP4:
        """Another mail program at the same mailbox."""
        client = IMAP4("127.0.0.1", self.imap, timeout=30)
        client.login(user, "secret")
        return client

    def doveadm(self, *arguments: str) -> str:
        return self._run("doveadm", "-c", str(self.folder / "dovecot.conf"), *arguments)

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def _configuration(self) -> str:
        root = os.geteuid() == 0
        return CONFIGURATION.format(
            folder=self.folder,
            protocols="imap pop3" if POP3.exists() else "imap",
            ssl="yes" if self.certificate else "no",
            mechanisms=" xoauth2 oauthbearer" if self.tokens else "",
            internal="dovecot" if root else "nobody",
            login="dovenull" if root else "nobody",
            account="nobody",
            group="nogroup",
            capability=self.capability,
            quota=self.quota,
            passdb=(TOKENS if self.tokens else "").format(folder=self.folder) + PASSWORDS.format(),
            imap=self.imap,
            imaps=self.imaps if self.certificate else 0,
            pop3=self.pop3,
            more=(CERTIFICATE if self.certificate else "").format(folder=self.folder) + self.more,
        )

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(Path(DOVECOT or "").with_name(program)), *arguments]
        if not Path(command[0]).exists():
            command[0] = program
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if ended.returncode:
            raise RuntimeError(f"{' '.join(command)}: {ended.returncode} {ended.stderr.strip()} {self.log[-2000:]}")
        return ended.stdout


def dovecot() -> Dovecot:
    """A configured server that does not run yet."""
    folder = Path(tempfile.mkdtemp(prefix="desk-dovecot-", dir="/tmp"))
    folder.chmod(0o755)
    for name in ("run", "state", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "mail", "nobody", "nogroup")
    imap, imaps, pop3 = free_ports(3)
    return Dovecot(folder, imap, imaps, pop3)
