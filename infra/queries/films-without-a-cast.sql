-- The films whose cast is empty, and the size of their crew. Parameter: the day.
WITH snapshot AS (SELECT * FROM credits WHERE dt = ?)
SELECT imdb_id, id AS film, cardinality(crew) AS crew_size
FROM snapshot
WHERE cardinality("cast") = 0
ORDER BY imdb_id
