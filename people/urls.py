"""Pages of people, below `/o/<slug>/`."""

from django.urls import path

from people.views import channels
from people.views.deliveries import deliveries
from people.views.exports import download_export, export, exports
from people.views.invitations import invitations, renew_invitation, withdraw_invitation
from people.views.saved_views import change_saved_view, delete_saved_view, restore_saved_view, saved_views
from people.views.tokens import end_token, tokens

urlpatterns = [
    path("settings/invitations/", invitations, name="invitations"),
    path("settings/invitations/<int:pk>/renew/", renew_invitation, name="renew_invitation"),
    path("settings/invitations/<int:pk>/withdraw/", withdraw_invitation, name="withdraw_invitation"),
    path("settings/channels/", channels.channels, name="channels"),
    path("settings/channels/new/", channels.new_channel, name="new_channel"),
    path("settings/channels/deliveries/", deliveries, name="deliveries"),
    path("settings/channels/deliveries/<int:pk>/retry/", channels.retry_delivery, name="retry_delivery"),
    path("settings/channels/<int:pk>/", channels.channel, name="channel"),
    path("settings/channels/<int:pk>/try/", channels.try_channel, name="try_channel"),
    path("settings/channels/<int:pk>/switch/", channels.switch_channel, name="switch_channel"),
    path("settings/channels/<int:pk>/retire/", channels.retire_channel, name="retire_channel"),
    path("settings/channels/<int:pk>/restore/", channels.restore_channel, name="restore_channel"),
    path("settings/channels/<int:pk>/secret/", channels.renew_channel_secret, name="renew_channel_secret"),
    path("saved-views/", saved_views, name="saved_views"),
    path("saved-views/<int:pk>/", change_saved_view, name="change_saved_view"),
    path("saved-views/<int:pk>/delete/", delete_saved_view, name="delete_saved_view"),
    path("saved-views/<int:pk>/restore/", restore_saved_view, name="restore_saved_view"),
    path("exports/", exports, name="exports"),
    path("exports/<int:pk>/", export, name="export"),
    path("exports/<int:pk>/download/", download_export, name="download_export"),
    path("settings/tokens/", tokens, name="tokens"),
    path("settings/tokens/<int:pk>/end/", end_token, name="end_token"),
]
