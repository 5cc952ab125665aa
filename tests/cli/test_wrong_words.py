"""Mistakes that are said in words before anything is sent; no gateway runs here."""

import os
import re
import subprocess
import sys

import pytest

NOWHERE = "127.0.0.1:9"


def said(*words: str, **variables: str) -> tuple[int, str]:
    """Exit status and standard error of one command, without the frame around it."""
    command = [sys.executable, "-m", "groundwork", *words]
    ours = {"GROUNDWORK_URL": f"http://{NOWHERE}", "PYTHONUTF8": "1"}
    ended = subprocess.run(
        command, env=os.environ | ours | variables, capture_output=True, text=True, check=False, timeout=60
    )
    return ended.returncode, re.sub(r"[\s│]+", " ", ended.stderr)


@pytest.mark.parametrize("command", [("ingest", "."), ("search", "anyone"), ("ask", "Anyone?")])
@pytest.mark.parametrize("name", ["My Stuff", "-a", "a/b", "a" * 64, ""])
def test_a_name_that_no_collection_can_have_is_refused_in_words(command: tuple[str, str], name: str) -> None:
    status, words = said(*command, f"--collection={name}")
    assert status == 2
    assert "is no collection's name: lower-case letters, digits and hyphens" in words


def test_a_database_that_is_away_is_to_be_started() -> None:
    status, words = said("doctor", "--reconcile", DATABASE_OWNER_URL=f"postgresql://rag_owner@{NOWHERE}/rag")
    assert status == 1
    assert words.startswith("groundwork: no database: ")
    assert "start it with `make up`" in words
