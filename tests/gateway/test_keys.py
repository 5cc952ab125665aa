"""API keys: found, remembered, refused alike."""

from collections.abc import Callable

import pytest
from rag_common.errors import Forbidden, InvalidRequest, Unauthenticated
from rag_gateway.keys import CACHE_TTL_S, Authenticator, Caller, StoredKey, hash_of, new_key, prefix_of

CALLER = Caller(1, "default", "key:1", frozenset({"chat", "act_as"}), ("role:crew",))


class OneKey:
    """A store that holds at most one key, and counts how often it is asked."""

    def __init__(self, key: str) -> None:
        self.held: StoredKey | None = StoredKey(hash_of(key, "pepper"), CALLER)
        self.asked = 0

    async def find(self, prefix: str) -> StoredKey | None:
        self.asked += 1
        return self.held


def authenticator(store: OneKey, clock: Callable[[], float] = lambda: 0.0) -> Authenticator:
    """With a pepper of the tests."""
    return Authenticator(store, "pepper", clock)


async def test_a_key_is_looked_up_once_while_it_is_remembered() -> None:
    key = new_key()
    store, now = OneKey(key), [0.0]
    keys = authenticator(store, lambda: now[0])
    assert await keys.caller(f"Bearer {key}") == await keys.caller(f"bearer {key}") == CALLER
    assert store.asked == 1
    now[0], store.held = CACHE_TTL_S + 1.0, None
    with pytest.raises(Unauthenticated):
        await keys.caller(f"Bearer {key}")


async def test_the_right_prefix_with_a_wrong_secret_is_refused() -> None:
    key = new_key()
    with pytest.raises(Unauthenticated):
        await authenticator(OneKey(key)).caller(f"Bearer gw_{prefix_of(key)}_{'x' * 43}")


async def test_what_is_no_key_never_reaches_the_store() -> None:
    store = OneKey(new_key())
    for sent in (None, "", "Bearer", "Bearer x' OR (SELECT pg_sleep(8)) IS NOT NULL--", f"Basic {new_key()}"):
        with pytest.raises(Unauthenticated):
            await authenticator(store).caller(sent)
    assert store.asked == 0


def test_only_a_key_that_may_names_a_user() -> None:
    assert CALLER.acting_as("eve").subject == "user:eve"
    assert CALLER.acting_as("eve").reads_as == ("role:crew", "user:eve")
    with pytest.raises(InvalidRequest):
        CALLER.acting_as("eve\r\nx: y")
    with pytest.raises(Forbidden):
        Caller(1, "default", "key:2", frozenset({"chat"}), ()).acting_as("eve")
