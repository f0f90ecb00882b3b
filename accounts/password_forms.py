from allauth.account.forms import ResetPasswordForm

from accounts.models import User


class ForgottenPasswordForm(ResetPasswordForm):
    """Finds whoever has the address now, and writes to the address as it is kept."""

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        user = User.objects.by_address(typed)
        self.users = [user] if user and user.is_active else []
        return user.email if user else typed
