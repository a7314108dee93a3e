/// Arithmetic with numbers from outside, where an overflow must not trap: the result is the nearest representable number.
extension FixedWidthInteger where Self: SignedInteger {
  package func saturatedSum(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  package func saturatedDifference(_ other: Self) -> Self {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }

  package func saturatedProduct(_ other: Self) -> Self {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
  }
}

extension Sequence {
  /// The sum of a number of each element.
  package func total(_ number: (Element) -> Int) -> Int {
    reduce(0) { sum, element in sum.saturatedSum(number(element)) }
  }
}
