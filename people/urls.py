"""Pages of people, below `/o/<slug>/`."""

from django.urls import path

from people.views.invitations import invitations, renew_invitation, withdraw_invitation
from people.views.tokens import end_token, tokens

urlpatterns = [
    path("settings/invitations/", invitations, name="invitations"),
    path("settings/invitations/<int:pk>/renew/", renew_invitation, name="renew_invitation"),
    path("settings/invitations/<int:pk>/withdraw/", withdraw_invitation, name="withdraw_invitation"),
    path("settings/tokens/", tokens, name="tokens"),
    path("settings/tokens/<int:pk>/end/", end_token, name="end_token"),
]
