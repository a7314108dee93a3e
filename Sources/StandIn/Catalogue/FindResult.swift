/// The body of a successful find, in two pieces: the part before the TMDB id and the part after it.
struct FindResult {
  private let key: PieceKey
  private var draw: DeterministicRandom

  init(_ key: PieceKey) {
    self.key = key
    self.draw = key.draw
  }

  func bytes() -> [UInt8] {
    var result = self
    return Array(result.text().utf8)
  }

  private mutating func text() -> String {
    switch key.kind {
    case .movieHead: #"{"movie_results":[{"adult":false,"backdrop_path":\#(image()),"id":"#
    case .movieTail: movieTail()
    case .seriesHead:
      #"{"movie_results":[],"person_results":[],"tv_results":[{"adult":false,"#
        + #""backdrop_path":\#(image()),"id":"#
    case .seriesTail: seriesTail()
    case .episodeHead:
      #"{"movie_results":[],"person_results":[],"tv_results":[],"tv_episode_results":[{"id":"#
    case .episodeTail: episodeTail()
    case .cast, .crew: ""
    }
  }

  private mutating func movieTail() -> String {
    let title = title()
    return #","title":"\#(title)","original_language":"\#(draw.one(of: SampleWords.languages))","#
      + #""original_title":"\#(title)","overview":"\#(draw.one(of: SampleWords.overviews))","#
      + #""poster_path":\#(image()),"media_type":"movie","genre_ids":[18,10749],"#
      + #""popularity":\#(draw.decimal(whole: 40)),"release_date":"\#(date())","video":false,"#
      + #""vote_average":\#(draw.decimal(whole: 10)),"vote_count":\#(draw.below(4000))}],"#
      + #""person_results":[],"tv_results":[],"tv_episode_results":[],"tv_season_results":[]}"#
  }

  private mutating func seriesTail() -> String {
    let title = title()
    return #","name":"\#(title)","original_language":"\#(draw.one(of: SampleWords.languages))","#
      + #""original_name":"\#(title)","overview":"\#(draw.one(of: SampleWords.overviews))","#
      + #""poster_path":\#(image()),"media_type":"tv","genre_ids":[18],"#
      + #""popularity":\#(draw.decimal(whole: 90)),"first_air_date":"\#(date())","#
      + #""vote_average":\#(draw.decimal(whole: 10)),"vote_count":\#(draw.below(4000)),"#
      + #""origin_country":["PT"]}],"tv_episode_results":[],"tv_season_results":[]}"#
  }

  private mutating func episodeTail() -> String {
    #","name":"\#(title())","overview":"\#(draw.one(of: SampleWords.overviews))","media_type":"tv_episode","#
      + #""vote_average":\#(draw.decimal(whole: 10)),"vote_count":\#(draw.below(90)),"#
      + #""air_date":"\#(date())","episode_number":\#(1 + draw.below(24)),"episode_type":"standard","#
      + #""production_code":"","runtime":\#(20 + draw.below(40)),"season_number":\#(1 + draw.below(9)),"#
      + #""show_id":\#(1 + draw.below(250_000)),"still_path":\#(image())}],"tv_season_results":[]}"#
  }

  private mutating func title() -> String {
    draw.one(of: SampleWords.titleStarts) + " " + draw.one(of: SampleWords.titleEnds)
  }

  private mutating func date() -> String {
    "\(1920 + draw.below(105))-\(10 + draw.below(3))-\(10 + draw.below(19))"
  }

  private mutating func image() -> String {
    draw.chance(permille: 150) ? "null" : "\"\(draw.imagePath())\""
  }
}
