"""What gunicorn is told in every installation: `gunicorn portal.wsgi --config python:portal.serving`."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.wsgi import Response

from portal.logs import JsonFormatter, without_secrets

#: Standard output; what goes wrong is told on standard error.
accesslog = "-"


class JsonLogger(Logger):
    """Both logs have a JSON object a line. Of a request they have neither the query, which may hold the name
    of whoever is searched for, nor the page that it came from."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            if own := self._get_gunicorn_handler(log):
                own.setFormatter(JsonFormatter())

    def access(
        self, resp: Response, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> None:
        if self.access_log_enabled:
            told = _told(resp, environ, request_time)
            message = f"{told['method']} {told['path']} {told['status']}"
            self.access_log.log(logging.INFO, "%s", message, extra={"request_told": told})


logger_class = JsonLogger


def _told(resp: Response, environ: dict[str, Any], request_time: timedelta) -> dict[str, Any]:
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode(errors="replace")
    headers = {name.lower(): value for name, value in resp.headers}
    return {
        "method": environ.get("REQUEST_METHOD", ""),
        "path": without_secrets(path),
        "status": int(str(resp.status).split()[0]),
        "bytes": resp.sent,
        "milliseconds": round(request_time / timedelta(milliseconds=1)),
        "address": environ.get("REMOTE_ADDR", ""),
        "browser": environ.get("HTTP_USER_AGENT", ""),
        "request_id": headers.get("x-request-id", ""),
    }
