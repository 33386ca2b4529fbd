// The table of kernels that each instruction set fills in, and what their sources share.
#ifndef LANDBRIDGE_LEVELS_H
#define LANDBRIDGE_LEVELS_H

#include "CKernels.h"

#include <math.h>
#include <string.h>

// Vectors wider than the level's registers are passed between functions, all of them inlined: no
// call is left whose convention could differ.
#pragma clang diagnostic ignored "-Wpsabi"

#define LB_INLINE static inline __attribute__((always_inline))

typedef struct {
  const char *name;
  void (*fill_normal_f32)(const lb_stream *, long, float, float, float *);
  void (*fill_normal_f64)(const lb_stream *, long, double, double, double *);
  void (*fill_uniform_f32)(const lb_stream *, long, float, float, float *);
  void (*fill_uniform_f64)(const lb_stream *, long, double, double, double *);
} lb_table;

extern const lb_table lb_table_baseline;
#if defined(__x86_64__)
extern const lb_table lb_table_v3;
extern const lb_table lb_table_v4;
#endif

#endif
