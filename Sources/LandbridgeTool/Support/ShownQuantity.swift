import Landbridge

/// What figures draw on the vertical axis.
enum ShownQuantity: String, CaseIterable {
  case loss
  case error

  func axisLabel(loss: Loss) -> String {
    switch self {
    case .loss: loss == .squared ? "squared loss" : "cross-entropy"
    case .error: "0-1 error"
    }
  }
}
