"""What happens to a release: pods die, values change, a migration fails, it is removed and comes back."""

import json

import pytest

from tests.cluster.measured import COLLECTION
from tests.cluster.release import NAME, Release, answers_again
from tests.cluster.test_1_installed import PARTS

OURS = f"app.kubernetes.io/instance={NAME}"
KINDS = "all,secret,configmap,pvc,networkpolicy,serviceaccount,poddisruptionbudget,ingress"
ORDER = [*sorted(PARTS - {"llm"}), "llm"]


@pytest.mark.parametrize("part", ORDER)
def test_a_pod_that_is_deleted_comes_back_and_nothing_is_lost(release: Release, part: str) -> None:
    name = release.pods()[part]["metadata"]["name"]
    release.kubectl("delete", "pod", name, timeout_s=240)
    kind = "statefulset" if part == "postgres" else "deployment"
    release.kubectl("rollout", "status", f"{kind}/{NAME}-{part}", "--timeout=240s", timeout_s=250)
    assert answers_again(release, COLLECTION)["rag"]["citations"]


def limit(release: Release) -> str:
    """What the running gateway was told of `maxAnswerTokens`."""
    (container,) = release.pods()["gateway"]["spec"]["containers"]
    return next(str(each["value"]) for each in container["env"] if each["name"] == "MAX_ANSWER_TOKENS")


def test_an_upgrade_and_a_rollback_keep_data_and_secrets(release: Release) -> None:
    before = release.secret()
    # The classes are of this version, and the Jobs that go before it may not need them.
    release.bring("upgrade", "--set", "gateway.maxAnswerTokens=200,global.priorityClasses.create=true")
    assert limit(release) == "200" and release.secret() == before
    events = release.objects("events", "--field-selector", "involvedObject.kind=Job")
    assert f"{NAME}-migrate-upgrade" in {each["involvedObject"]["name"] for each in events}
    made = release.objects("secrets,serviceaccounts,networkpolicies", "-l", OURS)
    assert not [name for each in made if (name := each["metadata"]["name"]).endswith("-upgrade")]
    answers_again(release, COLLECTION)
    release.helm("rollback", NAME, "1", "--wait", "--timeout", "10m")
    assert limit(release) == "256" and release.secret() == before
    answers_again(release, COLLECTION)


def test_a_migration_that_fails_leaves_the_old_version_answering(release: Release) -> None:
    said = release.bring("upgrade", "--set", "global.embeddingDim=999", ok=False)
    assert "pre-upgrade" in said
    job = release.kubectl("logs", f"job/{NAME}-migrate-upgrade")
    assert "384" in job and "999" in job
    answers_again(release, COLLECTION)
    release.bring("upgrade")
    answers_again(release, COLLECTION)


def test_an_uninstall_leaves_the_volume_and_its_secret_and_an_install_takes_them_up(release: Release) -> None:
    before = release.secret()
    release.kubectl("delete", "pod", "-l", f"{OURS},!pod-template-hash,!controller-revision-hash", "--now")
    release.helm("uninstall", NAME, "--wait", "--timeout", "5m")
    release.kubectl("wait", "pod", "-l", OURS, "--for=delete", "--timeout=240s", timeout_s=250)
    left = json.loads(release.kubectl("get", KINDS, "-o", "json", "-l", OURS))["items"]
    assert {(each["kind"], each["metadata"]["name"]) for each in left} == {
        ("Secret", f"{NAME}-secrets"),
        ("PersistentVolumeClaim", f"data-{NAME}-postgres-0"),
    }
    release.bring("install")
    assert release.secret() == before
    answers_again(release, COLLECTION)
