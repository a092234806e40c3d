"""How the studio is doing, for a terminal or a monitoring script."""

import json

from django.core.management.base import BaseCommand

from generations.reporting import studio_report


class Command(BaseCommand):
    help = "Show jobs by state, slots used and free per channel, the worker's heartbeat and unsaved results."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print it as JSON")

    def handle(self, *, as_json: bool, **options) -> None:
        report = studio_report()
        if as_json:
            self.stdout.write(json.dumps(report, indent=2))
            return
        self.stdout.write("\n".join(_lines(report)))


def _lines(report: dict) -> list[str]:
    beat = report["worker"]["seconds_since_beat"]
    worker = "running" if report["worker"]["running"] else "not running"
    lines = [f"worker    {worker}" + ("" if beat is None else f", last beat {beat:.0f} s ago")]
    lines += [f"unsaved   {report['unsaved']} files", f"undecided {report['needs_person']} jobs wait for a person", ""]
    lines += [f"{status:<10} {count:>6}" for status, count in report["jobs"].items()]
    budgets = report["budgets"]
    lines += ["", "jobs started", _use("the team", budgets["team"])]
    lines += [_use(member["name"], member) for member in budgets["members"]]
    for account in report["accounts"]:
        reason = f": {account['reason']}" if account["reason"] else ""
        lines += ["", f"{account['name']} ({account['state']}{reason})"]
        for channel in account["channels"]:
            slots = "  ".join(
                f"{lane} {count['used']}/{count['limit']} ({count['free']} free)"
                for lane, count in channel["slots"].items()
            )
            blocked = f"  blocked: {channel['blocked']}" if channel["blocked"] else ""
            lines.append(f"  {channel['channel']}  {slots}{blocked}")
    return lines


def _use(name: str, use: dict) -> str:
    words = {"day": "today", "month": "this month", "at_once": "running"}
    figures = (
        f"{use[what]['used']}{'' if use[what]['limit'] is None else '/' + str(use[what]['limit'])} {word}"
        for what, word in words.items()
    )
    return f"  {name}  {'  '.join(figures)}"
