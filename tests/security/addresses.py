"""Every address of the Portal: who may open it, with which methods, and which thing of an account it names.
`tests/security/test_addresses.py` fails for one that is missing here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


class Who(StrEnum):
    """OPEN: everybody. LOGGED_IN: whoever is, of any account or none. STAFF and OPERATOR: the operator's own
    people. TOKEN: an API token. SECRET: whoever knows a secret or signs with it."""

    OPEN = "OPEN"
    LOGGED_IN = "LOGGED_IN"
    MEMBER = "MEMBER"
    ADMINISTRATOR = "ADMINISTRATOR"
    STAFF = "STAFF"
    OPERATOR = "OPERATOR"
    TOKEN = "TOKEN"  # noqa: S105 - no password
    SECRET = "SECRET"  # noqa: S105 - no password


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    who: Who
    methods: tuple[str, ...]
    thing: str = ""


TABLE = """
OPEN
  portal:livez                      get
  portal:readyz                     get
  account_login                     get+post
  account_logout                    get+post
  account_inactive                  get
  account_signup                    get+post
  account_reset_password            get+post
  account_reset_password_done       get
  account_reset_password_from_key   get+post
  account_reset_password_from_key_done  get
  mfa_authenticate                  get+post
  mfa_login_webauthn                get+post
  sso                               get
  sso_callback                      get
LOGGED_IN
  accounts:own                      get+post
  accounts:end_other_sessions       post
  accounts:end_session              post      session
  accounts:accept_invitation        post      viewer
  accounts:decline_invitation       post      viewer
  mfa_index                         get+post
  mfa_reauthenticate                get+post
  mfa_activate_totp                 get+post
  mfa_deactivate_totp               get+post
  mfa_view_recovery_codes           get
  mfa_generate_recovery_codes       get+post
  mfa_download_recovery_codes       get
  mfa_list_webauthn                 get+post
  mfa_add_webauthn                  get+post
  mfa_reauthenticate_webauthn       get+post
  mfa_edit_webauthn                 get+post  session
  mfa_remove_webauthn               get+post  session
  account_reauthenticate            get+post
  account_change_password           get+post
  account_set_password              get+post
STAFF
  portal:status                     get
SECRET
  portal:metrics                    get
  training:gophish                  post      hook
  training:completion               post      secret
MEMBER
  portal:dashboard                  get
  accounts:switch                   post
  training:campaigns                get
  training:campaign                 get       campaign
  training:actions                  get       campaign
  training:actions_csv              get       campaign
  training:campaign_evidence        get       campaign
  training:repeat_rules             get
  training:enrollments              get
  training:enrollments_csv          get
  training:evidence                 get
  training:insights                 get
  training:insights_csv             get
  training:enrollment               get       enrollment
  training:remediation              get       target
  groups:list                       get
  groups:export                     get
  groups:detail                     get       group
  targets:list                      get
  targets:detail                    get       target
  targets:export                    get
  integrations:courses              get
  integrations:courses_csv          get
  training:campaigns_csv            get
  integrations:target_history       get       target
ADMINISTRATOR
  accounts:settings                 get+post
  accounts:security                 get+post
  accounts:reset_factor             get+post  viewer
  integrations:mail_setting         get+post
  integrations:mail_preview         get
  integrations:mail_preview_html    get
  integrations:send_test_mail       post
  integrations:reset_mail_words     get+post
  integrations:mails_csv            get
  integrations:runs_csv             get
  webhooks:list                     get
  webhooks:add                      get+post
  webhooks:log                      get       endpoint
  webhooks:log_csv                  get       endpoint
  webhooks:change                   get+post  endpoint
  webhooks:secret                   get+post  endpoint
  webhooks:switch                   post      endpoint
  webhooks:remove                   get+post  endpoint
  webhooks:test                     post      endpoint
  webhooks:send_again               post      endpoint
  targets:new                       get+post
  targets:import                    get+post
  targets:import_columns            get+post  draft
  targets:import_preview            get+post  draft
  targets:import_errors             get       draft
  targets:edit                      get+post  target
  targets:join                      get+post  target
  training:erase                    get+post  target
  training:export_person            get       target
  training:erased                   get+post
  training:leavers                  get+post
  accounts:notifications            get+post
  accounts:users                    get
  accounts:users_csv                get
  accounts:invite_user              get+post
  accounts:user_role                get+post  viewer
  accounts:remove_user              get+post  viewer
  accounts:send_invitation          post      viewer
  accounts:audit                    get
  accounts:audit_csv                get
  accounts:api                      get
  accounts:new_token                get+post
  accounts:revoke_token             get+post  token
  api_guide                         get
  training:new_campaign             get+post
  training:edit_campaign            get+post  campaign
  training:start_campaign           post      campaign
  training:end_campaign             post      campaign
  training:campaign_secret          post      campaign
  training:import_actions           get+post  running
  training:withdraw_bots            post      campaign
  training:new_repeat_rule          get+post
  training:edit_repeat_rule         get+post  rule
  training:delete_repeat_rule       get+post  rule
  training:replace_course           get+post  course
  training:lms_page                 get+post
  training:creating                 post
  training:change_enrollments       post
  training:withdraw_enrollment      post      enrollment
  training:ask_again                post      enrollment
  training:mark_done                post      enrollment
  training:group_lms                post
  groups:bulk                       post
  targets:bulk                      post
  groups:new                        get+post
  groups:switches                   post      group
  groups:rename                     get+post  own_group
  targets:switch                    post      target
  targets:members                   post      group
  integrations:mails                get
  integrations:mail                 get       mail
  integrations:mail_html            get       mail
  integrations:send_again           post      mail
  integrations:store                get
  integrations:sync_group           post      group
  integrations:card                 get
  integrations:setup                get+post
  integrations:teams                post
  integrations:probe                post
  integrations:sync                 post
  integrations:why_here             get
  integrations:why                  get+post
  integrations:sync_person          post
  integrations:preview              post
  integrations:field_rules          get+post
  integrations:drift                get
  integrations:limits               get+post
  integrations:turn_off             get+post
  integrations:remove               get+post
  integrations:runs                 get
  integrations:last_run             get
  integrations:run                  get       held
  integrations:run_progress         get       held
  integrations:run_csv              get       held
  integrations:cancel               post      held
  integrations:apply                post      preview
  integrations:undo                 post      held
  integrations:held                 get+post  held
TOKEN
  api:list_groups                   get
  api:read_group                    get       group
  api:list_targets                  get
  api:read_target                   get       target
  api:list_courses                  get
  api:list_connections              get
  api:read_connection               get       connection
  api:start_run                     post      connection
  api:list_runs                     get
  api:read_run                      get       held
  api:list_changes                  get       held
  api:apply_preview                 post      preview
  api:cancel_run                    post      held
  api:decide                        post      held
  api:list_campaigns                get
  api:list_enrollments              get
  api:read_enrollment               get       enrollment
  api:list_actions                  get
  api:send_actions                  post
"""
#: The description of the API is for Administrators and for tokens; the others say "not found" alone, or are
#: those of hooks without their last "/".
APART = {"api:description", "api:api-root", "?", "training:?"}
#: django.contrib.admin's own.
OPERATORS = "admin:"


def _read(table: str) -> Iterator[Address]:
    who = Who.OPEN
    for line in table.strip().splitlines():
        if not line.startswith(" "):
            who = Who(line.strip())
            continue
        name, methods, *thing = line.split()
        yield Address(name, who, tuple(methods.split("+")), *thing)


ADDRESSES = list(_read(TABLE))


def walk(patterns: list[Any] | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address that the resolver knows, with its name."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from walk(pattern.url_patterns, space + inner)
        else:
            yield space + (pattern.name or "?"), pattern


PATTERNS = dict(walk())


def url_of(address: Address, things: dict[str, Any]) -> str:
    """`things` maps the names of the table to ids."""
    if address.name == "account_reset_password_from_key":
        return reverse(address.name, args=["1", "x-y"])
    names = PATTERNS[address.name].pattern.converters
    words = {"provider": "litmos", "kind": "integration_sync_finished"}
    words["delivery_pk"] = things.get("delivery", 0)
    return reverse(address.name, kwargs={n: words.get(n) or things[address.thing] for n in names})
