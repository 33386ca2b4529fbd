// The table of kernels that each instruction set fills in, and what their sources share.
#ifndef LANDBRIDGE_LEVELS_H
#define LANDBRIDGE_LEVELS_H

#include "CKernels.h"

#include <stdlib.h>
#include <string.h>

// Vectors wider than the level's registers are passed between functions, all of them inlined: no
// call is left whose convention could differ.
#pragma clang diagnostic ignored "-Wpsabi"

#define LB_INLINE static inline __attribute__((always_inline))

#define LB_KERNELS(T, SUFFIX)                                                                     \
  void (*apply_##SUFFIX)(lb_function, const double *, long, const T *, T *);                      \
  void (*apply_derivative_##SUFFIX)(lb_function, const double *, long, const T *, T *, T *);      \
  void (*accumulate_rows_##SUFFIX)(long, long, const T *, const T *, long, T *);                  \
  void (*accumulate_block_##SUFFIX)(                                                              \
      long, long, long, const T *, long, const T *, long, T *);                                   \
  long (*panel_width_##SUFFIX)(void);                                                             \
  void (*pack_panel_##SUFFIX)(long, long, T, const T *, long, T *);                               \
  void (*affine_##SUFFIX)(long, long, long, const T *, const T *, const T *, T *, long);          \
  void (*gemm_##SUFFIX)(                                                                          \
      int, int, long, long, long, T, const T *, long, const T *, long, int, T *, long);           \
  void (*gemv_##SUFFIX)(int, long, long, T, const T *, long, const T *, int, T *);                \
  void (*ger_##SUFFIX)(long, long, T, const T *, const T *, T *, long);                           \
  double (*dot_##SUFFIX)(long, const T *, const T *);                                             \
  double (*update_dot_##SUFFIX)(long, T, const T *, T *, const T *);                              \
  void (*multiply_##SUFFIX)(long, const T *, const T *, T *);                                     \
  void (*scale_##SUFFIX)(long, T, T *);                                                           \
  void (*add_##SUFFIX)(long, const T *, T *);                                                     \
  void (*fill_normal_##SUFFIX)(const lb_stream *, long, T, T, T *);                               \
  void (*fill_uniform_##SUFFIX)(const lb_stream *, long, T, T, T *);

typedef struct {
  const char *name;
  LB_KERNELS(float, f32)
  LB_KERNELS(double, f64)
  void (*compensated_product_f64)(
      long, long, long, const double *, const double *, const double *, double *, double *, long);
  double (*exponential)(double);
  double (*exponential_minus_one)(double);
  double (*logarithm)(double);
  double (*logarithm_one_plus)(double);
  double (*cube_root)(double);
  double (*power)(double, double);
} lb_table;

extern const lb_table lb_table_baseline;
#if defined(__x86_64__)
extern const lb_table lb_table_v3;
extern const lb_table lb_table_v4;
#endif

#endif
