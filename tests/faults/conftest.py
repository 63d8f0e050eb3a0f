from typing import Any

from tests.banks import bank, bank_server

__all__ = ["bank", "bank_server"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures that each test has left by pytest's own ``record_property``."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    measured = [report for report in reports if getattr(report, "when", "") == "call" and report.user_properties]
    if measured:
        terminalreporter.section("figures")
    for report in measured:
        terminalreporter.write_line(report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " "))
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"    {name}: {figure}")
