"""A crowd of passages that are alike hides none of the others."""

import httpx
import psycopg

from tests.conftest import Database
from tests.gateway.test_document_changes import uploaded

NEEDLES = {
    "The Zephyr project ships on the fourteenth of March.": "When does the Zephyr project ship?",
    "The guest wifi password is marmalade.": "What is the password of the guest wifi?",
    "Otters sleep holding hands so that they do not drift apart.": "Why do otters hold hands?",
    "The bakery on Elm Street closes on Tuesdays.": "On which day is the bakery closed?",
    "Basalt forms when lava cools quickly at the surface.": "How does basalt form?",
}
CROWD = """
WITH one AS (SELECT c.*, v.embedding FROM rag.chunks c JOIN rag.active_vectors v ON v.chunk_id = c.id
              WHERE c.document_id = %(id)s),
added AS (
    INSERT INTO rag.chunks (tenant_id, document_id, version, collection_id, start_char, end_char, heading, text, units)
    SELECT tenant_id, document_id, version, collection_id, start_char, end_char, heading, text, units
      FROM one, generate_series(1, 3000) RETURNING tenant_id, id
)
INSERT INTO rag.active_vectors
SELECT added.tenant_id, added.id,
       (SELECT array_agg(x + (random() - 0.5) * 0.03 + 0 * added.id)
          FROM unnest(one.embedding::real[]) x)::real[]::halfvec
  FROM added, one
"""


def test_a_passage_is_found_beside_thousands_that_are_alike(
    http: httpx.Client, database: Database, collection: str
) -> None:
    for needle in NEEDLES:
        uploaded(http, collection, needle)
    path = uploaded(http, collection, "Item 7 of the price list costs 12 EUR and weighs 3 kg.")
    with psycopg.connect(database.dsn("owner")) as connection:
        assert connection.execute(CROWD, {"id": path.split("/")[-1]}).rowcount == 3000
        connection.execute("UPDATE rag.lexical_statistics SET chunks = chunks + 3000")
        connection.execute("ANALYZE rag.chunks, rag.chunk_vectors_1")  # the server does so some time
    for needle, question in NEEDLES.items():
        body = {"query": question, "collections": [collection.split("/")[3]], "mode": "dense", "top_k": 1}
        (hit,) = http.post("/v1/search", json=body).raise_for_status().json()["results"]
        assert hit["text"] == needle
