import Testing

@testable import Shared

@Test("the module loads") func loads() {}
