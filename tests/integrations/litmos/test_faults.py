"""The client against servers that misbehave on the wire."""

from __future__ import annotations

import gzip
import logging
import ssl
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.contract.errors import Fatal, IntegrationError
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.sandbox import Sandbox
from tests.integrations.litmos.badserver import BadServer, dripping, json_body, saying
from tests.integrations.litmos.conftest import KEY

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000"
#: Longer than any test may take, so that no other limit than the one in question ends the call.
ENDLESS = Limits(connect_seconds=600, read_seconds=600, wall_seconds=600, tries=1)
SHORT_AS_A_WHOLE = replace(ENDLESS, wall_seconds=0.2)
SHORT_READ = replace(ENDLESS, read_seconds=0.2)


def failing(client) -> tuple[str, str]:
    """(code, cause)"""
    with pytest.raises(IntegrationError) as caught:
        client.read_teams(0)
    assert_silent(caught.value)
    return caught.value.code, getattr(caught.value, "cause", "")


def assert_silent(error: BaseException) -> None:
    """Nothing that hangs on the error shows the key: not the text, not a variable of any frame."""
    seen: list[BaseException | None] = [error]
    while seen:
        one = seen.pop()
        if one is None:
            continue
        seen += [one.__context__, one.__cause__]
        frame = one.__traceback__
        assert KEY not in repr(one) + str(one)
        while frame:
            if "/tests/" not in frame.tb_frame.f_code.co_filename:
                assert KEY not in repr(frame.tb_frame.f_locals)
            frame = frame.tb_next


def test_a_body_that_drips_is_cut_off(connect):
    with BadServer(dripping(HEAD + b"\r\n\r\n[", b" ")) as server:
        found = failing(connect(server.url, limits=SHORT_AS_A_WHOLE))
    assert found == ("litmos_unavailable", "timeout")


def test_a_head_that_drips_is_cut_off(connect):
    with BadServer(dripping(b"HTTP/1.1 200 OK\r\nX-Drops: ", b"1")) as server:
        found = failing(connect(server.url, limits=SHORT_AS_A_WHOLE))
    assert found == ("litmos_unavailable", "timeout")


@pytest.mark.parametrize("kept", [b"keep-alive", b"close"])
def test_a_body_that_stops_is_cut_off(connect, kept):
    def talk(connection):
        connection.sendall(HEAD + b"\r\nConnection: " + kept + b"\r\n\r\n[")
        connection.recv(1)

    with BadServer(talk) as server:
        found = failing(connect(server.url, limits=SHORT_AS_A_WHOLE))
    assert found == ("litmos_unavailable", "timeout")


def test_silence_is_a_timeout(connect):
    with BadServer(lambda connection: connection.recv(1)) as server:
        found = failing(connect(server.url, limits=SHORT_READ))
    assert found == ("litmos_unavailable", "timeout")


@pytest.mark.parametrize(
    "talk",
    [
        saying(HEAD, b"[]"),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", b"a\r\n[]"),
        saying(b"not http at all"),
        saying(b""),
        lambda connection: None,
    ],
    ids=["short body", "short chunk", "no http", "nothing", "hung up"],
)
def test_broken_off_answers_are_asked_for_again(connect, naps, talk):
    with BadServer(talk) as server:
        client = connect(server.url)
        code, cause = failing(client)
    assert (code, cause) == ("litmos_unavailable", "unreachable")
    assert (client.calls, len(server.requests), len(naps)) == (3, 3, 2)


def test_nobody_listens(connect):
    with BadServer(saying(b"")) as server:
        url = server.url
    assert failing(connect(url)) == ("litmos_unavailable", "unreachable")


def test_a_redirect_reaches_nobody(connect):
    with BadServer(json_body(b"[]")) as other:
        target = b"HTTP/1.1 302 Found\r\nLocation: " + other.url.encode()
        with BadServer(saying(target)) as server:
            code, _ = failing(connect(server.url))
    assert (code, len(server.requests), other.requests) == ("unexpected_redirect", 1, [])


def test_the_environment_does_not_reach_the_connection(connect, monkeypatch):
    with BadServer(json_body(b"[]")) as proxy, BadServer(json_body(b"[]")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert connect(server.url).read_teams(0).received == 0
    assert (len(server.requests), proxy.requests) == (1, [])


def bomb(megabytes: int) -> bytes:
    return gzip.compress(b"[" + b" " * (megabytes * 1_000_000) + b"]")


def test_a_gzip_bomb_stays_small(connect):
    talk = json_body(bomb(60), b"Content-Encoding: gzip")
    with BadServer(talk) as server:
        client = connect(server.url, limits=ENDLESS)
        tracemalloc.start()
        with pytest.raises(Fatal, match="too_large"):
            client.read_teams(0)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 30_000_000


def test_compressed_pages_are_read(connect):
    with BadServer(json_body(gzip.compress(b"[]"), b"Content-Encoding: gzip")) as server:
        assert connect(server.url).read_teams(0).received == 0


def test_what_only_claims_to_be_compressed(connect):
    with BadServer(json_body(b"[]", b"Content-Encoding: gzip")) as server:
        assert failing(connect(server.url))[0] == "bad_format"


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_certificate_that_nobody_vouches_for(connect, self_signed):
    with BadServer(json_body(b"[]"), tls=self_signed) as server:
        client = connect(server.url)
        code, _ = failing(client)
    assert (code, client.calls, server.requests) == ("tls", 1, [])


def test_no_tls_where_there_should_be(connect):
    sandbox = Sandbox()
    with sandbox.serve() as server:
        code, _ = failing(connect(server.url.replace("http://", "https://")))
    assert (code, sandbox.calls) == ("tls", [])


def test_the_key_is_in_one_header_and_in_no_log(connect, caplog):
    caplog.set_level(logging.DEBUG)
    with BadServer(json_body(b"[]")) as server:
        connect(server.url).read_teams(0)
    (head,) = server.requests
    assert head.count(KEY.encode()) == 1
    assert f"\r\napikey: {KEY}\r\n".encode() in head
    assert KEY not in caplog.text
