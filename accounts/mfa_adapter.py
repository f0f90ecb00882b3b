from allauth.mfa.adapter import DefaultMFAAdapter

from accounts import sealing


class SealedSecrets(DefaultMFAAdapter):
    """What a second factor is made of is stored sealed."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This is not the code, or it was used already. Wait for the next one.",
        "incorrect_passkey": "This passkey is not yours, or did not answer as it should. Try again.",
        "cannot_generate_recovery_codes": "Set up an app or a passkey first.",
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return "Portal"

    def generate_authenticator_name(self, user, type) -> str:
        return "Passkey"
