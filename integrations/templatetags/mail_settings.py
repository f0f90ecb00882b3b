"""For the Notifications of Account Settings, which are shown by a room below this one."""

from __future__ import annotations

from django import template

from accounts.models import Account
from integrations import services
from integrations.mail import recipients_of
from integrations.models import MailSetting

register = template.Library()


@register.simple_tag
def settings_of_mails(account: Account) -> list[MailSetting]:
    return services.mail_settings(account)


@register.filter
def recipients(setting: MailSetting) -> list[str]:
    return recipients_of(setting)
