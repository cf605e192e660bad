"""People, organizations, teams and roles."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from people import clock
from people.models.history import Audit
from people.models.search import PEOPLE, Searched, SearchKind


def normalize_email(email: str) -> str:
    """The one spelling of an address that is stored and compared: trimmed and in lower case."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=normalize_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in, by e-mail. One login may belong to several organizations."""

    email = models.EmailField(_("E-mail address"), unique=True, error_messages={"unique": _("This address is taken.")})
    name = models.CharField(_("Name"), max_length=100)
    reading = models.CharField(_("Reading"), max_length=100, blank=True)
    language = models.CharField(max_length=5, blank=True)
    is_reminded = models.BooleanField(_("Reminders by mail"), default=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
        ]
        triggers = [
            Audit(
                "SELECT organization_id FROM people_membership WHERE user_id = touched.id",
                unseen=("last_login",),
                secret=("password",),
            ),
            Searched(SearchKind.PERSON, PEOPLE, "name", "reading", "email", by="person"),
            # Here, because a password also changes by a command, in bulk and from a shell.
            pgtrigger.Trigger(
                name="end_sessions",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=(
                    pgtrigger.Q(old__password__df=pgtrigger.F("new__password"))
                    | pgtrigger.Q(old__is_active=True, new__is_active=False)
                    | pgtrigger.Q(old__erased_at__isnull=True, new__erased_at__isnull=False)
                ),
                func="""
                    DELETE FROM django_session
                    WHERE session_key IN (SELECT session_key FROM usersessions_usersession WHERE user_id = NEW.id);
                    DELETE FROM usersessions_usersession WHERE user_id = NEW.id;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = normalize_email(self.email)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Holidays(models.TextChoices):
    """Whose public holidays are days off."""

    NONE = "", _("None")
    JAPAN = "JP", _("Japan")


class SetupStep(models.TextChoices):
    """How far the first administrator has come in the wizard; empty when it is done."""

    CALENDAR = "calendar", _("Calendar")
    TEAMS = "teams", _("Teams")
    KGI = "kgi", "KGI"
    OBJECTIVE = "objective", _("First objective")


class Organization(models.Model):
    """A company with its calendar and its stretch band; everything below `/o/<slug>/` belongs to it."""

    name = models.CharField(_("Name"), max_length=100)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(_("Time zone"), max_length=50, default="Asia/Tokyo", validators=[validate_time_zone])
    currency = models.CharField(_("Currency"), max_length=3, default="JPY")
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("First month of the fiscal year"), default=4, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    check_in_weekday = models.PositiveSmallIntegerField(
        _("Check-ins are due on"), choices=Weekday.choices, default=Weekday.FRIDAY
    )
    holidays = models.CharField(
        _("Public holidays"), max_length=2, choices=Holidays.choices, blank=True, default=Holidays.JAPAN
    )
    band_lower = models.FloatField(_("Stretch band from"), default=0.6)
    band_upper = models.FloatField(_("Stretch band to"), default=0.7)
    scored_on = models.DateField(null=True, blank=True, editable=False)
    setup_step = models.CharField(max_length=10, choices=SetupStep.choices, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(band_lower__gt=0, band_upper__lt=1) & Q(band_lower__lt=models.F("band_upper")),
                name="organization_band_inside_scale",
                violation_error_message=_("The stretch band lies between 0 and 1, its lower limit below its upper."),
            ),
            models.CheckConstraint(
                condition=Q(fiscal_year_start__range=(1, 12)), name="organization_fiscal_year_starts_in_a_month"
            ),
            models.CheckConstraint(condition=Q(check_in_weekday__range=(0, 6)), name="organization_weekday"),
        ]
        triggers = [Audit("touched.id", unseen=("scored_on",))]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def today(self):
        return clock.today(self)


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, membership: Membership) -> TeamQuerySet:
        """Every role but the partner sees all teams; a partner sees the teams they were placed in."""
        teams = self.filter(organization=membership.organization_id)
        return teams.filter(members=membership) if membership.is_partner else teams

    def editable_by(self, membership: Membership) -> TeamQuerySet:
        rows = self.visible_to(membership)
        return rows if membership.is_admin else rows.none()

    def open(self) -> TeamQuerySet:
        return self.filter(closed_on=None)

    def led_by(self, membership: Membership) -> TeamQuerySet:
        """The teams a manager belongs to and every team below them."""
        return self.filter(organization=membership.organization_id, pk__in=below(membership.team_ids))


def below(team_ids: list[int]) -> models.expressions.RawSQL:
    """The given teams and all teams below them, as a sub-query to be used with `__in`."""
    return models.expressions.RawSQL(
        """
        WITH RECURSIVE branch(id) AS (
            SELECT id FROM people_team WHERE id = ANY(%s)
            UNION
            SELECT team.id FROM people_team team JOIN branch ON team.parent_id = branch.id
        ) SELECT id FROM branch
        """,
        [team_ids],
    )


class Team(models.Model):
    """A node of the organization's tree: the company at the root, departments and teams below."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="teams")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    name = models.CharField(_("Name"), max_length=100)
    position = models.PositiveIntegerField(default=0)
    closed_on = models.DateField(null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="merged"
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ("position", "id")
        indexes = [models.Index(fields=["organization", "position", "name", "id"], name="team_in_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(parent=None), name="team_one_root_per_organization"
            ),
            models.UniqueConstraint(
                fields=["organization", "parent", "name"],
                condition=Q(closed_on=None),
                name="team_name_unique_below_parent",
                violation_error_message=_("There is already a team of this name here."),
            ),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="team_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(parent__isnull=False), name="team_company_stays_open"
            ),
        ]
        triggers = [Audit("touched.organization_id")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_company(self) -> bool:
        return self.parent_id is None


class Role(models.TextChoices):
    ADMIN = "admin", _("Administrator")
    EXECUTIVE = "executive", _("Executive")
    MANAGER = "manager", _("Manager")
    MEMBER = "member", _("Member")
    PARTNER = "partner", _("Partner")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        return self.filter(left_on=None, user__is_active=True)

    def visible_to(self, membership: Membership) -> MembershipQuerySet:
        """Inside the organization everybody sees everybody; a partner sees only themselves."""
        people = self.filter(organization=membership.organization_id)
        return people.filter(pk=membership.pk) if membership.is_partner else people

    def editable_by(self, membership: Membership) -> MembershipQuerySet:
        rows = self.visible_to(membership)
        return rows if membership.is_admin else rows.none()

    def colleagues(self) -> MembershipQuerySet:
        """Those who can own goals: active and not from outside."""
        return self.active().exclude(role=Role.PARTNER)


class Membership(models.Model):
    """A person's place in one organization: the role and the teams."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("Role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    teams = models.ManyToManyField(Team, related_name="members", blank=True)
    left_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("user__reading", "user__name", "id")
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once_per_organization"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]
        triggers = [
            Audit("touched.organization_id"),
            Searched(SearchKind.PERSON, PEOPLE, "user_id", "organization_id"),
        ]

    def __str__(self) -> str:
        return self.user.name

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def is_executive(self) -> bool:
        return self.role == Role.EXECUTIVE

    @property
    def is_manager(self) -> bool:
        return self.role == Role.MANAGER

    @property
    def is_partner(self) -> bool:
        return self.role == Role.PARTNER

    @property
    def team_ids(self) -> list[int]:
        read: list[int] | None = self.__dict__.get("teams_read")
        return [team.pk for team in self.teams.all()] if read is None else read


class MembershipTeam(Membership.teams.through):  # type: ignore[name-defined,misc]
    """Who is in which team: the table Django makes by itself, named here so that its changes are kept too."""

    class Meta:
        proxy = True
        triggers = [Audit("SELECT organization_id FROM people_membership WHERE id = touched.membership_id")]
