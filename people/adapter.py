"""How allauth behaves here: sign-up is closed, people come by invitation."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _(
            "Signing in failed several times, so it is paused. Please try again in five minutes."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
