"""The use cases of the Store: what views, tasks and commands call."""

from integrations.services.advancing import advance
from integrations.services.asking import Asked, Found, ask_about
from integrations.services.cancelling import Cancelling, cancel_run
from integrations.services.connections import (
    ConnectionSettings,
    NothingChosen,
    ProbeRequired,
    Saved,
    groups_let_go,
    save_connection,
)
from integrations.services.deciding import DecisionRefused, Held, decide, digest_of
from integrations.services.field_rules import Example, read_example, save_field_rules
from integrations.services.group_runs import GroupRefused, sync_group
from integrations.services.limits import limits_of, save_limits
from integrations.services.mail_settings import (
    TooManyTests,
    mail_settings,
    preview_of,
    reset_mail_words,
    save_mail_setting,
    send_test_mail,
)
from integrations.services.offboarding import (
    Dependant,
    GoingOn,
    going_on,
    register_dependant,
    remove,
    turn_off,
)
from integrations.services.person_runs import NotAnId, sync_person
from integrations.services.previews import NothingToApply, apply_preview, start_preview
from integrations.services.probes import TooManyProbes, run_probe
from integrations.services.runs import Opened, open_run
from integrations.services.schedule import Tick, purge, tick
from integrations.services.undoing import UndoRefused, start_undo

__all__ = [
    "send_test_mail",
    "save_mail_setting",
    "reset_mail_words",
    "preview_of",
    "mail_settings",
    "TooManyTests",
    "Asked",
    "Cancelling",
    "ConnectionSettings",
    "DecisionRefused",
    "Dependant",
    "Example",
    "Found",
    "GoingOn",
    "GroupRefused",
    "Held",
    "NotAnId",
    "NothingChosen",
    "NothingToApply",
    "Opened",
    "ProbeRequired",
    "Saved",
    "Tick",
    "TooManyProbes",
    "UndoRefused",
    "advance",
    "apply_preview",
    "ask_about",
    "cancel_run",
    "decide",
    "digest_of",
    "going_on",
    "groups_let_go",
    "limits_of",
    "open_run",
    "purge",
    "read_example",
    "register_dependant",
    "remove",
    "run_probe",
    "save_connection",
    "save_field_rules",
    "save_limits",
    "start_preview",
    "start_undo",
    "sync_group",
    "sync_person",
    "tick",
    "turn_off",
]
