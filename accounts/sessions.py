"""How long a session lasts, which there are, and how they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.core.internal.httpkit import get_client_ip
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import browsers
from accounts.models import User

BEGAN, SEEN = "began_at", "seen_at"
#: A session in steady use is written once in this time, not with every click.
SEEN_TOLD_AFTER = 60
#: A page that refreshes itself sends this: nobody need be in front of it.
UNATTENDED = "X-Unattended"
ENDED = "You were logged out, since nothing happened for {idle} minutes or the log-in was {oldest} hours old."


def begin(request: HttpRequest) -> None:
    request.session[BEGAN] = request.session[SEEN] = time.time()


def end_old_sessions(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Log out whoever did nothing for half an hour or logged in half a day ago, and keep the list of
    sessions up to date."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            _end_or_touch(request)
        key = request.session.session_key
        response = get_response(request)
        _follow(key, request)
        return response

    return middleware


def _end_or_touch(request: HttpRequest) -> None:
    now = time.time()
    seen = request.session.get(SEEN, 0)
    if _is_over(request, now, seen):
        logout(request)
        idle, oldest = settings.SESSION_IDLE_SECONDS // 60, settings.SESSION_COOKIE_AGE // 3600
        messages.info(request, ENDED.format(idle=idle, oldest=oldest))
    elif now - seen >= SEEN_TOLD_AFTER and UNATTENDED not in request.headers:
        request.session[SEEN] = now
        if request.user.is_authenticated:
            _tell_use(request)


def _is_over(request: HttpRequest, now: float, seen: float) -> bool:
    is_idle = now - seen >= settings.SESSION_IDLE_SECONDS
    return is_idle or now - request.session.get(BEGAN, 0) >= settings.SESSION_COOKIE_AGE


def _tell_use(request: HttpRequest) -> None:
    told = {"ip": get_client_ip(request) or "0.0.0.0", "last_seen_at": timezone.now()}  # noqa: S104
    new = {"user": request.user, "user_agent": request.headers.get("User-Agent", "")[:200]}
    UserSession.objects.update_or_create(
        session_key=request.session.session_key, defaults=told, create_defaults=told | new
    )


def _follow(key: str | None, request: HttpRequest) -> None:
    """A session that was given a new id stays the same entry of the list."""
    now = request.session.session_key
    if not (key and now and key != now and request.user.is_authenticated):
        return
    if not UserSession.objects.filter(session_key=now).exists():
        UserSession.objects.filter(session_key=key).update(session_key=now)


def of_user(user: User) -> list[UserSession]:
    """Those that still work, the one used last first, each with its `browser` in words."""
    found = UserSession.objects.purge_and_list(user)
    idle = timezone.now() - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    working = [each for each in found if each.last_seen_at > idle]
    for each in working:
        each.browser = browsers.named(each.user_agent)
    return sorted(working, key=lambda each: each.last_seen_at, reverse=True)


def end_all(user: User, *, but: str | None = None) -> int:
    """Log a user out everywhere, but for one session; returns how many ended."""
    ending = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    return sum(_end(each) for each in ending)


def end_one(user: User, pk: int) -> bool:
    """Whether it was there to be ended."""
    return any([_end(each) for each in UserSession.objects.filter(user=user, pk=pk)])


def forget_old(now: datetime) -> None:
    """Of sessions that are over nothing is kept, neither themselves nor their entry in the list."""
    Session.objects.filter(expire_date__lt=now).delete()
    oldest = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    UserSession.objects.filter(created_at__lt=oldest).delete()


def _end(session: UserSession) -> bool:
    session.end()
    return True
