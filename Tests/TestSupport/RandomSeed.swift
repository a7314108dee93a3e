import Foundation

/// The seed of tests that make random inputs: the environment variable ELENCO_SEED, by default 1.
public enum RandomSeed {
  public static let value: UInt64 = {
    let seed = ProcessInfo.processInfo.environment["ELENCO_SEED"].flatMap(UInt64.init) ?? 1
    print("Random inputs have the seed \(seed). ELENCO_SEED sets another one.")
    return seed
  }()
}
