"""Signs of life of the installation."""

from __future__ import annotations

from typing import Any

from django.db import models

from people import clock


class HeartbeatManager(models.Manager["Heartbeat"]):
    def seen(self, name: str, **detail: Any) -> None:
        """This part is at work now; `detail` replaces what was said of it before."""
        self.update_or_create(name=name, defaults={"at": clock.now(), "detail": detail})


class Heartbeat(models.Model):
    """When a part of the installation was last seen at work: `worker`, `beat`, `sweep`, `backup`, `reminders`."""

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField(default=clock.now)
    detail = models.JSONField(default=dict)

    objects = HeartbeatManager()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
