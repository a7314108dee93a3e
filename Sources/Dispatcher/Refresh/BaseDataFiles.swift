import Shared

/// The data files of a base: which exist, and which a run copies before its workers overwrite them.
struct BaseDataFiles {
  let base: BaseRun
  let objects: any ObjectStore
  let bucket: String

  /// Indexes of the files that no longer exist, or have another size than the manifest states. One LIST per 1,000 files.
  func gone() async throws -> Set<Int> {
    let listed = try await objects.list(bucket: bucket, prefix: base.layout.dataFolder)
    let sizes = Dictionary(listed.map { ($0.key, $0.bytes) }) { first, _ in first }
    return Set(
      base.manifest.files.indices.filter {
        sizes[base.manifest.files[$0].key] != base.manifest.files[$0].bytes
      })
  }

  /// Indexes of the files that the run overwrites although other files of the run need their films. There are some only
  /// if both runs are in one folder.
  static func overwritten(_ base: BaseRun, plans: [ShardPlan], _ rule: RefreshRule) -> Set<Int> {
    guard let layout = plans.first?.layout, layout.dataFolder == base.layout.dataFolder else { return [] }
    let keys = Set(plans.flatMap { plan in plan.files.indices.map { plan.key(ofFile: $0 + 1) } })
    let candidates = Set(base.manifest.files.indices.filter { keys.contains(base.manifest.files[$0].key) })
    var needed: Set<Int> = []
    for plan in plans {
      for (number, films) in plan.files.enumerated() {
        let key = plan.key(ofFile: number + 1)
        for id in films {
          guard case .keep(let film) = rule.decide(id), candidates.contains(film.file),
            base.manifest.files[film.file].key != key
          else { continue }
          needed.insert(film.file)
        }
      }
    }
    return needed
  }

  /// Copies files to where this run does not overwrite them.
  /// - Returns: the files that no longer exist.
  func copy(_ files: Set<Int>, for run: RunLayout) async throws -> Set<Int> {
    let found = try await BoundedFanOut.map(files.sorted(), limit: FanOut.callsMax) { file in
      let key = base.manifest.files[file].key
      let isCopied = try await objects.copy(
        ObjectAddress(bucket: bucket, key: key), to: ObjectAddress(bucket: bucket, key: run.baseCopy(of: key))
      )
      return isCopied ? nil : file
    }
    return Set(found.compactMap { $0 })
  }
}
