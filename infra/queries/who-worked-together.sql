-- The pairs of leading actors with the most films together. Parameter: the day.
-- "order" is a person's place in the credits, from 0.
WITH snapshot AS (SELECT * FROM credits WHERE dt = ?),
leads AS (
  SELECT DISTINCT imdb_id, p.id AS person, p.name
  FROM snapshot CROSS JOIN UNNEST("cast") AS t(p)
  WHERE p."order" < 10
)
SELECT a.person AS first_person, b.person AS second_person,
  min(a.name) AS first_name, min(b.name) AS second_name, count(DISTINCT a.imdb_id) AS films
FROM leads AS a JOIN leads AS b ON a.imdb_id = b.imdb_id AND a.person < b.person
GROUP BY a.person, b.person
ORDER BY films DESC, first_person, second_person
LIMIT 20
