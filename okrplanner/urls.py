"""Every address of the product."""

from allauth.account import urls as account_urls
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from dashboards.views.organizations import organizations
from dashboards.views.share import shared_company, shared_version
from objectives.views.calendar_feed import calendar_feed
from objectives.views.start import start_organization
from okrplanner import health, views
from okrplanner.system import system
from people.views.accept_invitation import accept_invitation
from people.views.passwords import ResetPassword
from people.views.sessions import Sessions
from people.views.unsubscribe import unsubscribe

organization = [
    path("", include("people.urls")),
    path("", include("objectives.urls")),
    path("", include("funnel.urls")),
    path("", include("dashboards.urls")),
    path("", include([path("settings/system/", system, name="system")])),
]

# An address is proven by the invitation that was sent there. The library's page would let people take any other one
# unproven, and with it whatever its person is given later.
UNPROVEN = {"account_email", "account_confirm_email"}
OURS = {"account_reset_password": ResetPassword.as_view()}
accounts = [
    path(str(route.pattern), OURS[route.name], name=route.name) if route.name in OURS else route
    for route in account_urls.urlpatterns
    if route.name not in UNPROVEN
]

urlpatterns = [
    path("", views.home, name="home"),
    path("organizations/", organizations, name="organizations"),
    path("glossary/", views.glossary, name="glossary"),
    path("theme/", views.switch_theme, name="switch_theme"),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("accounts/", include(accounts)),
    path("accounts/sessions/", Sessions.as_view(), name="usersessions_list"),
    path("start/<str:secret>/", start_organization, name="start_organization"),
    path("invitations/accept/<str:secret>/", accept_invitation, name="accept_invitation"),
    path("unsubscribe/<str:signed>/", unsubscribe, name="unsubscribe"),
    path("calendar/<str:secret>.ics", calendar_feed, name="calendar_feed"),
    path("share/<str:secret>/", shared_company, name="shared_company"),
    path("share/<str:secret>/version/", shared_version, name="shared_version"),
    path("o/<slug:slug>/", include(organization)),
    path("api/v1/", include("okrplanner.api")),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
]

if settings.ADMIN:
    # Staff come in by the door everybody uses, and change their password there.
    admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
    urlpatterns += [
        path("admin/logout/", RedirectView.as_view(pattern_name="account_logout")),
        path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
        path("admin/", admin.site.urls),
    ]

handler500 = views.server_error
