// AVX-512.
#if defined(__x86_64__)
#include "levels.h"

#define LB_BYTES 128
#define LB_TABLE lb_table_v4
#define LB_NAME "x86-64-v4"

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#pragma clang attribute push(__attribute__((min_vector_width(512))), apply_to = function)
#include "templates/table.h"
#pragma clang attribute pop
#pragma clang attribute pop
#endif
