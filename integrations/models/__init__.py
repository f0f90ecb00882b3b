from integrations.models.connection import (
    ChosenTeam,
    Connection,
    DefaultLms,
    FieldRule,
    Probe,
    SyncContent,
)
from integrations.models.course import Course
from integrations.models.heartbeat import Heartbeat
from integrations.models.link import GroupLink, TargetLink
from integrations.models.mail import MailKind, MailSetting, SentMail
from integrations.models.mirror import Mirror
from integrations.models.run import (
    OPEN_STATUSES,
    Action,
    Change,
    Decision,
    Kind,
    Outcome,
    Phase,
    Reason,
    Status,
    SyncRun,
    Trigger,
)
from integrations.models.staging import (
    StagedCourse,
    StagedMember,
    StagedMove,
    StagedPerson,
    StagedTeam,
)

__all__ = [
    "OPEN_STATUSES",
    "Action",
    "Change",
    "ChosenTeam",
    "Connection",
    "Course",
    "Decision",
    "DefaultLms",
    "FieldRule",
    "GroupLink",
    "Heartbeat",
    "Kind",
    "MailKind",
    "MailSetting",
    "Mirror",
    "Outcome",
    "Phase",
    "Probe",
    "Reason",
    "SentMail",
    "StagedCourse",
    "StagedMember",
    "StagedMove",
    "StagedPerson",
    "StagedTeam",
    "Status",
    "SyncContent",
    "SyncRun",
    "TargetLink",
    "Trigger",
]
