-- name: find_key
SELECT * FROM authenticate(%(prefix)s)
