"""What the pages of the Store show."""

from integrations.selectors.backlog import Backlog, backlog
from integrations.selectors.blast import Difference, Line, blast_of, difference_of, seats_line
from integrations.selectors.drift import Drifting, drift_of, drift_of_groups, drifting_groups
from integrations.selectors.held import (
    HeldFilters,
    group_names,
    groups_of,
    held_rows,
    hold_codes,
    hold_figures,
    page_of_held,
)
from integrations.selectors.person_steps import steps_of
from integrations.selectors.pulse import SILENT, beats, is_scheduler_silent, is_silent
from integrations.selectors.runs import (
    ChangeFilters,
    ChangeRows,
    CountTable,
    count_table,
    duration_of,
    history,
    newest_run,
    rows_of,
)
from integrations.selectors.store import Card, card_of, cards, connection_of, progress_of
from integrations.selectors.target_history import (
    Origin,
    groups_of_rows,
    history_page,
    origins_of,
)
from integrations.selectors.teams import LIST_UP_TO, Picker, Team, known_teams, pick
from integrations.selectors.why import Answer, answers, last_reading
from integrations.selectors.why_asked import asked_answer
from integrations.sync.waiting import waiting_runs

__all__ = [
    "LIST_UP_TO",
    "Origin",
    "Drifting",
    "drift_of",
    "drifting_groups",
    "drift_of_groups",
    "groups_of_rows",
    "history_page",
    "origins_of",
    "Answer",
    "answers",
    "asked_answer",
    "last_reading",
    "steps_of",
    "SILENT",
    "Backlog",
    "backlog",
    "Card",
    "ChangeFilters",
    "ChangeRows",
    "CountTable",
    "Difference",
    "HeldFilters",
    "Line",
    "Picker",
    "Team",
    "beats",
    "blast_of",
    "card_of",
    "cards",
    "connection_of",
    "count_table",
    "difference_of",
    "duration_of",
    "group_names",
    "groups_of",
    "held_rows",
    "history",
    "hold_codes",
    "hold_figures",
    "is_scheduler_silent",
    "is_silent",
    "known_teams",
    "newest_run",
    "page_of_held",
    "pick",
    "progress_of",
    "rows_of",
    "seats_line",
    "waiting_runs",
]
