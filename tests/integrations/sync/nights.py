"""What tests of nights look at."""

from integrations.models import Change, Mirror


def mirror() -> Mirror:
    return Mirror.objects.get()


def reading(run) -> tuple:
    return run.status, run.reading["way"], run.reading.get("why", "")


def notes(run) -> list[tuple[str, dict]]:
    rows = Change.objects.filter(run=run, kind="NOTE").order_by("reason")
    return list(rows.values_list("reason", "reason_args"))
