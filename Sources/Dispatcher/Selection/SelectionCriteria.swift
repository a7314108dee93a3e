import Shared

/// Which of a source's films are selected, and how its columns are named.
struct SelectionCriteria {
  var genres: [String]
  var match = DispatcherEvent.Match.within
  var columns = SourceColumns()
  var titleTypes = RunDefaults.titleTypes
}

extension SelectionCriteria {
  init(_ event: DispatcherEvent) {
    self.init(
      genres: event.genres, match: event.match, columns: event.columns, titleTypes: event.titleTypes)
  }
}
