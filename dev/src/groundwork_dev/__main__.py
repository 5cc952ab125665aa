"""`python -m groundwork_dev COMMAND`: run, up, down, status, logs, dev."""

import argparse
import asyncio
import os
import signal
import sys
import time

from groundwork_dev.bootstrap import STARTED_VARIABLE
from groundwork_dev.conduct import bring_up, until_signal
from groundwork_dev.errors import RunnerError
from groundwork_dev.leftovers import end_leftovers
from groundwork_dev.overview import follow_logs, print_status
from groundwork_dev.stack import Stack, open_stack
from groundwork_dev.supervision import Supervisor
from groundwork_dev.watch import restart_on_save


def up(stack: Stack) -> None:
    """Starts in the background; parts that are well stay as they are."""
    asyncio.run(bring_up(stack, float(os.environ.get(STARTED_VARIABLE, time.time()))))


def run(stack: Stack) -> None:
    """Starts, stays in the foreground and ends everything with Ctrl-C or at the first dead part."""
    # TERM and a closed terminal end the parts as Ctrl-C does, also while they still start.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        up(stack)
        print("Ctrl-C ends everything.", flush=True)
        asyncio.run(until_signal(Supervisor(stack.settings)))
    except KeyboardInterrupt:
        pass
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        down(stack)


def down(stack: Stack) -> None:
    """Ends every part, the supervisor and whatever a killed supervisor left."""
    supervisor = Supervisor(stack.settings)
    if supervisor.is_running():
        print("stopping the parts …", flush=True)
        supervisor.stop_all()
    end_leftovers(stack.settings)
    print("stopped", flush=True)


def main() -> int:
    """Runs one command; an error of the run is one line and status 1."""
    parser = argparse.ArgumentParser(prog="groundwork_dev", description=__doc__)
    parser.add_argument("command", choices=("run", "up", "down", "status", "logs", "dev"))
    parser.add_argument("part", nargs="?", default="")
    words = parser.parse_args()
    try:
        stack = open_stack()
        commands = {"run": run, "up": up, "down": down, "status": print_status}
        if words.command in commands:
            commands[words.command](stack)
        elif words.command == "logs":
            follow_logs(stack, words.part)
        else:
            asyncio.run(restart_on_save(stack, words.part))
    except RunnerError as error:
        hint = "; what has started goes on until `make down`" if words.command == "up" else ""
        print(f"groundwork: {error}{hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
