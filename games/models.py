from django.db import models


class GameStatus(models.TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"


class Game(models.Model):
    """A video game that people compete in."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    player_id_pattern = models.CharField(
        max_length=200, blank=True, help_text="A regular expression that a whole player id of this game fits."
    )
    player_id_example = models.CharField(max_length=64, blank=True, help_text="Shown where an id does not fit.")
    status = models.CharField(max_length=10, choices=GameStatus, default=GameStatus.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class GameImage(models.Model):
    class Type(models.TextChoices):
        ICON = "icon"
        COVER = "cover"
        HERO = "hero"

    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="images")
    image_type = models.CharField(max_length=10, choices=Type)
    image = models.ImageField(upload_to="games/")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["game", "image_type"], name="game_image_type_unique")]

    def __str__(self) -> str:
        return f"{self.game} {self.image_type}"
