"""The command line: what a command writes is known to be the command's."""

from typing import Any

from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand

# They change tables, not rows, in statements that take no parameters.
OF_TABLES = {"migrate", "makemigrations", "sqlmigrate", "createcachetable"}


class CommandLine(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        command = super().fetch_command(subcommand)
        if subcommand not in OF_TABLES:
            execute = command.execute

            def told_execute(*args: Any, **options: Any) -> Any:
                from people.history import told  # the apps are loaded only now
                from people.models import Door

                with told(Door.COMMAND, address=subcommand):
                    return execute(*args, **options)

            command.execute = told_execute  # type: ignore[method-assign]
        return command
