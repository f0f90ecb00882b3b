"""The keys of the records, in the order in which Litmos sends them."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]
Row = list[Any]

CUSTOM_FIELDS = tuple(f"CustomField{number}" for number in range(1, 11))

USER_FIELDS: tuple[str, ...] = (
    *("Id", "UserName", "FirstName", "LastName", "FullName", "Email", "AccessLevel"),
    *("DisableMessages", "Active", "Skype", "PhoneWork", "PhoneMobile", "LastLogin", "LoginKey"),
    *("IsCustomUsername", "Password", "SkipFirstLogin", "TimeZone", "SalesforceId", "OriginalId"),
    *("Street1", "Street2", "City", "State", "PostalCode", "Country", "CompanyName", "JobTitle"),
    *CUSTOM_FIELDS,
    *("Culture", "SalesforceContactId", "SalesforceAccountId", "CreatedDate", "Points", "Brand"),
    *("ManagerId", "ManagerName", "EnableTextNotification", "Website", "Twitter"),
    *("ExpirationDate", "JobRole", "ExternalEmployeeId", "ProfileType"),
)
AT = {name: index for index, name in enumerate(USER_FIELDS)}

SHORT_FIELDS = (
    *("Id", "UserName", "FirstName", "LastName", "Active", "Email", "AccessLevel", "Brand"),
)

_NOT_IN_FEED = {"Password", "SkipFirstLogin", "Points", "JobRole", "Culture"}
FEED_FIELDS = tuple(name for name in USER_FIELDS if name not in _NOT_IN_FEED)

BLANK_USER: Record = {
    **dict.fromkeys(USER_FIELDS, ""),
    "AccessLevel": "Learner",
    "DisableMessages": False,
    "Active": True,
    "IsCustomUsername": False,
    "SkipFirstLogin": False,
    "TimeZone": "UTC",
    "SalesforceId": None,
    "Culture": "en-US",
    "SalesforceContactId": None,
    "SalesforceAccountId": None,
    "Points": 0.0,
    "Brand": "Default",
    "ManagerId": "0",
    "EnableTextNotification": False,
    "ProfileType": None,
}

#: Filled by Litmos itself: a PUT neither sets nor clears them.
SERVER_FIELDS = ("Id", "OriginalId", "LoginKey", "LastLogin", "CreatedDate", "Points", "Password")

TEAM_LIST_FIELDS = ("Id", "Name", "TeamCodeForBulkImport", "ParentTeamId")
TEAM_FIELDS = ("Id", "Name", "Description", "ParentTeamId", "TeamCodeForBulkImport")

COURSE_FIELDS = (
    *("Id", "Code", "Name", "Active", "ForSale", "OriginalId", "Description"),
    *("EcommerceShortDescription", "EcommerceLongDescription", "CourseCodeForBulkImport"),
    *("Price", "AccessTillDate", "AccessTillDays", "CourseTeamLibrary"),
)
BLANK_COURSE: Record = {
    **dict.fromkeys(COURSE_FIELDS, ""),
    "Active": True,
    "ForSale": False,
    "Price": 0.0,
    "AccessTillDate": None,
    "AccessTillDays": None,
    "CourseTeamLibrary": False,
}


def pick(record: Record, names: tuple[str, ...]) -> Record:
    return {name: record[name] for name in names}
