"""The purpose of a grant made for admission says its number and part, as those of cases do."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def rename(apps: Any, schema_editor: Any) -> None:
    grants = apps.get_model("accounts", "AccessGrant").objects
    purposes = {f"admit:{row.pk.hex}": row.number for row in apps.get_model("applications", "Application").objects.all()}
    for purpose in set(grants.filter(purpose__startswith="admit:").values_list("purpose", flat=True)):
        if purpose in purposes:
            grants.filter(purpose=purpose).update(purpose=f"{purposes[purpose]} admission")


class Migration(migrations.Migration):
    dependencies = [("applications", "0003_due_day"), ("accounts", "0002_belonging")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
