import Testing

@testable import Dispatcher

@Test("the module loads") func loads() {}
