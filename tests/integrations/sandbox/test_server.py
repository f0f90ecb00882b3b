"""The server and the command that runs it."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import threading

import pytest

from integrations.providers.litmos.sandbox.faults import known_faults
from tests.meta.files import ROOT


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "manage.py", "litmos_sandbox", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_head(process):
    lines = [process.stdout.readline()]
    while lines[-1] and not lines[-1].startswith("Ctrl-C"):
        lines.append(process.stdout.readline())
    return "".join(lines)


def ask(host, port, key, target="teams", connection=None):
    connection = connection or http.client.HTTPConnection(host, port, timeout=5)
    connection.request("GET", f"/v1.svc/{target}?source=t&format=json", headers={"apikey": key})
    answer = connection.getresponse()
    return answer.status, answer.read(), connection


def test_connections_are_kept_and_closed_at_the_end(make):
    sandbox = make(users=0, teams=0, courses=0)
    with sandbox.serve() as server:
        status, body, connection = ask(server.host, server.port, sandbox.api_key)
        first = connection.sock
        again = ask(server.host, server.port, sandbox.api_key, connection=connection)
        assert (status, body, again[:2], connection.sock) == (200, b"[]", (200, b"[]"), first)
        assert server.url == f"http://127.0.0.1:{server.port}/v1.svc"
    assert first.recv(1) == b""
    connection.close()
    assert f"litmos-sandbox-{server.port}" not in [one.name for one in threading.enumerate()]
    with pytest.raises(ConnectionRefusedError):
        ask(server.host, server.port, sandbox.api_key)


def test_a_call_that_is_too_large_is_not_read(make):
    with make(users=0, teams=0, courses=0).serve() as server:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=5)
        connection.putrequest("POST", "/v1.svc/teams")
        connection.putheader("Content-Length", "5000000")
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_says_what_it_holds_and_stops_cleanly(number, make):
    options = ("--users", "30", "--teams", "3", "--courses", "2", "--faults", "503@2")
    process = start("--port", "0", *options)
    try:
        head = read_head(process)
        key = make(users=30, teams=3, courses=2).api_key
        port = int(re.search(r"127\.0\.0\.1:(\d+)/", head)[1])
        assert head.splitlines() == [
            f"Rehearsal Litmos: http://127.0.0.1:{port}/v1.svc",
            f"Page with forms:  http://127.0.0.1:{port}/",
            f"API key:          {key}",
            f"Key of a learner: {make(users=0).learner_key} (refused with 403)",
            "It holds:         30 people, 3 teams, 2 courses",
            "Faults:           503@2",
            f'For the Portal:   LITMOS_EXTRA_REGIONS="Rehearsal=http://127.0.0.1:{port}/v1.svc"',
            "Ctrl-C ends it.",
        ]
        assert [ask("127.0.0.1", port, key)[0] for _ in range(3)] == [200, 503, 200]
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out, err) == (0, "The rehearsal Litmos has stopped.\n", "")


@pytest.mark.processes
def test_command_tells_when_the_port_is_taken_or_the_fault_unknown():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start("--port", port)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert f"Port {port} can't be used: Address already in use. Choose another." in err
    process = start("--faults", "bananas")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert "There is no fault 'bananas'." in err


@pytest.mark.processes
def test_command_help_lists_the_grammar_and_every_fault():
    out, _ = start("--help").communicate(timeout=60)
    assert "name[=value][:/path][@calls]" in out
    assert [name for name in known_faults() if f"  {name} " not in out] == []
