"""What an answer of the API is to be."""

from training.models import Action, Enrollment

ADDRESS = "/api/v1/actions"
NONE = {"new": 0, "known": 0, "strangers": 0, "enrolled": 0, "withdrawn": 0}


def counts(received, errors=(), **found):
    """The whole of a good answer."""
    rejected = {"rejected": len(errors), "errors": list(errors)}
    return {"received": received, **NONE, **found, **rejected}


def stored():
    return Action.objects.count(), Enrollment.objects.count()


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    return told["status"], told["code"], told["detail"]
