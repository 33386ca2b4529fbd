// Networks are made of matrices: whoever imports this module has them.
@_exported public import LinearAlgebra
