"""The rehearsal Litmos: a made-up tenant behind the v1.svc interface."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import page, routes
from .answers import ANSWERS, status_answer
from .bodyfaults import BODY_FAULTS, changed_body
from .exchange import Call, Listing, Refused, Request, Response, Single
from .faults import STATUS, WIRE_FAULTS, Faults, Rule, named
from .generate import fill
from .listing import window
from .rate import RollingWindow
from .render import envelope, refusal, rendered
from .rowfaults import ROW_FAULTS, WINDOW_FAULTS
from .server import Serving
from .tables import guid, utc_now
from .tenant import Tenant

CALLS_KEPT = 100_000
LONGEST_SOURCE = 50


class Sandbox:
    def __init__(
        self,
        *,
        users: int = 40,
        teams: int = 5,
        courses: int = 6,
        seed: int = 1,
        teams_each: float = 1.2,
        rate: tuple[int, float] | None = (100, 60),
        latency: float = 0.0,
        faults: str = "",
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        keys = random.Random(f"keys-{seed}")  # noqa: S311 the same keys for the same seed
        self.api_key = guid(keys)
        self.learner_key = guid(keys)
        self.faults = Faults(faults)
        self.latency = latency
        self.calls: list[Call] = []
        self.tenant = Tenant(seed=seed, now=now)
        sizes = {"users": users, "teams": teams, "courses": courses}
        fill(self.tenant, **sizes, seed=seed, teams_each=teams_each)
        self._rate = RollingWindow(rate, clock)
        self._calls_lock = threading.Lock()

    def serve(self, port: int = 0) -> Serving:
        """Runs until it is stopped, or until the end of a `with` block."""
        return Serving(self.respond, port)

    def respond(self, request: Request, pause: Callable[[float], object] = time.sleep) -> Response:
        if not request.is_for_api:
            return page.respond(self, request)
        rules = self.faults.matching(request)
        waits = self.latency + sum(float(rule.value or 1) for rule in named(rules, ["slow"]))
        if waits:
            pause(waits)
        response = self._faulty(request, rules)
        self._record(request, response)
        return response

    def _record(self, request: Request, response: Response) -> None:
        status = 0 if response.wire[0] in ("reset", "shortbody") else response.status
        with self._calls_lock:
            self.calls.append(request.recorded(status))
            del self.calls[:-CALLS_KEPT]

    def _faulty(self, request: Request, rules: list[Rule]) -> Response:
        for rule in rules:
            if STATUS.fullmatch(rule.name):
                return status_answer(int(rule.name), rule.value, is_json=request.wants_json)
            if rule.name in ANSWERS:
                return ANSWERS[rule.name].make(rule.value)
        response = self._answer(request, rules)
        for rule in named(rules, BODY_FAULTS):
            response = changed_body(response, rule.name, rule.value)
        for rule in named(rules, WIRE_FAULTS):
            response.wire = (rule.name, rule.value)
        return response

    def _answer(self, request: Request, rules: list[Rule]) -> Response:
        is_json = request.wants_json and not named(rules, ["xml"])
        try:
            self._admit(request)
            with self.tenant.lock:
                answer = routes.answer(self.tenant, request)
                if isinstance(answer, Listing):
                    return _page(request, answer, rules, is_json=is_json)
        except Refused as refused:
            return refusal(refused.status, refused.detail, is_json=is_json)
        if isinstance(answer, Single):
            content: Any = answer.record
            return rendered(content, tag=answer.tag, is_json=is_json, status=answer.status)
        return Response(answer.status)

    def _admit(self, request: Request) -> None:
        key = request.headers.get("apikey", "")
        if "apikey" in request.query or key not in (self.api_key, self.learner_key):
            raise Refused(401, "Invalid API key")
        if not self._rate.admits(key):
            raise Refused(503, "Too many requests")
        source = request.query.get("source", "").strip()
        if not 0 < len(source) <= LONGEST_SOURCE:
            raise Refused(403, "The source parameter is missing")
        if key == self.learner_key:
            raise Refused(403, "Only an Account Owner may use the API")


def _page(request: Request, listing: Listing, rules: list[Rule], *, is_json: bool) -> Response:
    start, limit = asked = window(request, listing)
    for rule in named(rules, WINDOW_FAULTS):
        start, limit = WINDOW_FAULTS[rule.name].move(listing, (start, limit), rule.value)
    rows = [listing.shape(key) for key in listing.keys[start : start + limit]]
    for rule in named(rules, ROW_FAULTS):
        rows = ROW_FAULTS[rule.name].change(rows, rule.value)
    tag, item = listing.tags
    if listing.is_enveloped:
        total = len(listing.keys)
        whole = envelope(rows, start=asked[0], limit=asked[1], total=total)
        return rendered(whole, tag=tag, item=item, is_json=is_json)
    return rendered(rows, tag=tag, item=item, is_json=is_json)
