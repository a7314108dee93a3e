import Testing

@testable import Worker

@Test("the module loads") func loads() {}
