#if canImport(Accelerate)
  internal import Accelerate
#else
  internal import COpenBLAS
#endif

typealias BLASInteger = Int32

/// Tells the BLAS to stay on the calling thread, once, before its first use.
///
/// Work is shared out by ``concurrently(_:threads:_:)`` in pieces that do not depend on the number
/// of threads, so that results are the same bytes on any machine size; a BLAS that starts threads
/// of its own would break that and fight with trials that run side by side.
let singleThreadedBLAS: Void = {
  #if !canImport(Accelerate)
    openblas_set_num_threads(1)
  #endif
}()

/// The BLAS in use and the processor family it was tuned for, for instance
/// `OpenBLAS 0.3.21 … Haswell`.
public var blasDescription: String {
  #if canImport(Accelerate)
    return "Accelerate"
  #else
    return unsafe String(cString: openblas_get_config())
  #endif
}
