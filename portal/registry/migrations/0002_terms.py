"""The database's own index over the search terms: GIN over a tsvector on PostgreSQL, an FTS5 table on SQLite.

The terms are made by our code alone, so neither database may split or fold them again: PostgreSQL builds the vector
from the array, and SQLite's `ascii` tokenizer parts them at the spaces only.
"""

from django.db import migrations

CREATE = {
    "postgresql": "CREATE INDEX registry_by_terms ON registry_searchentry "
    "USING gin (array_to_tsvector(string_to_array(terms, ' ')))",
    "sqlite": "CREATE VIRTUAL TABLE registry_terms USING fts5(terms, tokenize='ascii')",
}
DROP = {
    "postgresql": "DROP INDEX registry_by_terms",
    "sqlite": "DROP TABLE registry_terms",
}
FILL = {"sqlite": "INSERT INTO registry_terms(rowid, terms) SELECT id, terms FROM registry_searchentry"}


def create_index(apps, schema_editor):
    for statements in (CREATE, FILL):
        if statement := statements.get(schema_editor.connection.vendor):
            schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    if statement := DROP.get(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [migrations.RunPython(create_index, drop_index)]
