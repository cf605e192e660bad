"""Signs of life of the installation."""

from __future__ import annotations

from django.db import models

from people import clock


class Heartbeat(models.Model):
    """When a part of the installation was last seen at work: `worker`, `beat`, `sweep`, `backup`."""

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField(default=clock.now)
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
