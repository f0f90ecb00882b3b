"""What the demo is about, and what it prints."""

from __future__ import annotations

from typing import Any

from portal.demo.place import Place

PROVIDER = "litmos"
REGION = "Rehearsal"
CONNECTED_ACCOUNT, EMPTY_ACCOUNT = "Acme", "Globex"
EMAIL = "admin@demo.example"
PASSWORD = "rehearsal-only"  # noqa: S105 - it opens nothing but this machine's demo
SIZE = {"users": 600, "teams": 12, "courses": 40, "seed": 7}


def ready(place: Place, api_key: str, told: dict[str, Any]) -> str:
    return f"""
{CONNECTED_ACCOUNT}'s sync is done: {told["groups"]} groups, {told["targets"]} targets, \
{told["courses"]} courses; {told["calls"]} API calls, {told["seconds"]} seconds ({told["status"]}).

  Portal     {place.address}
  Log in     {EMAIL}
  Password   {PASSWORD}

  {EMPTY_ACCOUNT} is not set up yet. Switch to it, open Administration > Integration Store, Setup:
  Region     {REGION}
  API key    {api_key}

  E-mails    {place.folder / "mail"}
  Logs       {place.logs}

Ctrl-C ends everything."""
