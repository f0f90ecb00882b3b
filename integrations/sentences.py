"""What codes mean, in plain words: tables for `integrations.wording`, which fills the {places}."""

from __future__ import annotations

# code: what happened, and what to do about it. Codes of a sync and of a connection test alike.
ERRORS: dict[str, tuple[str, str]] = {
    "unreachable": (
        "{provider} could not be reached.",
        "Check that the region is right. If it is, the network is at fault: try again in a few "
        "minutes.",
    ),
    "tls": (
        "The connection to {provider} is not secure: its certificate could not be verified.",
        "Nothing was sent. Check the region; if it is right, ask the operator of the Portal.",
    ),
    "timeout": (
        "{provider} did not answer in time.",
        "Try again in a few minutes.",
    ),
    "key_refused": (
        "{provider} refused the API key.",
        "Copy the key again from {provider}, and check the region. It may have been renewed there.",
    ),
    "key_of_region": (
        "{provider} refused the API key in this region, but accepts it in {region}.",
        "Choose the region {region}, then press Test.",
    ),
    "not_owner": (
        "The key is accepted, but it belongs to a user who is not an Account Owner.",
        "Use the key of a user whose role at {provider} is Account Owner.",
    ),
    "not_permitted": (
        "{provider} accepts the key, but does not let it read what a sync needs.",
        "Use the key of a user whose role at {provider} is Account Owner.",
    ),
    "no_team": (
        "There is no team at {provider}.",
        "Create a team in {provider} first, put people into it, then press Test.",
    ),
    "throttled": (
        "{provider} takes no more calls for now.",
        "Try again in {seconds} seconds.",
    ),
    "not_litmos": (
        "What answered there is not {provider}.",
        "Check the region. If it is right, {provider} may be under maintenance: try again later.",
    ),
    "no_key": (
        "There is no API key to test.",
        "Type the API key, then press Test.",
    ),
    "key_malformed": (
        "This can't be an API key: it is too long or has characters that no key has.",
        "Copy the key from {provider} again, without anything around it.",
    ),
    "key_unreadable": (
        "The stored API key can't be opened any more.",
        "Type the API key again in Settings, press Test, then Save.",
    ),
    "wrong_site": (
        "{provider} has nothing at the address of this region.",
        "Check the region in Settings.",
    ),
    "litmos_unavailable": (
        "{provider} was not available, also after several tries.",
        "Wait until {provider} works again, then choose Run Sync.",
    ),
    "bad_format": (
        "{provider} sent an answer that can't be read.",
        "It may be under maintenance: choose Run Sync later. If it goes on, ask the operator.",
    ),
    "too_large": (
        "{provider} sent an answer larger than the Portal accepts.",
        "Ask the operator of the Portal.",
    ),
    "unexpected_redirect": (
        "{provider} sent the Portal on to another address, and the Portal does not follow.",
        "Check the region in Settings.",
    ),
    "budget_unavailable": (
        "The count of calls could not be kept, so none was made.",
        "Choose Run Sync again in a few minutes. If it goes on, ask the operator of the Portal.",
    ),
    "budget_empty": (
        "The calls allowed for this key are used up for now.",
        "Try again in {seconds} seconds.",
    ),
    "worker_lost": (
        "The sync stopped several times without getting on, and was given up.",
        "Nothing is half done. Choose Run Sync; if it happens again, ask the operator.",
    ),
    "storage": (
        "The Portal could not store what it read.",
        "Nothing is half done. Ask the operator to look at the database and the disk, then choose "
        "Run Sync.",
    ),
    "unexpected": (
        "Something unexpected happened between the Portal and {provider}.",
        "Nothing is half done. Try again; if it happens again, ask the operator of the Portal.",
    ),
}

PROBE_STEPS: dict[str, tuple[str, str]] = {
    "HOST": ("{provider} can be reached", "Reaching {provider}"),
    "KEY": ("The key is accepted", "Checking the key"),
    "OWNER": ("The key belongs to an Account Owner", "Checking the role of the key's owner"),
    "TEAMS": ("There is at least one team", "Looking for teams"),
    "COUNTS": ("People, teams and courses are counted", "Counting people, teams and courses"),
}

HOLDS: dict[str, str] = {
    "removals": "Unusually many people would become inactive, so nobody was made inactive. "
    "New and changed people were brought in.",
    "group_removals": "More than half of a group would become inactive, so nobody in that group was.",
    "team_removals": "Unusually many teams are gone, so their groups were left as they are.",
    "tenant_empty": "{provider} listed nobody at all, though it had people before. "
    "Nothing was changed.",
    "team_empty": "A team that had people came back empty, so its group was left as it is.",
    "half_unknown": "Fewer than half of the people known from before are there, and others outnumber "
    "them. Is it the key of another organisation? Nothing was changed.",
    "half_gone": "More than half of the people known from before are not there any more, so nobody was "
    "made inactive. New and changed people were brought in.",
    "unreadable": "More than a fifth of the records could not be read. Nothing was changed.",
    "people_unconfirmed": "More people are missing from {provider}'s list than could be asked for one by "
    "one, so none of them was made inactive. New and changed people were brought in.",
    "courses_unconfirmed": "More courses are missing from {provider}'s list than could be asked for one "
    "by one, so they were left as they are.",
}

HELD_BECAUSE: dict[str, str] = {
    "removals": "unusually many people at once",
    "group_removals": "more than half of a group at once",
    "team_removals": "unusually many teams at once",
    "tenant_empty": "nobody at all was listed",
    "team_empty": "a whole team came back empty",
    "half_unknown": "too few known people were there",
    "half_gone": "more than half of the known people gone at once",
    "unreadable": "too many records could not be read",
    "people_unconfirmed": "too many people missing to ask for each",
    "courses_unconfirmed": "too many courses missing to ask for each",
}

REASONS: dict[str, str] = {
    "": "",
    "MATCHED_BY_EMAIL": "Was here already under this e-mail address, and is linked now.",
    "RECREATED": "Was made anew at {provider} under another Id. The history here is kept.",
    "LEFT_TEAM": "No longer in the team {group}.",
    "NOT_IN_TEAM": "Was in the group, but is not in the team {group}.",
    "NO_TEAM": "In no team any more that is synced.",
    "INACTIVE_REMOTE": "Inactive at {provider}.",
    "GONE": "No longer at {provider}.",
    "BACK": "Is back at {provider}.",
    "NO_EMAIL": "Has no e-mail address at {provider}.",
    "INVALID_EMAIL": "The e-mail address at {provider} is not valid.",
    "IN_NO_TEAM": "Is in no team that is synced.",
    "ERASED": "Was erased here, and stays out until an Administrator lets them come back.",
    "EMAIL_TAKEN": "The e-mail address is already used by {by}.",
    "SEAT_LIMIT": "No seat was free: the account has {limit}.",
    "OVER_SEATS": "{number} more than the account has seats for were brought in.",
    "UNREADABLE": "The record could not be read. {why}",
    "UNREADABLE_MANY": "{number} records without an Id could not be read.",
    "LOCKED": "The group {group} is locked, so nothing syncs it.",
    "ARCHIVED": "The group {group} is archived, so nothing syncs it.",
    "OTHER_INTEGRATION": "The group {group} belongs to another integration.",
    "NAME_TAKEN": "Was renamed at {provider}, but another group has the new name. "
    "{group} keeps its name.",
    "SAME_NAME": "Another team has the same name, so this group is called {name}.",
    "TEAM_GONE": "The team is no longer at {provider}.",
    "TEAM_UNREAD": "The members of the team could not be read, so the group was left as it is.",
    "NOT_CHOSEN": "The team is not chosen any more. The group keeps its people and follows no team.",
    "NO_LONGER_USERS": "Only courses are synced now. The group keeps its people and follows no team.",
    "SHORTENED": "Longer than the Portal keeps, and shortened: {fields}.",
    "TIMEZONE_UNKNOWN": "The time zone {value} is not known. It was kept as it came, for {number}.",
    "LANGUAGE_UNKNOWN": "The language {value} is not known. It was kept as it came, for {number}.",
    "COURSE_GONE": "The course is no longer at {provider}.",
    "COURSE_INACTIVE": "The course is inactive at {provider}.",
    "KEPT": "An administrator keeps this person here.",
    "UNDONE": "Put back as it was before.",
    "CHANGED_SINCE": "Has changed since, so it was left as it is. {fields}",
    "READ_MOVED": "People came or went while the lists were read. "
    "Nobody was taken for missing in this sync.",
    "CHANGES_REFUSED": "Only changes were to be read this night. {why} Everything was read instead.",
    "CHANGES_DIFFER": "Reading changes alone would have missed {people} people and {members} memberships. "
    "Everything was read, and will be until the two agree again.",
}

#: Why a night read everything; the first ones are found out before it, the others while changes are read.
WHY_EVERYTHING: dict[str, str] = {
    "FIRST": "Nothing was read completely before.",
    "OFF": "Reading changes alone is turned off.",
    "OTHER_SITE": "The API key or the region is another one than before.",
    "OTHER_FIELDS": "The field mapping is another one than before.",
    "CLOCK": "The clock of this server was put back.",
    "GAP": "The last reading is more than six days old.",
    "WEEKLY": "Once a week everything is read.",
    "UNPROVEN": "It is still being checked whether reading changes alone is enough.",
    "COUNT": "The number of people at {provider} is another one than the changes lead to.",
    "TOO_MANY": "Too many people would have had to be asked for one by one.",
    "MOVING": "Too much changed meanwhile to compare.",
    "no_changes": "{provider} has no list of changes.",
    "not_permitted": "{provider} does not let the key read its lists of changes.",
    "unreadable": "The list of changes could not be read.",
}
ANOTHER_REASON = "The list of changes could not be read."

ACTIONS: dict[str, str] = {
    "CREATE": "New",
    "ADOPT": "Adopted",
    "UPDATE": "Changed",
    "REACTIVATE": "Reactivated",
    "DEACTIVATE": "Made inactive",
    "UNLINK": "Unlinked",
    "SKIP": "Skipped",
    "WARN": "Noted",
}

PURPOSES: dict[str, str] = {
    "SYNC": "for syncs",
    "TEST": "for connection tests",
    "ONE": "for questions about one person",
    "ENROLL": "for enrolments",
}

KINDS: dict[str, str] = {
    "GROUP": "groups",
    "PERSON": "people",
    "MEMBERSHIP": "memberships",
    "COURSE": "courses",
    "NOTE": "notes",
}
