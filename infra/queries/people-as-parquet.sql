-- Writes a table with one row per film and person to the trusted zone, as Parquet. Parameter: the day.
-- For a further day, replace everything above WITH by: INSERT INTO people
CREATE TABLE people
WITH (
  format = 'PARQUET',
  external_location = 's3://${Bucket}/Trusted/TMDB/Parquet/Atores/',
  partitioned_by = ARRAY['day']
) AS
WITH snapshot AS (SELECT * FROM credits WHERE dt = ?)
SELECT imdb_id, 'cast' AS part, p.id AS person, p.name, p."character" AS role, replace(dt, '/', '-') AS day
FROM snapshot CROSS JOIN UNNEST("cast") AS t(p)
UNION ALL
SELECT imdb_id, 'crew', p.id, p.name, p.job, replace(dt, '/', '-')
FROM snapshot CROSS JOIN UNNEST(crew) AS t(p)
