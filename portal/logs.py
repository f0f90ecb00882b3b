import json
import logging
from datetime import UTC, datetime

from accounts.tracing import bound_now


class JsonFormatter(logging.Formatter):
    """One JSON object a line, so that a name with a line break can't forge another entry."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **bound_now(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=True)
