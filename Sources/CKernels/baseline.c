// What every processor of the architecture can run: SSE2 or NEON.
#include "levels.h"

#define LB_BYTES 32
#define LB_TABLE lb_table_baseline
#if defined(__x86_64__)
#define LB_NAME "x86-64"
#elif defined(__aarch64__)
#define LB_NAME "arm64 NEON"
#else
#define LB_NAME "baseline"
#endif

#include "templates/table.h"
