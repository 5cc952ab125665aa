-- Both arms in one round trip and inside the caller's rights, which row-level security keeps before anything is
-- counted towards a limit. `meant` and `allowed` are read no further than somebody asks (a CTE is lazy): at most
-- one passage more than may be scanned exactly.
--   few allowed:  their distances are computed one by one (`exact`), and only they match words
--   many allowed: pgvector's index goes on until enough of them are found (`near`); when it ends early, all are
--                 compared (`again`)
-- What either arm found gets the scores of both (`found`), so that they can be weighed against each other.
-- OFFSET 0 keeps a subquery what it is, a look-up by key for each row: the planner does not know how few rows come.
-- BM25 as Lucene computes it (idf = ln(1 + (N - n + .5) / (n + .5)), k1 = 0.9, b = 0.4), from term frequencies,
-- so that updates and deletes never leave a stale weight behind.

-- name: search_passages
WITH scope AS MATERIALIZED (
    SELECT id FROM collections WHERE name = ANY (%(collections)s::text[])
),
meant AS MATERIALIZED (
    SELECT d.id, d.current_version FROM documents d
     WHERE (%(collections)s::text[] IS NULL OR d.collection_id IN (SELECT id FROM scope))
       AND (%(filter)s::jsonpath IS NULL OR jsonb_path_match(d.metadata, %(filter)s::jsonpath, %(variables)s, true))
),
allowed AS MATERIALIZED (
    (SELECT c.id
       FROM meant m
      CROSS JOIN LATERAL (SELECT c.id FROM chunks c
                           WHERE c.tenant_id = current_tenant() AND c.document_id = m.id
                             AND c.version = m.current_version OFFSET 0) c
      WHERE %(narrowed)s
      LIMIT %(exact_up_to)s + 1)
    UNION ALL
    (SELECT c.id FROM chunks c WHERE NOT %(narrowed)s LIMIT %(exact_up_to)s + 1)
),
size AS MATERIALIZED (
    SELECT count(*) <= %(exact_up_to)s AS few FROM allowed
),
exact AS MATERIALIZED (
    (SELECT a.id AS chunk_id, v.distance
       FROM allowed a
      CROSS JOIN LATERAL (SELECT v.embedding <=> %(vector)s::halfvec AS distance FROM active_vectors v
                           WHERE v.tenant_id = current_tenant() AND v.chunk_id = a.id OFFSET 0) v
      WHERE %(vector)s::halfvec IS NOT NULL AND (SELECT few FROM size) AND %(narrowed)s
      ORDER BY v.distance
      LIMIT %(candidates)s)
    UNION ALL
    (SELECT a.id, v.embedding <=> %(vector)s::halfvec AS distance
       FROM allowed a
       JOIN active_vectors v ON v.chunk_id = a.id
      WHERE %(vector)s::halfvec IS NOT NULL AND (SELECT few FROM size) AND NOT %(narrowed)s
      ORDER BY distance
      LIMIT %(candidates)s)
),
near AS MATERIALIZED (
    SELECT v.chunk_id, v.embedding <=> %(vector)s::halfvec AS distance
      FROM active_vectors v
     CROSS JOIN LATERAL (
         SELECT FROM chunks c JOIN documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
          WHERE c.tenant_id = current_tenant() AND c.id = v.chunk_id
            AND (%(collections)s::text[] IS NULL OR d.collection_id IN (SELECT id FROM scope))
            AND (%(filter)s::jsonpath IS NULL OR jsonb_path_match(d.metadata, %(filter)s::jsonpath, %(variables)s, true))
         OFFSET 0) c
     WHERE %(vector)s::halfvec IS NOT NULL AND NOT (SELECT few FROM size)
     ORDER BY v.embedding <=> %(vector)s::halfvec
     LIMIT %(candidates)s
),
again AS MATERIALIZED (
    SELECT c.id AS chunk_id, v.embedding <=> %(vector)s::halfvec AS distance
      FROM chunks c
      JOIN active_vectors v ON v.tenant_id = c.tenant_id AND v.chunk_id = c.id
     WHERE %(vector)s::halfvec IS NOT NULL AND NOT (SELECT few FROM size)
       AND (SELECT count(*) FROM near) < %(candidates)s
       AND (NOT %(narrowed)s OR c.document_id IN (SELECT id FROM meant))
     ORDER BY (v.embedding <=> %(vector)s::halfvec) + 0 -- not by the index
     LIMIT %(candidates)s
),
weights AS MATERIALIZED (
    SELECT p.term, ln(1 + (greatest(s.chunks - count(*), 0) + 0.5) / (count(*) + 0.5))::float AS idf
      FROM postings p CROSS JOIN lexical_statistics s
     WHERE p.term = ANY (%(terms)s::bigint[])
     GROUP BY p.term, s.chunks
),
matching AS MATERIALIZED (
    SELECT p.chunk_id,
           round(1e9 * sum(w.idf * p.frequency / (p.frequency + 0.9::float * (0.6::float + 0.4::float * p.length
                                                  * s.chunks / greatest(s.length, 1))))) / 1e9 AS score
      FROM postings p
      JOIN weights w ON w.term = p.term
     CROSS JOIN lexical_statistics s
     WHERE %(lexical)s AND p.term = ANY (%(terms)s::bigint[])
     GROUP BY p.chunk_id
     ORDER BY score DESC, p.chunk_id
),
lexical AS MATERIALIZED (
    (SELECT m.chunk_id, m.score
       FROM matching m
      WHERE (SELECT few FROM size) AND m.chunk_id IN (SELECT id FROM allowed)
      ORDER BY m.score DESC, m.chunk_id
      LIMIT %(candidates)s)
    UNION ALL
    (SELECT m.chunk_id, m.score
       FROM matching m
      CROSS JOIN LATERAL (
         SELECT FROM chunks c JOIN documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
          WHERE c.tenant_id = current_tenant() AND c.id = m.chunk_id
            AND (%(collections)s::text[] IS NULL OR d.collection_id IN (SELECT id FROM scope))
            AND (%(filter)s::jsonpath IS NULL OR jsonb_path_match(d.metadata, %(filter)s::jsonpath, %(variables)s, true))
         OFFSET 0) c
      WHERE NOT (SELECT few FROM size)
      ORDER BY m.score DESC, m.chunk_id
      LIMIT %(candidates)s)
),
dense AS MATERIALIZED (
    SELECT chunk_id, 1 - min(distance) AS score
      FROM (SELECT * FROM exact UNION ALL SELECT * FROM near UNION ALL SELECT * FROM again) AS every_way
     GROUP BY chunk_id
     ORDER BY score DESC
     LIMIT %(candidates)s
),
found AS MATERIALIZED (
    SELECT chunk_id, coalesce(dense.score, 1 - v.distance) AS dense, coalesce(lexical.score, m.score) AS lexical
      FROM dense
      FULL JOIN lexical USING (chunk_id)
      LEFT JOIN matching m USING (chunk_id)
      LEFT JOIN LATERAL (SELECT v.embedding <=> %(vector)s::halfvec AS distance FROM active_vectors v
                          WHERE v.tenant_id = current_tenant() AND v.chunk_id = coalesce(dense.chunk_id, lexical.chunk_id)
                            AND dense.score IS NULL OFFSET 0) v ON true
)
SELECT about.*, found.*, p.*
  FROM (SELECT (SELECT jsonb_object_agg(term, idf) FROM weights) AS idf,
               (SELECT jsonb_object_agg(name, current_setting(name)) FROM unnest(%(settings)s::text[]) AS s (name)) AS settings,
               ARRAY(SELECT name FROM unnest(%(collections)s::text[]) AS wanted (name)
                      WHERE NOT EXISTS (SELECT FROM collections c WHERE c.name = wanted.name)) AS unknown) AS about
  LEFT JOIN found ON true
  LEFT JOIN LATERAL (
      SELECT c.document_id, c.version, coalesce(d.title, '') AS title, d.uri, d.metadata, c.page, c.start_char,
             c.end_char, c.heading, c.text, c.units
        FROM chunks c
        JOIN documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
       WHERE c.tenant_id = current_tenant() AND c.id = found.chunk_id OFFSET 0) p ON true

-- name: schema_state
SELECT v.version_num, (SELECT m.name FROM embedding_models m WHERE m.state = 'active') AS embedding_model
  FROM migrations.alembic_version v
