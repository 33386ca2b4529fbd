// Landbridge
