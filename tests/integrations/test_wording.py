"""No code is without its words."""

import pytest

from integrations import wording
from integrations.contract.provider import ProbeStep
from integrations.models import Action, Change, Kind, Outcome, Phase, Reason, Status, SyncRun
from integrations.sentences import ACTIONS, ERRORS, HELD_BECAUSE, HOLDS, KINDS, PROBE_STEPS, REASONS

CODES_OF_A_RUN = [
    "unexpected",
    "key_refused",
    "not_permitted",
    "wrong_site",
    "litmos_unavailable",
    "throttled",
    "bad_format",
    "too_large",
    "unexpected_redirect",
    "tls",
    "unreachable",
    "timeout",
    "key_unreadable",
    "no_key",
    "worker_lost",
    "storage",
    "budget_unavailable",
    "budget_empty",
]
CODES_OF_A_TEST = [
    "unreachable",
    "tls",
    "timeout",
    "key_refused",
    "not_owner",
    "no_team",
    "throttled",
    "not_litmos",
    "no_key",
    "key_malformed",
    "key_unreadable",
]


def is_sentence(text):
    return text.endswith((".", "?")) and text[0].isupper() and "{" not in text and "  " not in text


@pytest.mark.parametrize("code", [*CODES_OF_A_RUN, *CODES_OF_A_TEST])
def test_every_code_has_cause_and_cure(code):
    assert code in ERRORS
    what, cure = wording.error_sentence(code, "", "Litmos")
    assert is_sentence(what)
    assert is_sentence(cure)


def test_a_code_nobody_knows_still_reads_well():
    assert wording.error_sentence("new_code", "x")[0] == (
        "Something unexpected happened between the Portal and the integration. It says: “x”"
    )


@pytest.mark.parametrize("reason", Reason.values)
@pytest.mark.parametrize(
    "args",
    [{}, {"group": "Sales", "by": "Ann", "fields": ["address_one"], "name": "S", "value": "v"}],
)
def test_every_reason_is_worded(reason, args):
    assert reason in REASONS
    said = wording.reason_sentence(Change(reason=reason, reason_args=args), "Litmos")
    assert "{" not in said
    assert bool(said) == bool(reason)


def test_reasons_name_what_they_are_about():
    change = Change(reason="SHORTENED", reason_args={"fields": ["address_one", "email"]})
    assert wording.reason_sentence(change) == (
        "Longer than the Portal keeps, and shortened: address one, e-mail."
    )
    change = Change(reason="UNREADABLE", reason_args={"value": "", "number": 1200})
    assert wording.reason_sentence(change) == "1,200 records without an Id could not be read."


def test_every_hold_reason_of_the_guard_is_worded():
    codes = (
        "removals group_removals team_removals tenant_empty team_empty half_unknown half_gone "
        "unreadable people_unconfirmed courses_unconfirmed"
    )
    assert set(codes.split()) == HOLDS.keys() == HELD_BECAUSE.keys()
    assert all(is_sentence(wording.hold_sentence(code, "Litmos")) for code in HOLDS)


def test_every_step_of_the_test_is_worded():
    assert {"HOST", "KEY", "OWNER", "TEAMS", "COUNTS"} == PROBE_STEPS.keys()
    for key in PROBE_STEPS:
        passed = wording.probe_step({"key": key, "passed": True, "code": "", "args": {}}, "Litmos")
        assert passed.label
        assert not passed.what
        for code in CODES_OF_A_TEST:
            step = ProbeStep(key=key, passed=False, code=code)
            line = wording.probe_step(
                {"key": step.key, "passed": False, "code": step.code, "args": step.args}, "Litmos"
            )
            assert is_sentence(line.what)
            assert is_sentence(line.cure)


def test_counts_are_told_in_the_step():
    args = {"people": 1234, "teams": 5, "courses": 6}
    line = wording.probe_step({"key": "COUNTS", "passed": True, "code": "", "args": args})
    assert line.label.endswith(": 1,234 people, 5 teams, 6 courses")


def test_every_status_and_phase_is_worded():
    assert {wording.status_label(SyncRun(status=status)) for status in Status.values} == set(
        Status.labels
    )
    for phase in Phase.values:
        assert wording.phase_label(SyncRun(status="RUNNING", phase=phase))
    assert wording.phase_label(SyncRun(status="QUEUED")) == "Starts within a minute"
    assert wording.phase_label(SyncRun(status="SYNCED")) == ""


def test_every_kind_and_action_is_worded():
    assert set(Kind.values) == KINDS.keys()
    assert set(Action.values) == ACTIONS.keys()


def test_count_lines():
    counts = {
        "UNCHANGED.PERSON": 9,
        "PERSON.DEACTIVATE.HELD": 3,
        "PERSON.DEACTIVATE.APPLIED": 1,
        "PERSON.CREATE.APPLIED": 2,
        "GROUP.ADOPT.APPLIED": 1,
        "COURSE.UPDATE.APPLIED": 0,
        "nonsense": 1,
    }
    assert wording.count_lines(counts) == [
        ("Adopted groups", 1),
        ("New people", 2),
        ("People made inactive", 1),
        ("Held: people made inactive", 3),
        ("Unchanged people", 9),
    ]


def test_every_cell_of_the_counts_has_a_line():
    for kind in Kind.values:
        for action in Action.values:
            for outcome in Outcome.values:
                assert wording.count_lines({f"{kind}.{action}.{outcome}": 1})
