"""Says what pip-audit found: prints a line, or one for each known vulnerability, and ends with 1 where there are any.

    pip-audit --format json >audit.json; python runs/audit.py audit.json

Where the service that knows the vulnerabilities can't be reached, it says that nothing was audited.
"""

import json
import sys
from pathlib import Path
from typing import Any


def findings(report: dict[str, Any]) -> list[str]:
    """Return a line for each vulnerability in a report of pip-audit: package, version, name, fixed versions."""
    return [
        f"{package['name']} {package['version']}: {flaw['id']}, "
        f"fixed in {', '.join(flaw['fix_versions']) or 'no version'}"
        for package in report["dependencies"]
        for flaw in package.get("vulns", [])
    ]


def verdict(text: str) -> tuple[int, str]:
    """Return the exit status and the lines for the text of a report, which is empty where pip-audit failed."""
    report = json.loads(text) if text.strip() else {"dependencies": []}
    audited = [package for package in report["dependencies"] if "vulns" in package]
    found = findings(report)
    if found:
        return 1, "\n".join(found)
    if not audited:
        return 0, "pip-audit: nothing audited, the service that knows the vulnerabilities can't be reached from here"
    return 0, f"pip-audit: no known vulnerability in {len(audited)} of {len(report['dependencies'])} packages"


if __name__ == "__main__":
    status, lines = verdict(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(lines)
    sys.exit(status)
