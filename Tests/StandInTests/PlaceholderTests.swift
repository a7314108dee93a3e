import Testing

@testable import StandIn

@Test("the module loads") func loads() {}
