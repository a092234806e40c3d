"""The full-text index of pictures: tsvector and GIN on PostgreSQL, FTS5 on SQLite (docs/decisions/0017).

Both hold `Image.words`, which is folded beforehand. On SQLite triggers keep the index, and a migration that remakes the
table of pictures drops them with the old one; so every such migration ends with `install`, and a test looks for it.
"""

from django.db import connection
from django.db.models import BooleanField, Expression

TABLE = "generations_image"
INDEX = "generations_image_words"
MANY = 1000  # matching pictures from which on words are common

_POSTGRESQL = (
    f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS words_tsv tsvector "
    "GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED",
    f"CREATE INDEX IF NOT EXISTS {INDEX} ON {TABLE} USING gin (words_tsv)",
    # Most words are rare; a plan that believes otherwise reads the whole table.
    f"ALTER TABLE {TABLE} ALTER COLUMN words_tsv SET STATISTICS 1000",
)
_INSERT = f"INSERT INTO {INDEX}(rowid, words) VALUES (new.id, new.words)"  # noqa: S608  # our own names, here and below
_DELETE = f"INSERT INTO {INDEX}({INDEX}, rowid, words) VALUES ('delete', old.id, old.words)"  # noqa: S608
_SQLITE = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5(words, content='{TABLE}', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 0', prefix='2 3')",
    f"CREATE TRIGGER IF NOT EXISTS {INDEX}_insert AFTER INSERT ON {TABLE} BEGIN {_INSERT}; END",
    f"CREATE TRIGGER IF NOT EXISTS {INDEX}_delete AFTER DELETE ON {TABLE} BEGIN {_DELETE}; END",
    f"CREATE TRIGGER IF NOT EXISTS {INDEX}_update AFTER UPDATE OF words ON {TABLE} BEGIN {_DELETE}; {_INSERT}; END",
    f"INSERT INTO {INDEX}({INDEX}) VALUES ('rebuild')",  # noqa: S608
)


def install(apps, schema_editor) -> None:
    """Make what is missing of the index; for migrations. Safe to repeat."""
    statements = _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE
    for statement in statements:
        schema_editor.execute(statement)


class Term:
    """One thing that has to stand in the words: words next to each other, the last of which may go on."""

    def __init__(self, words: list[str], *, goes_on: bool = True) -> None:
        self.words, self.goes_on = words, goes_on

    def for_postgresql(self) -> str:
        return " <-> ".join([*self.words[:-1], f"{self.words[-1]}{':*' if self.goes_on else ''}"])

    def for_sqlite(self) -> str:
        return f'"{" ".join(self.words)}"{"*" if self.goes_on else ""}'


class AnyOf(Term):
    """At least one of these terms."""

    def __init__(self, terms: list[Term]) -> None:
        super().__init__([word for term in terms for word in term.words])
        self.terms = terms

    def for_postgresql(self) -> str:
        return " | ".join(f"({term.for_postgresql()})" for term in self.terms)

    def for_sqlite(self) -> str:
        return f"({' OR '.join(term.for_sqlite() for term in self.terms)})"


def for_postgresql(terms: list[Term]) -> str:
    """A query for all of these terms, for `to_tsquery`."""
    return " & ".join(f"({term.for_postgresql()})" for term in terms)


def for_sqlite(terms: list[Term]) -> str:
    """A query for all of these terms, for `MATCH`."""
    return " AND ".join(term.for_sqlite() for term in terms)


class Matches(Expression):
    """Whether a picture's words hold all of these terms; to be given to `filter`.

    With `newest` no more than so many matching pictures are listed, the newest of everybody's. That bounds what SQLite
    reads; PostgreSQL, which chooses by its statistics, needs no bound.
    """

    conditional = True
    alias = TABLE

    def __init__(self, terms: list[Term], *, is_common: bool = False, newest: int | None = None) -> None:
        super().__init__(output_field=BooleanField())
        self.terms = terms
        self.is_common = is_common
        self.newest = newest

    def __repr__(self) -> str:
        return f"Matches({[term.words for term in self.terms]})"

    def resolve_expression(self, query=None, allow_joins=True, reuse=None, summarize=False, for_save=False):
        resolved = self.copy()
        resolved.alias = query.get_initial_alias() if query is not None else TABLE
        return resolved

    def relabeled_clone(self, change_map):
        clone = self.copy()
        clone.alias = change_map.get(self.alias, self.alias)
        return clone

    def get_source_expressions(self):
        return []

    def as_sql(self, compiler, connection):
        wanted = for_sqlite(self.terms)
        row = f"{compiler.quote_name_unless_alias(self.alias)}.id"
        if self.is_common:  # going through pictures and asking for each is quicker than listing all that match
            return f"EXISTS (SELECT 1 FROM {INDEX} WHERE {INDEX} MATCH %s AND rowid = {row})", [wanted]  # noqa: S608
        bound = f" ORDER BY rowid DESC LIMIT {self.newest:d}" if self.newest else ""
        return f"{row} IN (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s{bound})", [wanted]  # noqa: S608

    def as_postgresql(self, compiler, connection):
        wanted = for_postgresql(self.terms)
        return f"{compiler.quote_name_unless_alias(self.alias)}.words_tsv @@ to_tsquery('simple', %s)", [wanted]


def are_common(terms: list[Term]) -> bool:
    """Whether so many pictures match that they are not to be listed. PostgreSQL knows from its statistics by itself."""
    if connection.vendor == "postgresql":
        return False
    wanted = for_sqlite(terms)
    matching = f"SELECT 1 FROM {INDEX} WHERE {INDEX} MATCH %s LIMIT {MANY}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({matching})", [wanted])  # noqa: S608
        return cursor.fetchone()[0] == MANY


def counts(asked: list[list[Term]], *, without_job: int) -> list[int]:
    """How many pictures match each of these, up to `MANY`, but for those of one job; in one statement.

    Of everybody's pictures: it only decides how to ask for those of one member, and in which order.
    """
    if not asked:
        return []
    is_postgresql = connection.vendor == "postgresql"
    column, matching = (
        ("id", "words_tsv @@ to_tsquery('simple', %s)") if is_postgresql else ("rowid", f"{INDEX} MATCH %s")
    )
    table = TABLE if is_postgresql else INDEX
    others = f"{column} NOT IN (SELECT id FROM {TABLE} WHERE job_id = %s)"  # noqa: S608
    one = f"(SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {matching} AND {others} LIMIT {MANY}) AS matching)"  # noqa: S608
    values: list[str | int] = []
    for terms in asked:
        values += [for_postgresql(terms) if is_postgresql else for_sqlite(terms), without_job]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([one] * len(asked))}", values)
        return list(cursor.fetchone())


def is_installed() -> bool:
    """Whether the index and what keeps it are there; for tests."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = %s", [INDEX])
            return cursor.fetchone()[0] == 1
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
        return cursor.fetchone()[0] == 3
