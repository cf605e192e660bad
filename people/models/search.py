"""What can be searched: one narrow row for every row with words in it, kept by the database itself.

Japanese has no spaces between words, and PostgreSQL without extensions has no index for parts of words. So each text
is folded (width, case, kana) and cut into overlapping pairs of characters, which an index knows.
"""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

PEOPLE = """
    SELECT m.id AS row, m.organization_id AS organization, m.id AS branch, NULL::bigint AS cycle,
           u.name AS title, u.reading || ' ' || u.email AS rest, u.id AS person
    FROM people_membership m JOIN people_user u ON u.id = m.user_id
"""


class SearchKind(models.TextChoices):
    """What a search entry is about; the letter stands in the index."""

    OBJECTIVE = "o"
    KEY_RESULT = "k"
    KGI = "g"
    KPI = "p"
    PERSON = "m"
    CHECK_IN = "c"
    OBSTACLE = "b"
    ACTION = "a"
    MINUTES = "t"
    LESSON = "l"
    EXPERIMENT = "x"


class Searched(pgtrigger.Trigger):
    """Keeps the search entries of a table equal to its rows.

    `source` selects a kind's entries: row, organization, branch (the row its visibility is decided by), cycle, title
    and the rest of its words. Those whose `by` is the touched row are written anew when one of `columns` changes; by
    another column than the row itself, what follows from a change in the table above.
    """

    when = pgtrigger.After

    def __init__(self, kind: str, source: str, *columns: str, by: str = "row") -> None:
        self.is_followed = by != "row"
        touched = pgtrigger.UpdateOf(*columns)
        super().__init__(
            name=f"search_{kind}",
            operation=touched if self.is_followed else pgtrigger.Insert | touched | pgtrigger.Delete,
        )
        self.kind, self.source, self.columns, self.by = kind, source, columns, by

    def get_func(self, model: type[models.Model]) -> str:  # type: ignore[override]
        key = model._meta.pk.column
        same = " AND ".join(f"OLD.{column} IS NOT DISTINCT FROM NEW.{column}" for column in self.columns)
        return f"""
            IF TG_OP = 'DELETE' THEN
                DELETE FROM people_searchentry WHERE kind = '{self.kind}' AND "row" = OLD.{key};
                RETURN NULL;
            END IF;
            IF TG_OP = 'UPDATE' THEN
                IF {same} THEN RETURN NULL; END IF;
            END IF;
            PERFORM people_make_searchable('{self.kind}', "row", organization, branch, cycle, title, rest)
            FROM ({self.source}) AS source WHERE "{self.by}" = NEW.{key};
            RETURN NULL;
        """  # noqa: S608


class SearchEntry(models.Model):
    """The words of one row as they are searched. Derived: `people.search.rebuild` makes it anew from the rows.

    `grams` holds the pairs of characters of all words, marked by organization and kind, and once more those of the
    title, marked by the kind's capital letter.
    """

    organization = models.ForeignKey("people.Organization", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=1)
    row = models.BigIntegerField()
    branch = models.BigIntegerField()
    cycle = models.BigIntegerField(null=True)
    title = models.TextField()
    words = models.TextField()
    grams = SearchVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "row"], name="search_once_per_row")]
        indexes = [
            GinIndex(fields=["grams"], name="search_grams"),
            models.Index(fields=["organization", "kind", "cycle", "row"], name="search_in_cycle"),
            models.Index(fields=["branch", "kind"], name="search_in_branch"),
            models.Index(
                F("organization"),
                F("kind"),
                OpClass(F("title"), name="text_pattern_ops"),
                name="search_title",
                condition=~Q(title=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}{self.row}: {self.words}"
