"""`make reconcile`: the doctor looks at the database with the local stack's own connection."""

import os
import subprocess
import sys

from groundwork_dev.stack import open_stack


def main() -> int:
    """The doctor's exit status: 1 when something in the database belongs to nothing."""
    stack = open_stack()
    connection = {"DATABASE_OWNER_URL": stack.dsn("rag_owner")}
    command = stack.python("light", "-m", "groundwork", "doctor", "--reconcile")
    return subprocess.run(command, env=os.environ | connection, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
