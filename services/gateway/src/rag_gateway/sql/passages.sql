-- Both arms in one round trip and inside the caller's rights: row-level security on `chunks` hides what the
-- caller may not read before anything is counted towards a limit.
-- Vectors of a small tenant are all looked at: many alike ones make a crowd that the index does not lead out of.
-- BM25 as Lucene computes it (idf = ln(1 + (N - n + .5) / (n + .5)), k1 = 0.9, b = 0.4), from term frequencies,
-- so that updates and deletes never leave a stale weight behind.

-- name: search_passages
WITH allowed AS MATERIALIZED (
    SELECT id FROM collections WHERE %(collections)s::text[] IS NULL OR name = ANY (%(collections)s::text[])
),
size AS MATERIALIZED (
    SELECT coalesce((SELECT s.chunks FROM lexical_statistics s), 0) <= %(exact_up_to)s AS small
),
distances AS MATERIALIZED (
    SELECT v.chunk_id, v.embedding <=> %(vector)s::halfvec AS distance
      FROM active_vectors v
     WHERE %(vector)s::halfvec IS NOT NULL AND (SELECT small FROM size)
),
dense AS MATERIALIZED (
    (SELECT near.chunk_id, 1 - near.distance AS score
       FROM distances near
       JOIN chunks c ON c.tenant_id = current_tenant() AND c.id = near.chunk_id
      WHERE c.collection_id IN (SELECT id FROM allowed)
      ORDER BY near.distance
      LIMIT %(candidates)s)
    UNION ALL
    (SELECT v.chunk_id, 1 - (v.embedding <=> %(vector)s::halfvec) AS score
       FROM active_vectors v
       JOIN chunks c ON c.tenant_id = v.tenant_id AND c.id = v.chunk_id
      WHERE %(vector)s::halfvec IS NOT NULL AND NOT (SELECT small FROM size)
        AND c.collection_id IN (SELECT id FROM allowed)
      ORDER BY v.embedding <=> %(vector)s::halfvec
      LIMIT %(candidates)s)
),
weights AS MATERIALIZED (
    SELECT p.term, ln(1 + (greatest(s.chunks - count(*), 0) + 0.5) / (count(*) + 0.5)) AS idf
      FROM postings p CROSS JOIN lexical_statistics s
     WHERE p.term = ANY (%(terms)s::bigint[])
     GROUP BY p.term, s.chunks
),
matching AS MATERIALIZED (
    SELECT p.chunk_id,
           sum(w.idf * p.frequency
               / (p.frequency + 0.9 * (0.6 + 0.4 * p.length * s.chunks / greatest(s.length, 1)))) AS score
      FROM postings p
      JOIN weights w ON w.term = p.term
     CROSS JOIN lexical_statistics s
     WHERE %(lexical)s AND p.term = ANY (%(terms)s::bigint[])
     GROUP BY p.chunk_id
),
lexical AS MATERIALIZED (
    SELECT m.chunk_id, m.score
      FROM matching m
      JOIN chunks c ON c.tenant_id = current_tenant() AND c.id = m.chunk_id
     WHERE c.collection_id IN (SELECT id FROM allowed)
     ORDER BY m.score DESC, m.chunk_id
     LIMIT %(candidates)s
)
SELECT c.id AS chunk_id, c.document_id, c.version, coalesce(d.title, '') AS title, d.uri, d.metadata, c.page, c.start_char, c.end_char,
       c.heading, c.text, c.units, dense.score::float AS dense, lexical.score::float AS lexical,
       (SELECT jsonb_object_agg(term, idf) FROM weights) AS idf
  FROM dense
  FULL JOIN lexical USING (chunk_id)
  JOIN chunks c ON c.tenant_id = current_tenant() AND c.id = chunk_id
  JOIN documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id

-- name: unknown_collections
SELECT name FROM unnest(%(collections)s::text[]) AS wanted (name)
 WHERE NOT EXISTS (SELECT 1 FROM collections c WHERE c.name = wanted.name)

-- name: schema_state
SELECT v.version_num, (SELECT m.name FROM embedding_models m WHERE m.state = 'active') AS embedding_model
  FROM migrations.alembic_version v
