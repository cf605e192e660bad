"""Which release this is: named in backups, error reports and traces, and the same as in pyproject.toml."""

VERSION = "0.1.0"
