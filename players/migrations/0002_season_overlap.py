from django.db import migrations

# Ranges of a number and of a time need no extension; 0 stands for all games.
FORWARD = """
ALTER TABLE players_season ADD CONSTRAINT season_no_overlap EXCLUDE USING gist (
  int8range(coalesce(game_id, 0), coalesce(game_id, 0), '[]') WITH &&,
  tstzrange(starts_at, ends_at) WITH &&
);
"""
BACKWARD = "ALTER TABLE players_season DROP CONSTRAINT season_no_overlap;"


class Migration(migrations.Migration):
    dependencies = [("players", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
