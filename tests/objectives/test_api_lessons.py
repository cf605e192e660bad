"""Lessons and experiments for other programs."""

from __future__ import annotations

import uuid

import pytest

from objectives.models import Experiment, Lesson

pytestmark = pytest.mark.django_db


def send(client, method, cast, path, **sent):
    return getattr(client, method)(f"/api/v1/o/{cast.organization.slug}/{path}", sent, content_type="application/json")


def test_a_lesson_is_written_once_changed_and_found(cast, sign_in):
    key_result = cast.objective().key_results.first()
    client = sign_in(cast.colleague, language="en")
    sent = {
        "text": "始めるのが 遅れた",
        "key_result": key_result.pk,
        "cause": "start",
        "submission_key": str(uuid.uuid4()),
    }
    first, again = (send(client, "post", cast, "lessons/", **sent).json() for _twice in range(2))
    assert (first["team"], first["cycle"], first["objective"]) == (
        cast.sales.pk,
        cast.cycle.pk,
        key_result.objective_id,
    )
    assert again["id"] == first["id"]
    one = f"lessons/{first['id']}/"
    changed = send(client, "patch", cast, one, advice="四月に始める").json()
    assert (changed["advice"], changed["version"], changed["text"]) == ("四月に始める", 2, "始めるのが 遅れた")
    assert send(client, "patch", cast, one, text="").status_code == 400
    for asked, count in [("?cause=start", 1), ("?cause=focus", 0), ("?q=遅れた", 1), (f"?team={cast.online.pk}", 0)]:
        assert client.get(f"/api/v1/o/{cast.organization.slug}/lessons/{asked}").json()["count"] == count, asked
    assert Lesson.objects.count() == 1


def test_an_experiment_is_begun_and_decided_with_what_came_out(cast, sign_in):
    client = sign_in(cast.member, language="en")
    days = {"starts_on": "2026-05-04", "ends_on": "2026-05-18"}
    wrong = send(client, "post", cast, "experiments/", title="試飲会", starts_on="2026-05-04", ends_on="2026-05-01")
    assert wrong.status_code == 400
    made = send(client, "post", cast, "experiments/", title="試飲会", **days).json()
    assert (made["owner"], made["team"], made["decision"]) == (cast.member.pk, cast.sales.pk, "")
    one = f"experiments/{made['id']}/"
    early = send(client, "patch", cast, one, decision="scale")
    assert (early.status_code, list(early.json()["fields"])) == (400, ["result"])
    decided = send(client, "patch", cast, one, title="試飲会", decision="scale", result="三社中二社").json()
    assert (decided["decision"], decided["decided_on"], decided["decided_by"]) == (
        "scale",
        "2026-05-20",
        cast.member.pk,
    )
    listed = client.get(f"/api/v1/o/{cast.organization.slug}/experiments/?running=true").json()
    assert (listed["count"], Experiment.objects.count()) == (0, 1)
