// What files hold are networks and samples: whoever imports this module has them.
@_exported public import Landbridge
