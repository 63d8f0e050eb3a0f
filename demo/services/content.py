"""What a fresh installation shows: games, people, teams and two tournaments to enter."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

ADMIN_PHONE = "09000000000"
SUPPORT_PHONE = "09000000009"


@dataclass(frozen=True)
class DemoGame:
    slug: str
    name: str
    description: str


@dataclass(frozen=True)
class DemoPlayer:
    phone: str
    username: str
    full_name: str
    language: str = "fa"


@dataclass(frozen=True)
class DemoTeam:
    """The first phone is the captain's."""

    name: str
    phones: tuple[str, ...]


@dataclass(frozen=True)
class DemoTournament:
    """Dates are relative to the day it is announced."""

    name: str
    game: str
    fields: dict[str, Any]
    registration_lasts: timedelta
    starts_after: timedelta


GAMES = (
    DemoGame(
        "pubg-mobile",
        "PUBG Mobile",
        "نبرد صد نفره تا آخرین بازمانده. تیم‌های چهار نفره، نقشه‌های بزرگ و امتیاز برای رتبه و حذف حریف.",
    ),
    DemoGame(
        "call-of-duty-mobile",
        "Call of Duty: Mobile",
        "تیراندازی اول‌شخص پنج به پنج. جست‌وجو و انهدام، تسخیر نقطه و نبرد تیمی روی گوشی.",
    ),
    DemoGame(
        "ea-sports-fc",
        "EA Sports FC",
        "فوتبال یک به یک یا دو به دو. نتیجه همان است که روی تابلو می‌ماند؛ وقت اضافه و پنالتی هم حساب است.",
    ),
    DemoGame(
        "clash-royale",
        "Clash Royale",
        "نبرد کارت‌ها در سه دقیقه. دو بازیکن، هشت کارت و یک برج که باید سرپا بماند.",
    ),
)

PLAYERS = (
    DemoPlayer("09000000001", "arash", "آرش کمالی"),
    DemoPlayer("09000000002", "sara", "سارا رضایی"),
    DemoPlayer("09000000003", "mahsa", "مهسا احمدی"),
    DemoPlayer("09000000004", "kian", "Kian Moradi", "en"),
    DemoPlayer("09000000005", "nima", "نیما شریفی"),
    DemoPlayer("09000000006", "yalda", "یلدا حسینی"),
    DemoPlayer("09000000007", "omid", "Omid Karimi", "en"),
    DemoPlayer("09000000008", "parisa", "پریسا نوری"),
)

TEAMS = (
    DemoTeam("شاهین‌های شیراز", ("09000000001", "09000000002", "09000000003")),
    DemoTeam("Tehran Lions", ("09000000005", "09000000006", "09000000007")),
)

TOURNAMENTS = (
    DemoTournament(
        name="جام آزاد کلش رویال",
        game="clash-royale",
        fields={
            "description": "برای همه، بی هیچ هزینه‌ای. تک‌حذفی، یک نفر در برابر یک نفر.",
            "rules": "نتیجه را با عکس صفحه بفرستید. حریف پانزده دقیقه وقت دارد که تأیید یا اعتراض کند.",
            "type": "individual",
            "max_participants": 32,
            "color": "#7c4dff",
        },
        registration_lasts=timedelta(days=7),
        starts_after=timedelta(days=7, hours=2),
    ),
    DemoTournament(
        name="لیگ دونفرهٔ میدان",
        game="ea-sports-fc",
        fields={
            "description": "تیم‌های دو نفره. جایزه از جمع ورودی‌ها: نیمی برای قهرمان، سی و بیست درصد برای دوم و سوم.",
            "rules": "هر تیم دو بازیکن. برد، برد است: اگر مساوی شد پنالتی بزنید.",
            "type": "team",
            "team_size": 2,
            "max_participants": 16,
            "entry_fee_rial": 500_000,
            "prize_source": "entry_pool",
            "prize_distribution": [5000, 3000, 2000],
            "format_options": {"third_place": True},
            "color": "#0b7a75",
        },
        registration_lasts=timedelta(days=10),
        starts_after=timedelta(days=10, hours=3),
    ),
)
