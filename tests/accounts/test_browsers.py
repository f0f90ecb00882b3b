import pytest

from accounts.browsers import named

GECKO = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64) {GECKO} Chrome/140.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {GECKO} Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) {GECKO} Version/18 Safari/605",
            "Safari on macOS",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {GECKO} Safari/604",
            "Safari on iPhone",
        ),
        (f"Mozilla/5.0 (Linux; Android 15) {GECKO} Chrome/140.0 Mobile", "Chrome on Android"),
        ("curl/8.5.0", "curl"),
        ("<svg/onload=alert(1)>", "<svg"),
        ("x" * 200, "x" * 30),
        ("", "Unknown"),
        ("/", "Unknown"),
    ],
)
def test_a_browser_in_words(sent, words):
    assert named(sent) == words
