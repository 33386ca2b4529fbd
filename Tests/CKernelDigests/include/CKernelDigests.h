#ifndef LANDBRIDGE_CKERNELDIGESTS_H
#define LANDBRIDGE_CKERNELDIGESTS_H

// Runs every kernel on arrays of many lengths, and writes a line "name digest" for each: the bytes of
// all its results in 64 bits (FNV-1a). At most `capacity` bytes with the closing zero; returns how many
// the text needs.
long lb_kernel_digests(char *text, long capacity);

#endif
