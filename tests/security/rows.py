"""The security checklist, row by row: what must hold, and which tests hold it. `make security` runs them and
prints this; tests/meta/test_security_rows.py fails for a test that is not there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`tests` are node ids below tests/; one without “::” is a whole file. `left` says what of the row does
    not apply here, and why."""

    number: int
    what: str
    tests: tuple[str, ...] = ()
    left: str = ""


ADDRESSES = "security/test_addresses.py::test_row_"
TENANTS = "security/test_tenants.py::test_row_"
CODE = "security/test_code.py::test_"
LOG_IN = "accounts/test_log_in.py::test_"
HEADERS = "portal/test_headers.py::test_"
LITMOS = "integrations/litmos/"
SETUP = "integrations/views/test_setup.py::test_"

ROWS = (
    Row(
        1,
        "Another account's address answers 404, for every address, role and method",
        (
            f"{ADDRESSES}01_the_table_names_every_address",
            f"{ADDRESSES}01_nobody_is_sent_to_the_log_in",
            f"{ADDRESSES}01_another_account_finds_nothing",
            f"{ADDRESSES}01_a_session_is_no_token",
            f"{ADDRESSES}01_a_door_opens_to_its_secret_alone",
            "portal/test_api_reading.py::test_what_is_not_the_tokens_is_not_there",
        ),
    ),
    Row(
        2,
        "A query without an account is an error, and nothing goes round it",
        (
            f"{TENANTS}02_without_an_account_nothing_is_found",
            f"{TENANTS}02_no_code_goes_round_the_scope",
            f"{TENANTS}02_what_belongs_to_a_row_is_of_its_account",
        ),
        "No constraint in the database ties a row's account to its parent's: a check of every row would "
        "slow a first sync by a fifth (decision 0023)",
    ),
    Row(
        3,
        "Forms, filters and actions on a selection take own things alone",
        (
            f"{TENANTS}03_a_campaign_takes_no_group_or_course_of_others",
            f"{TENANTS}03_actions_on_a_selection_leave_others_alone",
            f"{TENANTS}03_own_groups_take_no_lms_of_others",
            f"{TENANTS}03_filters_know_own_things_alone",
        ),
    ),
    Row(
        4,
        "A message of a foreign or unknown run does nothing",
        (f"{TENANTS}04_a_message_of_no_run_does_nothing",),
    ),
    Row(
        5,
        "Who may do what is one table",
        (
            f"{ADDRESSES}05_a_viewer_sees_what_is_for_viewers",
            f"{ADDRESSES}05_an_administrator_gets_in",
            "portal/test_api_reading.py::test_each_needs_its_scope",
            "portal/test_api_syncing.py::test_each_needs_its_scope_and_its_account",
        ),
        "There are two roles, Administrator and Viewer, and the operator",
    ),
    Row(
        6,
        "What a form or a call does not have is ignored or refused",
        (
            f"{TENANTS}06_what_a_form_does_not_have_is_ignored",
            f"{TENANTS}06_a_groups_switches_are_all_that_is_set",
            "portal/test_api_syncing.py::test_a_decision_that_is_refused_changes_nothing",
        ),
    ),
    Row(
        7,
        "Lists sort and filter by declared columns alone",
        ("portal/test_api_reading.py::test_what_cannot_be_asked",),
    ),
    Row(8, "Repeated parameters and arrays are no error of ours", ("portal/test_api_schema.py",)),
    Row(
        9,
        "No GET changes anything, and no other site can send a form",
        (
            f"{ADDRESSES}09_looking_changes_nothing",
            f"{ADDRESSES}09_nothing_is_taken_from_another_site",
        ),
    ),
    Row(
        10,
        "No answer may be framed",
        (
            f"{HEADERS}every_answer_is_guarded",
            f"{HEADERS}a_refused_form_is_guarded",
            f"{HEADERS}a_broken_page_is_guarded_and_tells_nothing",
        ),
    ),
    Row(11, "The session's id changes at log-in"),
    Row(
        12,
        "Whoever is switched off is out at once",
        (
            f"{LOG_IN}log_in_and_out",
            f"{LOG_IN}switching_a_user_off_ends_their_session",
            "accounts/test_users.py",
        ),
    ),
    Row(13, "A session ends when idle, and after 12 hours"),
    Row(14, "Passwords are long, uncommon and not about the account"),
    Row(15, "A second factor where it is required"),
    Row(16, "Guessing is slowed down", (f"{LOG_IN}guessing_is_slowed_down",)),
    Row(
        17,
        "Known and unknown addresses read the same",
        (f"{LOG_IN}unknown_address_and_wrong_password_read_the_same",),
    ),
    Row(18, "What weighs much asks for the password again"),
    Row(19, "Cookies are secure and of this host"),
    Row(20, "“next” never leads away", (f"{LOG_IN}next_never_leads_away",)),
    Row(
        21,
        "The operator's admin is the operator's",
        (
            f"{ADDRESSES}21_the_admin_is_the_operators_alone",
            "accounts/test_admin.py::test_only_superusers_get_into_the_operators_admin",
            "integrations/views/test_admin.py",
        ),
        "It is always there, at /admin/: the operator needs it for accounts and users",
    ),
    Row(22, "An unknown host is refused", (f"{HEADERS}an_unknown_host_is_refused",)),
    Row(
        23,
        "The content policy holds on every page",
        (
            f"{HEADERS}every_answer_is_guarded",
            "portal/test_templates.py::test_no_template_has_what_the_policy_blocks",
            "browser/test_pages.py::test_axe_finds_nothing_serious",
        ),
    ),
    Row(24, "HSTS, nosniff, referrer and opener policies", (f"{HEADERS}every_answer_is_guarded",)),
    Row(
        25,
        "No browser or proxy keeps a page",
        (
            f"{HEADERS}every_answer_is_guarded",
            "portal/test_frame.py::test_htmx_may_not_run_scripts_or_keep_pages",
        ),
    ),
    Row(
        26,
        "Deployment settings are clean, and an error tells nothing",
        (
            "meta/test_settings.py::test_deployment_check_has_no_issues_in_production",
            f"{HEADERS}a_broken_page_is_guarded_and_tells_nothing",
        ),
    ),
    Row(
        27,
        "Names are text wherever they come to stand",
        (
            f"{CODE}no_source_has",
            "browser/test_hostile_names.py",
            "portal/test_frame.py::test_names_are_escaped_in_the_frame",
            f"{SETUP}names_of_teams_are_inert_and_have_their_path",
            "integrations/test_mail.py::test_a_name_can_not_add_headers_or_mark_up",
        ),
    ),
    Row(
        28,
        "A key is written and never shown",
        (
            f"{TENANTS}28_no_page_has_the_sealed_key",
            "integrations/views/test_key.py",
            "portal/test_api_reading.py::test_no_answer_has_the_key",
        ),
    ),
    Row(
        29,
        "A canary for a key is found nowhere",
        (
            "processes/test_workers.py::test_key_appears_nowhere",
            f"{LITMOS}test_faults.py::test_the_key_is_in_one_header_and_in_no_log",
            f"{LITMOS}test_probe.py::test_the_key_is_not_in_the_result",
        ),
    ),
    Row(30, "Sentry sends nothing of people", left="There is no Sentry here"),
    Row(
        31,
        "Vault keys can be changed, also when it is broken off",
        ("integrations/commands/test_rotate_vault.py",),
    ),
    Row(32, "A foreign, damaged or unknown sealed key is a loud error"),
    Row(
        33,
        "The key travels in the header alone",
        (
            f"{LITMOS}test_client.py::test_a_request",
            f"{LITMOS}test_faults.py::test_the_key_is_in_one_header_and_in_no_log",
        ),
    ),
    Row(
        34,
        "JSON alone on the queue and in sessions",
        (f"{CODE}row_34_messages_are_json_alone", f"{CODE}no_source_has"),
    ),
    Row(
        35,
        "No secret has a default, and no part more rights than it needs",
        (
            "meta/test_settings.py::test_production_refuses_to_start_without",
            "meta/test_containers.py",
        ),
    ),
    Row(
        36,
        "A region is chosen, and what the operator adds is checked",
        (
            f"{LITMOS}test_regions.py::test_addresses_that_are_refused",
            f"{LITMOS}test_regions.py::test_names_that_are_refused",
        ),
    ),
    Row(
        37, "No redirect is followed", (f"{LITMOS}test_faults.py::test_a_redirect_reaches_nobody",)
    ),
    Row(
        38,
        "Certificates are checked, and the environment changes nothing",
        (
            f"{LITMOS}test_faults.py::test_a_certificate_that_nobody_vouches_for",
            f"{LITMOS}test_faults.py::test_no_tls_where_there_should_be",
            f"{LITMOS}test_faults.py::test_the_environment_does_not_reach_the_connection",
        ),
    ),
    Row(
        39,
        "No answer takes longer than a minute",
        (
            f"{LITMOS}test_faults.py::test_a_body_that_drips_is_cut_off",
            f"{LITMOS}test_faults.py::test_a_head_that_drips_is_cut_off",
            f"{LITMOS}test_faults.py::test_silence_is_a_timeout",
        ),
    ),
    Row(
        40,
        "No answer is too large, and no list endless",
        (
            f"{LITMOS}test_faults.py::test_a_gzip_bomb_stays_small",
            f"{LITMOS}test_client.py::test_a_list_has_an_end",
        ),
    ),
    Row(
        41,
        "Answers are strict JSON in UTF-8",
        (f"{LITMOS}test_bodies.py",),
    ),
    Row(
        42,
        "XML or a page instead of JSON is told, and no XML is parsed",
        (f"{CODE}no_source_has", f"{LITMOS}test_bodies.py::test_what_is_not_a_list_in_strict_json"),
    ),
    Row(
        43,
        "“Retry-After” is believed up to a point, and no worker sleeps",
        (
            f"{LITMOS}test_client.py::test_throttling_is_told_to_all_who_share_the_key",
            f"{LITMOS}test_client.py::test_a_date_is_waited_for",
        ),
    ),
    Row(
        44,
        "What comes in can be stored, whatever it is",
        (
            f"{LITMOS}test_values.py::test_cleaned_text_is_storable_short_and_stays_as_it_is",
            f"{LITMOS}test_values.py::test_cleaned_text_goes_through_the_database",
        ),
    ),
    Row(45, "What is asked for can be answered, whatever it is"),
    Row(46, "No cell of a CSV file is a formula", ("accounts/test_csv_export.py",)),
    Row(
        47,
        "No name adds a header to an e-mail",
        (
            "integrations/test_mail.py::test_a_name_can_not_add_headers_or_mark_up",
            "integrations/test_mail.py::test_an_address_that_is_none_reaches_nobody",
        ),
    ),
    Row(48, "No name adds a line to the log"),
    Row(
        49,
        "Long addresses are refused at once",
        (f"{CODE}row_49_a_long_address_is_refused_at_once",),
    ),
    Row(
        50,
        "SQL is never put together from what comes in",
        (f"{CODE}no_source_has", f"{CODE}row_50_what_is_put_into_sql_is_a_name_of_ours"),
    ),
    Row(
        51,
        "What costs much has a limit",
        (
            f"{SETUP}the_sixth_test_in_a_minute_is_refused",
            f"{SETUP}save_while_a_run_is_open_queues_no_second",
            "portal/test_api_reading.py::test_too_many_calls_have_to_wait",
        ),
    ),
    Row(52, "Logs hold ids, and what matters is logged"),
    Row(53, "Content types are right, and what is not public is closed"),
    Row(
        54,
        "What is installed and vendored is what was locked",
        ("portal/test_vendor.py::test_vendored_files_are_as_the_manifest_says",),
    ),
    Row(55, "One person can be exported and erased, and stays erased"),
    Row(56, "Nothing is kept longer than said"),
    Row(57, "Nothing is kept that is not used"),
)
