"""An environment is made anew when its pins or our packages' metadata change, and only then."""

from dataclasses import replace
from pathlib import Path

from groundwork_dev.environments import STAMP, Environment, is_installed, stamp_of


def installed(folder: Path) -> Environment:
    constraints = folder / "constraints.txt"
    constraints.write_text("torch==1\nvllm==2\n")
    environment = Environment("heavy", folder, constraints)
    (folder / STAMP).write_text(stamp_of(environment))
    return environment


def test_an_unchanged_environment_is_installed(tmp_path: Path) -> None:
    assert is_installed(installed(tmp_path))


def test_a_changed_pin_makes_it_stale(tmp_path: Path) -> None:
    environment = installed(tmp_path)
    environment.constraints.write_text("torch==1\nvllm==3\n")
    assert not is_installed(environment)


def test_one_that_holds_more_than_is_asked_for_will_do(tmp_path: Path) -> None:
    environment = replace(installed(tmp_path), without=("vllm",))
    assert environment.requirements == "torch==1"
    assert is_installed(environment)


def test_one_made_without_a_package_is_stale_where_it_is_wanted(tmp_path: Path) -> None:
    whole = installed(tmp_path)
    (tmp_path / STAMP).write_text(stamp_of(replace(whole, without=("vllm",))))
    assert not is_installed(whole)


def test_one_that_was_never_made_is_not_installed(tmp_path: Path) -> None:
    assert not is_installed(Environment("light", tmp_path / "none", tmp_path / "none.txt"))
