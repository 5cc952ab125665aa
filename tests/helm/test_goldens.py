"""What each profile renders to stands in a file, so that a change of a template shows in review."""

import os
import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.helm.conftest import Objects
from tests.helm.rendered import PROFILES, Json, render
from tests.helm.validation import assert_known

GOLDEN = Path(__file__).parent / "golden"
MASKED = (
    (re.compile(r"(checksum/config: )\w+"), r"\1masked"),
    (re.compile(r"(name: \S+-1)-[0-9a-f]{8}$", re.MULTILINE), r"\1-masked"),
    (re.compile(r"(helm.sh/chart: [a-z]+)-[\w.]+"), r"\1"),
    (re.compile(r"(app.kubernetes.io/version: ).*"), r"\1masked"),
)


def written(objects: Objects) -> str:
    """The objects as text, without what changes by itself."""
    text = yaml.safe_dump_all([_without_secrets(each) for each in objects], sort_keys=True, width=110)
    for pattern, replacement in MASKED:
        text = pattern.sub(replacement, text)
    return text


def _without_secrets(each: Json) -> Json:
    if each["kind"] != "Secret":
        return each
    return each | {"data": dict.fromkeys(each["data"], "masked")}


def compare(name: str, objects: Objects) -> None:
    """Equal to the golden file, or writes it with UPDATE=1."""
    file, found = GOLDEN / f"{name}.yaml", written(objects)
    if os.environ.get("UPDATE"):
        file.write_text(found, encoding="utf-8")
    assert file.exists(), f"no golden for {name}; make test-charts UPDATE=1 writes it"
    assert found == file.read_text(encoding="utf-8"), (
        "if that is meant: make test-charts UPDATE=1, and look at it"
    )


@pytest.mark.parametrize("profile", [file.stem for file in PROFILES])
def test_a_profile_renders_to_its_golden(profile: str, objects: Objects) -> None:
    compare(profile, objects)


def test_an_upgrade_migrates_in_hooks(umbrella: Path) -> None:
    objects = render(umbrella, {"global": {"existingSecret": "mine"}}, upgrade=True)
    jobs = [each for each in objects if each["kind"] == "Job"]
    compare("upgrade-jobs", jobs)
    assert {hook(each) for each in jobs} == {"pre-upgrade"}


def hook(each: Json) -> str:
    """When Helm makes an object that is no ordinary one."""
    return str(each["metadata"].get("annotations", {}).get("helm.sh/hook", ""))


def test_an_upgrades_jobs_bring_along_what_they_need(umbrella: Path) -> None:
    shared = {"existingSecret": "mine", "priorityClasses": {"create": True}}
    objects = render(umbrella, {"global": shared}, upgrade=True)
    brought = {(each["kind"], each["metadata"]["name"]) for each in objects if hook(each) == "pre-upgrade"}
    for job in (each for each in objects if each["kind"] == "Job"):
        account = job["spec"]["template"]["spec"]["serviceAccountName"]
        assert {("ServiceAccount", account), ("NetworkPolicy", account)} <= brought
        assert "priorityClassName" not in job["spec"]["template"]["spec"]


def test_a_jobs_name_changes_with_its_pod(umbrella: Path) -> None:
    def names(**values: Json) -> set[str]:
        return {each["metadata"]["name"] for each in render(umbrella, values) if each["kind"] == "Job"}

    assert names() == names()
    other = names(gateway={"image": {"tag": "2"}})
    assert len(names() & other) == 1 and len(other) == 2


def test_no_golden_is_left_of_a_profile_that_is_gone(all_profiles: dict[str, Objects]) -> None:
    assert {file.stem for file in GOLDEN.glob("*.yaml")} == {*all_profiles, "upgrade-jobs"}


def test_kubernetes_knows_every_field(objects: Objects) -> None:
    for each in objects:
        assert_known(each)


def test_kubernetes_knows_every_field_of_the_hooks(umbrella: Path) -> None:
    objects = render(umbrella, {"global": {"existingSecret": "mine"}}, upgrade=True)
    for each in objects:
        assert_known(each)


def test_a_field_that_kubernetes_does_not_know_is_found(all_profiles: dict[str, Objects]) -> None:
    deployment = next(each for each in all_profiles["cpu"] if each["kind"] == "Deployment")
    with pytest.raises(kubernetes_validate.ValidationError):
        assert_known(deployment | {"spec": deployment["spec"] | {"replica": 1}})
