"""One call over HTTP, against servers that do what they like."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integrations.litmos.badserver import BadServer, dripping
from webhooks.addresses import place_of
from webhooks.client import Client

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close"
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 4000"
HOST = "hooks.example.com"
HERE = ["127.0.0.1"]
#: Longer than any test may take, so that no other limit than the one in question ends the call.
ENDLESS = 600


def saying(head, body=b""):
    """Reads on until the other side hangs up: what is not read would end the answer too soon."""

    def talk(connection):
        connection.sendall(head + b"\r\n\r\n" + body)
        while connection.recv(65_536):
            pass

    return talk


def place(server, host="127.0.0.1", path="/in?a=b"):
    port = server.url.split(":")[2].split("/")[0]
    return place_of(f"{server.url.split(':')[0]}://{host}:{port}{path}", is_private_allowed=True)


def post(where, **values):
    client = Client(**{"is_private_allowed": True, **values})
    headers = {"Host": where.authority, "X-One": "1"}
    answer = client.post(where, headers=headers, body=b"{}")
    return answer.status, answer.text, answer.error


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A server's context for HOST, and the file of who vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + pem
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, str(file)


def test_a_call_says_what_it_was_given():
    with BadServer(saying(OK, b"done")) as server:
        where = place(server)
        assert post(where) == (200, b"done", "")
    lines = server.requests[0].split(b"\r\n\r\n")[0].decode().split("\r\n")
    assert lines[0] == "POST /in?a=b HTTP/1.1"
    assert sorted(line for line in lines[1:] if "Accept" not in line and "User" not in line) == [
        "Content-Length: 2",
        f"Host: {where.authority}",
        "X-One: 1",
    ]


def test_name_certificate_and_connection_are_one(certified):
    """TLS is told the name, and the connection goes to the IP address that was looked at."""
    context, file = certified
    names = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with BadServer(saying(OK, b"done"), tls=context) as server:
        found = post(place(server, HOST), resolver=lambda host, port: HERE, ca_file=file)
    assert (found, names) == ((200, b"done", ""), [HOST])
    assert f"Host: {HOST}:".encode() in server.requests[0]


def test_a_certificate_of_another_name(certified):
    context, file = certified
    with BadServer(saying(OK, b"done"), tls=context) as server:
        where = place(server, "other.example.com")
        found = post(where, resolver=lambda host, port: HERE, ca_file=file)
    assert (found, server.requests) == ((None, b"", "tls"), [])


def test_a_certificate_that_nobody_vouches_for(certified, monkeypatch):
    context, file = certified
    monkeypatch.setenv("SSL_CERT_FILE", file)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", file)
    with BadServer(saying(OK, b"done"), tls=context) as server:
        found = post(place(server, HOST), resolver=lambda host, port: HERE)
    assert (found, server.requests) == ((None, b"", "tls"), [])


@pytest.mark.parametrize(
    "ips",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["::ffff:127.0.0.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["64:ff9b::7f00:1"],
    ],
)
def test_row_36_a_name_that_leads_to_a_private_network(ips):
    with BadServer(saying(OK, b"done")) as server:
        where = place(server, HOST)
        found = post(where, is_private_allowed=False, resolver=lambda host, port: ips)
    assert (found, server.requests) == ((None, b"", "private"), [])


def test_row_36_a_name_that_leads_elsewhere_the_second_time(monkeypatch):
    """The name is asked for once, and the socket is opened to what was looked at."""
    answers, dialled = [["1.1.1.1"], HERE, HERE], []

    def dial(address, timeout):
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("webhooks.client.socket.create_connection", dial)
    with BadServer(saying(OK, b"done")) as server:
        where = place(server, HOST)
        found = post(where, is_private_allowed=False, resolver=lambda host, port: answers.pop(0))
    assert (found, server.requests) == ((None, b"", "unreachable"), [])
    assert (dialled, len(answers)) == ([("1.1.1.1", where.port)], 2)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_row_37_a_redirect_reaches_nobody(status):
    with BadServer(saying(OK)) as other:
        head = f"HTTP/1.1 {status} Go\r\nLocation: {other.url}\r\nContent-Length: 0"
        with BadServer(saying(head.encode())) as server:
            assert post(place(server)) == (status, b"", "")
    assert (len(server.requests), other.requests) == (1, [])


def test_row_38_no_proxy_of_the_environment(monkeypatch):
    with BadServer(saying(OK)) as proxy, BadServer(saying(OK, b"done")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert post(place(server)) == (200, b"done", "")
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", 120),
        ("9" * 30, 21_600),
        ("Mon, 01 Jan 2035 00:00:00 GMT", 21_600),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_how_long_a_receiver_asks_to_wait(monkeypatch, value, wait):
    monkeypatch.setattr("time.time", lambda: 0.0)
    head = f"HTTP/1.1 503 No\r\nContent-Length: 0\r\nRetry-After: {value}"
    with BadServer(saying(head.encode())) as server:
        where = place(server)
        found = Client(is_private_allowed=True).post(where, headers={}, body=b"{}")
    assert (found.status, found.wait) == (503, wait)


def test_the_beginning_of_a_long_answer():
    with BadServer(saying(b"HTTP/1.1 500 No\r\nConnection: close", b"x" * 1_000_000)) as server:
        status, text, error = post(place(server))
    assert (status, len(text), error) == (500, 4096, "")


def test_a_compressed_answer_stays_as_it_is():
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4"
    with BadServer(saying(head, b"bomb")) as server:
        assert post(place(server)) == (200, b"bomb", "")


def silence(connection):
    while connection.recv(65_536):
        pass


@pytest.mark.parametrize(
    ("talk", "found"),
    [
        (saying(b"SSH-2.0-OpenSSH"), (None, b"", "bad_answer")),
        (lambda connection: connection.close(), (None, b"", "unreachable")),
    ],
)
def test_servers_that_behave_badly(talk, found):
    with BadServer(talk) as server:
        assert post(place(server)) == found


def test_silence():
    with BadServer(silence) as server:
        found = post(place(server), read_seconds=0.2, wall_seconds=ENDLESS)
    assert found == (None, b"", "timeout")


@pytest.mark.parametrize(
    ("talk", "limit"),
    [
        (dripping(ACCEPTED + b"\r\n\r\n", b"x", pause=0.1), "wall_seconds"),
        (saying(ACCEPTED, b"x"), "read_seconds"),
    ],
)
def test_an_answer_whose_body_never_ends(talk, limit):
    """It counts, as long as its head came in time: on a busy machine not at the first attempt."""
    limits = {"read_seconds": ENDLESS, "wall_seconds": ENDLESS}
    with BadServer(talk) as server:
        for seconds in (0.2, 1, 5, 25):
            status, _, error = post(place(server), **{**limits, limit: seconds})
            if status:
                break
    assert (status, error) == (202, "")


def test_row_39_an_answer_whose_head_never_ends():
    with BadServer(dripping(b"HTTP/1.1 200 OK\r\nX-A: ", b"b")) as server:
        found = post(place(server), read_seconds=ENDLESS, wall_seconds=0.2)
    assert found == (None, b"", "timeout")


def test_row_39_tls_that_never_begins():
    """It takes the connection and says a little now and then, which no limit of one read ends."""
    listening = socket.create_server(("127.0.0.1", 0))

    def say_little():
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(65_536)
            dripping(b"\x16\x03\x03\x40\x00", b"\x02", pause=0.1)(connection)

    threading.Thread(target=say_little, daemon=True).start()
    port = listening.getsockname()[1]
    where = place_of(f"https://127.0.0.1:{port}/", is_private_allowed=True)
    found = post(where, connect_seconds=ENDLESS, wall_seconds=0.2)
    assert found == (None, b"", "timeout")
    listening.close()


def test_a_name_that_is_not_there():
    def resolver(host, port):
        raise socket.gaierror

    where = place_of("https://nowhere.example.com/")
    assert post(where, resolver=resolver) == (None, b"", "unresolved")
    assert post(where, resolver=lambda host, port: []) == (None, b"", "unresolved")


def test_a_resolver_that_hangs():
    ending = threading.Event()
    where = place_of("https://slow.example.com/")
    found = post(where, resolver=lambda host, port: ending.wait(60) and [], wall_seconds=0.1)
    ending.set()
    assert found == (None, b"", "timeout")


def test_nobody_listens_there():
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    where = place_of(f"http://127.0.0.1:{port}/", is_private_allowed=True)
    assert post(where) == (None, b"", "unreachable")
