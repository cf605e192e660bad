"""`/health/live` and `/health/ready`: for load balancers and supervisors, without signing in and without secrets."""

import logging
import os
from collections.abc import Callable
from functools import cache

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """What a page needs is there: the database, every migration of this code, and the broker. 200, or 503."""
    parts = {"database": works(check_database)}
    parts["migrations"] = parts["database"] and works(check_migrations)
    parts["broker"] = works(check_broker)
    good = all(parts.values())
    return JsonResponse({"status": "ok" if good else "unavailable", **parts}, status=200 if good else 503)


def works(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # each client raises its own; the answer is the same and the reason belongs into the log
        logger.warning("%s failed.", check.__name__, exc_info=True)
        return False


def check_database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


@cache
def last_migrations() -> frozenset[tuple[str, str]]:
    """The newest migrations of each app in this code; they do not change while the process lives."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def check_migrations() -> bool:
    return last_migrations() <= MigrationRecorder(connection).applied_migrations().keys()


def check_broker() -> bool:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    folders = [str(options[name]) for name in ("data_folder_in", "control_folder") if name in options]
    if not all(os.access(folder, os.W_OK | os.X_OK) for folder in folders):
        return False
    with current_app.connection_for_write() as broker:
        broker.default_channel  # noqa: B018 opening it asks Redis for an answer
        return bool(broker.connected)
