"""Which programs speak with the example company. Their secrets are known to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.crypto import salted_hmac

from dashboards.demo.company import Company, key
from people.models import APIToken
from people.models.doors import hash_of
from people.services.tokens import PREFIX, SHOWN


@dataclass(frozen=True)
class Program:
    """A program with a token made so many days ago."""

    name: str
    person: str
    is_read_only: bool
    days_ago: int
    used_days_ago: int | None = None
    days_left: int | None = None


PROGRAMS = (
    Program("経営会議の数字（BIツール）", "ishiguro", is_read_only=True, days_ago=58, used_days_ago=1),
    Program(
        "週次レポート（スプレッドシート）", "fujiwara", is_read_only=False, days_ago=33, used_days_ago=4, days_left=57
    ),
)


def make_tokens(company: Company) -> None:
    today = company.days.today
    for program in PROGRAMS:
        made_at = company.at(today - timedelta(days=program.days_ago), "16:05")
        secret = PREFIX + salted_hmac("demo.token", key("token", program.name).hex, algorithm="sha256").hexdigest()
        used, left = program.used_days_ago, program.days_left
        with company.by(program.person, made_at):
            APIToken.objects.create(
                membership=company.people[program.person],
                name=program.name,
                beginning=secret[:SHOWN],
                token_hash=hash_of(secret),
                is_read_only=program.is_read_only,
                created_at=made_at,
                last_used_at=None if used is None else company.at(today - timedelta(days=used), "06:00"),
                expires_at=None if left is None else company.at(today + timedelta(days=left), "16:05"),
                submission_key=key("token", program.name),
            )
