from allauth.account.adapter import DefaultAccountAdapter


class InvitationOnly(DefaultAccountAdapter):
    """Nobody signs up by themselves; an administrator or `create_account` makes users."""

    def is_open_for_signup(self, request) -> bool:
        return False
