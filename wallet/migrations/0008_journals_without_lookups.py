import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wallet", "0007_late_returns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="transfer",
            name="journal",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfers",
                to="wallet.journal",
            ),
        ),
        migrations.AlterField(
            model_name="journal",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="journals",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        # a balance moves within its page: the indexes, which it is in none of, are left alone
        migrations.RunSQL(
            "ALTER TABLE wallet_ledgeraccount SET (fillfactor = 50)",
            "ALTER TABLE wallet_ledgeraccount RESET (fillfactor)",
        ),
    ]
