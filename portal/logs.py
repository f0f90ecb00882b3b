import json
import logging
import re
from datetime import UTC, datetime

from accounts.tracing import bound_now

#: The part of an address that is a secret by itself: whoever has it needs nothing else.
SECRET = re.compile(
    r"(/hooks/completions/|/accounts/password/reset/key/)[^/\s?#\"']+|(/login/sso/callback/\?)[^\s\"']+"
)


def without_secrets(text: str) -> str:
    return SECRET.sub(r"\1\2…", text)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, so that a name with a line break can't forge another entry."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            **bound_now(),
            **getattr(record, "request_told", {}),
        }
        if record.exc_info:
            entry["exception"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=True)
