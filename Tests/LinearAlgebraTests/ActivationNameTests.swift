import LinearAlgebra
import Testing

@Suite("Names of activations are understood or refused")
struct ActivationNameTests {
  static let spellings: [(String, Activation)] = [
    ("ReLU", .relu), ("ReLU()", .relu), ("ReLU(inplace=True)", .relu), ("Tanh", .tanh),
    ("Sigmoid", .sigmoid), ("logistic", .sigmoid), ("Softplus", .softplus),
    ("Softplus(beta=1.0, threshold=20.0)", .softplus), ("Identity", .identity),
    ("linear", .identity), ("LeakyReLU", .usualLeakyReLU), ("leaky_relu", .usualLeakyReLU),
    ("LeakyReLU(negative_slope=0.01)", .usualLeakyReLU),
    ("LeakyReLU(negative_slope=0.2)", .leakyReLU(slope: 0.2)),
    ("leaky-relu:0.2", .leakyReLU(slope: 0.2)), ("LeakyReLU:1e-3", .leakyReLU(slope: 0.001)),
    ("GELU", .gelu), ("GELU(approximate='none')", .gelu), ("GELU(approximate='tanh')", .geluTanh),
    ("gelu_tanh", .geluTanh), ("gelu_new", .geluTanh), ("gelu_pytorch_tanh", .geluTanh),
    ("SiLU", .silu), ("swish", .silu), ("Swish", .silu), ("ELU", .elu), ("ELU(alpha=1.0)", .elu),
    ("SELU", .selu), ("Hardtanh", .hardTanh), ("HardTanh", .hardTanh), ("hard_tanh", .hardTanh),
    ("Hardtanh(min_val=-1.0, max_val=1.0)", .hardTanh), (" tanh ", .tanh), ("COS", .cos),
    ("ramp( -2.5, 7.5, 0.5, 1.5 )", .saturatingRamp),
  ]

  @Test(arguments: spellings) func understood(text: String, σ: Activation) {
    #expect(Activation(text) == σ)
    #expect(Activation(σ.description) == σ)
  }

  @Test func canonicalNamesAreWritten() {
    #expect(Activation("LeakyReLU(negative_slope=0.2)")?.description == "leaky-relu:0.2")
    #expect(Activation("GELU(approximate='tanh')")?.description == "gelu-tanh")
    #expect(Set(Activation.allNames).count == Activation.allNames.count)
    for name in Activation.allNames { #expect(Activation(name)?.description == name) }
  }

  @Test(arguments: [
    "", "ramp(1,2,3)", "ramp(1,2,3,3)", "ramp(nan,2,0,1)", "ramp(1,2,0,1", "ramp(1,2,0,1)x",
    "ramp(a=1,2,0,1)", "ramp(-1e308,1e308,0,1)", "leaky-relu:", "leaky-relu:x", "leaky-relu:0",
    "leaky-relu:1", "leaky-relu:-0.1", "leaky-relu:nan", "leaky-relu:0.1,0.2",
    "LeakyReLU(slope=0.2,x)", "tanh:2", "tanh(1)", "ELU(alpha=2)", "elu:1.5",
    "Softplus(beta=2, threshold=20)", "Hardtanh(min_val=0, max_val=6)", "GELU(approximate='erf')",
    "gelu:tanh", "relu6", "mish", "tanh,relu", "(", ":", "()",
  ])
  func refused(name: String) {
    #expect(Activation(name) == nil)
  }

  @Test(arguments: [
    ("gellu", "gelu? known are tanh, "), ("leakyrulu", "leaky-relu? known"),
    ("hardsigmoid", "sigmoid? known"), ("sofplus", "softplus? known"), ("xyzzy", "one of tanh, "),
    ("", "one of tanh, "), ("leaky-relu:2", "leaky-relu:slope with 0 < slope < 1"),
    ("ELU(alpha=2)", "elu, whose alpha is 1"), ("tanh(1)", "tanh"),
    ("Hardtanh(min_val=0, max_val=6)", "hard-tanh, from -1 to 1, or ramp("),
  ])
  func messages(text: String, advice: String) {
    #expect {
      try Activation(name: text)
    } throws: { error in
      let error = error as? UnknownActivation
      return error?.text == text && error?.advice.contains(advice) == true
    }
  }
}
