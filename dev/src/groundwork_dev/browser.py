"""The browser of the tests: Debian's chromium, installed when it is missing and root asks."""

import os
import shutil
import subprocess
import sys


def ensure_chromium() -> str:
    """Empty when there is one now, else what to do."""
    if shutil.which("chromium"):
        return ""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return "the browser tests need chromium: run `.venv/bin/playwright install chromium`"
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        if subprocess.run(["apt-get", "--quiet=2", *words], env=environment, check=False).returncode:
            return f"the browser tests need chromium, but `apt-get {' '.join(words)}` failed"
    return ""


if __name__ == "__main__":
    print(ensure_chromium() or "chromium is there", file=sys.stderr)
