-- Every film of a person, in the cast or in the crew. Parameters: the day, the name.
WITH snapshot AS (SELECT * FROM credits WHERE dt = ?),
people AS (
  SELECT imdb_id, p.id AS person, p.name, p."character" AS role
  FROM snapshot CROSS JOIN UNNEST("cast") AS t(p)
  UNION ALL
  SELECT imdb_id, p.id, p.name, p.job
  FROM snapshot CROSS JOIN UNNEST(crew) AS t(p)
)
SELECT imdb_id, person, role
FROM people
WHERE name = ?
ORDER BY imdb_id, person, role
