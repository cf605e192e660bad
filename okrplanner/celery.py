"""The Celery application: `celery --app okrplanner worker` and `beat`."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import Celery, Task
from celery.signals import after_task_publish, beat_init, celeryd_init, setup_logging, worker_process_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.dispatch import receiver
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep
from structlog.contextvars import bind_contextvars

from okrplanner.beating import begin_beating, note_beat
from okrplanner.observing import watch_worker, watch_worker_process
from okrplanner.starting import stop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrplanner.settings")

NICENESS = 10


class ToldTask(Task):  # type: ignore[type-arg]
    """What a task writes is known to be the task's."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from people.history import told  # the apps are not loaded yet when this file is
        from people.models import Door

        with told(Door.TASK, address=self.name or ""):
            return super().__call__(*args, **kwargs)


app = Celery("okrplanner", task_cls=ToldTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)
celeryd_init.connect(watch_worker)
beat_init.connect(watch_worker)
beat_init.connect(begin_beating)
after_task_publish.connect(note_beat)
worker_process_init.connect(watch_worker_process)


@app.on_configure.connect
def read_settings(sender: Celery, **kwargs: Any) -> None:
    """A worker or beat with a bad setting ends with the sentence, as the web server does."""
    try:
        settings.SECRET_KEY  # noqa: B018 the first look reads them all
    except ImproperlyConfigured as reason:
        stop(reason)


@app.on_after_configure.connect
def make_folders(sender: Celery, **kwargs: Any) -> None:
    """The file-system broker and beat write into folders that nobody else makes."""
    folders = [value for name, value in sender.conf.broker_transport_options.items() if "folder" in name]
    for folder in (*folders, Path(sender.conf.beat_schedule_filename).parent):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


@worker_process_init.connect
def give_way(**kwargs: Any) -> None:
    """Where a machine is fully at work, whoever waits for a page comes before what is computed in the background.

    Linux shares its time among sessions first and only then among their processes: both are told.
    """
    os.nice(NICENESS)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS))


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Being here keeps Celery from setting up its own: Django's has written every line since its setup."""


@receiver(bind_extra_task_metadata)
def name_task(sender: object, task: Task, **kwargs: Any) -> None:  # type: ignore[type-arg]
    """Every line of a task names it, besides the request it came from."""
    bind_contextvars(task=task.name)
