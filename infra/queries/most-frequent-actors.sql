-- The actors in the most films. Parameter: the day.
WITH snapshot AS (SELECT * FROM credits WHERE dt = ?)
SELECT p.id AS person, min(p.name) AS name, count(DISTINCT imdb_id) AS films
FROM snapshot CROSS JOIN UNNEST("cast") AS t(p)
GROUP BY p.id
ORDER BY films DESC, person
LIMIT 20
