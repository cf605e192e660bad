"""What the example company shows to people outside, and the views that its people keep."""

from __future__ import annotations

from datetime import timedelta

from django.utils.crypto import salted_hmac

from dashboards.demo.company import Company, key
from people.models import SavedView, ShareLink, ViewedPage
from people.models.doors import hash_of
from people.services.share_links import SHOWN

LINKS = (("取締役会", "miura", 6, 30, 1, False), ("取引銀行", "miura", 20, 14, 8, True))
"""For whom, whose, made how many days ago, for how many, last opened how many ago, and whether it was ended then."""

VIEWS = (
    ("着地見込みの低い順", "miura", ViewedPage.OBJECTIVES, "sort=score", True),
    ("2週間動きのない目標", "ishiguro", ViewedPage.OBJECTIVES, "idle=1", False),
)
"""What a view is called, whose it is, of which page, with which filters, and whether everybody has it."""


def share(company: Company) -> None:
    today = company.days.today
    for name, person, ago, days, opened, is_ended in LINKS:
        secret = salted_hmac("demo.share", key("share", name).hex, algorithm="sha256").hexdigest()
        made_at = company.at(today - timedelta(days=ago), "16:10")
        opened_at = company.at(today - timedelta(days=opened), "09:40")
        with company.by(person, made_at):
            ShareLink.objects.create(
                membership=company.people[person],
                name=name,
                beginning=secret[:SHOWN],
                token_hash=hash_of(secret),
                language="ja",
                created_at=made_at,
                expires_at=made_at + timedelta(days=days),
                last_used_at=opened_at,
                ended_at=opened_at + timedelta(hours=8) if is_ended else None,
                submission_key=key("share", name),
            )
    for name, person, page, query, is_shared in VIEWS:
        made_at = company.at(today - timedelta(days=17), "10:20")
        with company.by(person, made_at):
            SavedView.objects.create(
                organization=company.organization,
                membership=company.people[person],
                page=page,
                name=name,
                query=query,
                is_shared=is_shared,
                created_at=made_at,
                submission_key=key("view", name),
            )
