"""The cache all processes share: Redis where it is given, else a table of the database."""

import logging
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import connections, router
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

logger = logging.getLogger(__name__)


class PatientRedisCache(RedisCache):
    """Redis as a cache whose absence is a miss, never an error page.

    Rate limits stand in this cache: while Redis is away they do not count, and people can still sign in.
    """

    def _or(self, otherwise: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), name)(*args, **kwargs)
        except (NoConnection, NoAnswer):
            logger.warning("Redis does not answer; the cache is empty until it does.")
            return otherwise

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._or(True, "add", *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, "get", key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._or(None, "set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._or(False, "touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._or(False, "delete", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._or({}, "get_many", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._or(False, "has_key", *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        return self._or(delta, "incr", key, delta, version)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._or([], "set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._or(None, "delete_many", *args, **kwargs)

    def count(self, key: str, *, timeout: int) -> int:
        """One more of this, and how many that makes; forgotten after `timeout` seconds. 0 while Redis is away."""
        try:
            client = self._cache.get_client(key, write=True)
            with client.pipeline() as commands:
                commands.incr(self.make_and_validate_key(key))
                commands.expire(self.make_and_validate_key(key), timeout)
                return commands.execute()[0]
        except (NoConnection, NoAnswer):
            logger.warning("Redis does not answer; nothing is counted until it does.")
            return 0


class CountingDatabaseCache(DatabaseCache):
    """The database as a cache that can count.

    Django's own `incr` reads and writes in two steps, so that what another process counts in between is lost.
    """

    def count(self, key: str, *, timeout: int) -> int:
        """One more of this, and how many that makes; forgotten after `timeout` seconds. Nothing else reads the key."""
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                INSERT INTO {table} AS counted (cache_key, value, expires)
                VALUES (%s, '1', now() + %s * interval '1 second')
                ON CONFLICT (cache_key) DO UPDATE SET value = (counted.value::bigint + 1)::text
                RETURNING value::bigint
                """,  # noqa: S608
                [self.make_and_validate_key(key), timeout],
            )
            (number,) = cursor.fetchone()
            if number == 1:
                cursor.execute(f"DELETE FROM {table} WHERE expires < now()")  # noqa: S608
        return number
