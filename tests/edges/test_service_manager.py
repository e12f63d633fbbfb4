"""A node under systemd: its words to the manager, sockets that were opened for it, and the restrictions of its unit."""

import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.desk.story import configured
from support.servers.peers import missing, wait_for

UNITS = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
HIGHEST_EXPOSURE = 20  # tenths

# What the manager does before it starts the service: memory is never writable and executable (MemoryDenyWriteExecute), and the socket is
# descriptor 3.
LAUNCH = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.argv[2], sys.argv[2:])
"""


def has_said(manager: socket.socket) -> bool:
    try:
        return bool(manager.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return False


def test_a_node_takes_the_socket_says_that_it_is_ready_and_alive_and_that_it_stops(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        port = listening.getsockname()[1]
        config = configured(tmp_path)
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        environment = {
            **os.environ,
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "60000000",
            "HELPDESK_NODE__WORKERS": "1",
            "HELPDESK_SMTP__LISTEN": f"127.0.0.1:{port}",
        }
        program = str(Path(sys.executable).with_name("helpdesk"))
        words = [sys.executable, "-c", LAUNCH, str(listening.fileno()), program, "serve", "--config", str(config)]
        node = subprocess.Popen(words, env=environment, pass_fds=[listening.fileno()], stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: has_said(manager) or node.poll() is not None, "the node is not ready")
            assert manager.recv(100) == b"READY=1"
            with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
                mail = "From: anna@acme.example\r\nTo: help@support.example.com\r\nSubject: Printer\r\n\r\nIt jams.\r\n"
                client.sendmail("anna@acme.example", ["help@support.example.com"], mail)
            node.send_signal(signal.SIGTERM)
            said = {manager.recv(100)}
            while b"STOPPING=1" not in said:
                said.add(manager.recv(100))
            assert said == {b"WATCHDOG=1", b"STOPPING=1"}
            assert node.wait(60) == 0
            with socket.create_connection(("127.0.0.1", port), 60):
                pass  # the socket is the manager's: whoever connects meanwhile waits for the next start
        finally:
            node.kill()
            node.wait()


def test_a_socket_for_another_process_or_another_port_is_left_alone() -> None:
    asked = "from helpdesk.gateway.service_manager import passed_sockets; print(len(passed_sockets(PORT)))"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        for wanted, pid, found in ((port, None, "1"), (port + 1, None, "0"), (port, "1", "0")):
            launch = LAUNCH.replace("str(os.getpid())", repr(pid)) if pid else LAUNCH
            words = [
                sys.executable,
                "-c",
                launch,
                str(listening.fileno()),
                sys.executable,
                "-c",
                asked.replace("PORT", str(wanted)),
            ]
            done = subprocess.run(words, pass_fds=[listening.fileno()], capture_output=True, text=True, check=True)
            assert done.stdout.strip() == found


@pytest.mark.parametrize("unit", ["helpdesk.service", "helpdesk-backup.service"])
def test_the_units_expose_little(unit: str) -> None:
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze")
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={HIGHEST_EXPOSURE}", str(UNITS / unit)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]
