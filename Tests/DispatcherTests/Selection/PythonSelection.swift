import Foundation
import Shared
import TestSupport

@testable import Dispatcher

/// The selection that Python makes with its modules csv and gzip.
enum PythonSelection {
  /// Selects films from a file.
  /// - Parameter separator: the one of the file; with `|` and tab, fields are not quoted.
  static func select(_ path: String, separator: String, _ criteria: SelectionCriteria) throws -> ScanResult {
    let json = try JSONSerialization.data(withJSONObject: [
      "path": path, "separator": separator, "genres": criteria.genres, "match": criteria.match.rawValue,
      "titleTypes": criteria.titleTypes, "id": criteria.columns.id ?? "",
      "genreColumn": criteria.columns.genres ?? "",
    ])
    let output = try ChildProcess.run(
      "/usr/bin/env", ["python3", "-c", script], input: String(decoding: json, as: UTF8.self))
    struct Output: Decodable {
      let films: [String]
      let rows: Int
      let distinct: Int
      let skipped: Int
      let genresWithoutFilms: [String]
    }
    let found = try JSONDecoder().decode(Output.self, from: Data(output.utf8))
    return ScanResult(
      films: found.films, rows: found.rows, distinct: found.distinct, skipped: found.skipped,
      genresWithoutFilms: found.genresWithoutFilms)
  }

  private static let script = #"""
    import csv, gzip, io, json, re, sys, unicodedata

    job = json.load(sys.stdin)
    data = open(job["path"], "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    text = data.decode("utf-8-sig")

    def plain(name):
        return unicodedata.normalize("NFC", name.strip().lower())

    def column(names, header):
        found = [index for index, name in enumerate(header) if plain(name) in map(plain, names)]
        assert len(found) <= 1, header
        return found[0] if found else None

    separator = job["separator"]
    quoting = csv.QUOTE_NONE if separator in "|\t" else csv.QUOTE_MINIMAL
    csv.field_size_limit(1 << 22)
    table = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting) if row]
    header, table = table[0], table[1:]
    ids = [job["id"]] if job["id"] else ["id", "tconst", "imdb_id", "imdbid", "const"]
    genre_names = [job["genreColumn"]] if job["genreColumn"] else ["genero", "gênero", "generos", "genre", "genres"]
    id_column, genre_column = column(ids, header), column(genre_names, header)
    type_column = column(["titleType"], header)
    wanted_types = set(map(plain, job["titleTypes"]))
    wanted = {plain(name): name.strip() for name in job["genres"]}
    result = {"films": [], "rows": len(table), "skipped": 0}
    seen, genres_seen = set(), set()
    for row in table:
        if type_column is not None and type_column < len(row) and plain(row[type_column]) not in wanted_types:
            continue
        needed = max(column for column in (id_column, genre_column, type_column) if column is not None)
        if not needed < len(row) <= len(header) or not re.fullmatch(r"tt[0-9]{7,10}", row[id_column].strip()):
            result["skipped"] += 1
            continue
        film, genres = row[id_column].strip(), row[genre_column].strip()
        if film in seen:
            continue
        seen.add(film)
        if genres in ("", "\\N"):
            continue
        names = set(map(plain, genres.split(",") if separator == "|" else re.split("[,|]", genres)))
        genres_seen |= names
        if {"within": names <= wanted.keys(), "any": bool(names & wanted.keys()),
                "all": names >= wanted.keys()}[job["match"]]:
            result["films"].append(film)
    result["distinct"] = len(seen)
    result["genresWithoutFilms"] = [name for key, name in wanted.items() if key not in genres_seen]
    print(json.dumps(result))
    """#
}
