// AVX2 and FMA: Intel since 2013, AMD since 2015.
#if defined(__x86_64__)
#include "levels.h"

#define LB_BYTES 64
#define LB_TABLE lb_table_v3
#define LB_NAME "x86-64-v3"

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "templates/table.h"
#pragma clang attribute pop
#endif
