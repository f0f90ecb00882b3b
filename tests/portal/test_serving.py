"""What gunicorn writes of a request."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from portal import serving


@pytest.fixture
def logger(tmp_path):
    config = Config()
    for name in ("accesslog", "errorlog"):
        config.set(name, str(tmp_path / name))
    made = serving.JsonLogger(config)
    yield made
    for log in (made.error_log, made.access_log):
        for handler in log.handlers:
            handler.close()
        log.handlers.clear()


def lines(folder):
    text = (folder / "errorlog").read_text() + (folder / "accesslog").read_text()
    return [json.loads(line) for line in text.splitlines()]


def tell(logger, path, **environ):
    answer = SimpleNamespace(status="404 Not Found", sent=12, headers=[("X-Request-ID", "r-7")])
    told = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "REMOTE_ADDR": "10.0.0.1", **environ}
    logger.access(answer, None, told, timedelta(milliseconds=34))


def test_a_request_is_one_line(logger, tmp_path):
    tell(
        logger,
        "/targets/",
        QUERY_STRING="q=ann@acme.example",
        HTTP_REFERER="https://portal.example.com/?q=ann@acme.example",
        HTTP_USER_AGENT='A\n{"level": "INFO"}',
    )
    (line,) = lines(tmp_path)
    del line["time"]
    assert line == {
        "level": "INFO",
        "logger": "gunicorn.access",
        "message": "POST /targets/ 404",
        "method": "POST",
        "path": "/targets/",
        "status": 404,
        "bytes": 12,
        "milliseconds": 34,
        "address": "10.0.0.1",
        "browser": 'A\n{"level": "INFO"}',
        "request_id": "r-7",
    }


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/hooks/completions/0123secret/", "/hooks/completions/…/"),
        ("/hooks/completions/0123secret", "/hooks/completions/…"),
        ("//hooks/completions/0123secret/", "//hooks/completions/…/"),
        ("/accounts/password/reset/key/1-secret/", "/accounts/password/reset/key/…/"),
        ("/hooks/gophish/5f0c/", "/hooks/gophish/5f0c/"),
    ],
)
def test_a_secret_in_an_address_is_left_out(logger, tmp_path, path, told):
    tell(logger, path)
    (line,) = lines(tmp_path)
    assert (line["path"], line["message"]) == (told, f"POST {told} 404")


def test_a_code_of_single_sign_on_is_left_out(logger, tmp_path):
    logger.error("Error handling request %s", "GET /login/sso/callback/?code=4/0Ab&state=x")
    (line,) = lines(tmp_path)
    assert line["message"] == "Error handling request GET /login/sso/callback/?…"


def test_what_gunicorn_itself_tells(logger, tmp_path):
    try:
        raise ValueError("/hooks/completions/0123secret/")
    except ValueError:
        logger.exception("Error handling request %s", "/hooks/completions/0123secret/?a=b")
    (line,) = lines(tmp_path)
    assert line["message"] == "Error handling request /hooks/completions/…/?a=b"
    assert "0123secret" not in json.dumps(line)
