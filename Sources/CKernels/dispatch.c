// Chooses the kernels once, at load time, and forwards to them.
//
// A table of function pointers rather than target_clones: the loader's choice among clones cannot
// be overridden, and the tests must run every level on one machine (LANDBRIDGE_KERNELS); nor does
// macOS on Intel resolve clones.
#include "levels.h"

#include <sched.h>
#include <stdlib.h>

static const lb_table *chosen = &lb_table_baseline;

#if defined(__x86_64__)
__attribute__((constructor)) static void choose(void) {
  __builtin_cpu_init();
  const lb_table *tables[] = {&lb_table_v4, &lb_table_v3, &lb_table_baseline};
  const int runs[] = {
      __builtin_cpu_supports("x86-64-v4") != 0, __builtin_cpu_supports("x86-64-v3") != 0, 1};
  const char *wanted = getenv("LANDBRIDGE_KERNELS");
  // A level that the processor lacks is passed over, as is a name that is not one.
  for (int pass = wanted ? 0 : 1; pass < 2; pass++) {
    for (int i = 0; i < 3; i++) {
      if (runs[i] && (pass == 1 || strcmp(wanted, tables[i]->name) == 0)) {
        chosen = tables[i];
        return;
      }
    }
  }
}
#endif

void lb_relax(long spins) {
  if (spins > 256) {
    sched_yield();
  } else {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
  }
}

const char *lb_level(void) { return chosen->name; }

#define LB_FORWARD(T, SUFFIX)                                                                     \
  void lb_apply_##SUFFIX(lb_function f, const double *p, long n, const T *x, T *y) {              \
    chosen->apply_##SUFFIX(f, p, n, x, y);                                                        \
  }                                                                                               \
  void lb_apply_derivative_##SUFFIX(                                                              \
      lb_function f, const double *p, long n, const T *x, T *y, T *dy) {                          \
    chosen->apply_derivative_##SUFFIX(f, p, n, x, y, dy);                                         \
  }                                                                                               \
  void lb_accumulate_rows_##SUFFIX(                                                               \
      long n, long rows, const T *g, const T *c, long stride, T *z) {                             \
    chosen->accumulate_rows_##SUFFIX(n, rows, g, c, stride, z);                                   \
  }                                                                                               \
  void lb_accumulate_block_##SUFFIX(                                                              \
      long n, long m, long rows, const T *g, long g_stride, const T *c, long stride, T *z) {      \
    chosen->accumulate_block_##SUFFIX(n, m, rows, g, g_stride, c, stride, z);                     \
  }                                                                                               \
  long lb_panel_width_##SUFFIX(void) { return chosen->panel_width_##SUFFIX(); }                   \
  void lb_pack_panel_##SUFFIX(                                                                    \
      long count, long columns, T scale, const T *rows, long stride, T *panel) {                  \
    chosen->pack_panel_##SUFFIX(count, columns, scale, rows, stride, panel);                      \
  }                                                                                               \
  void lb_affine_##SUFFIX(                                                                        \
      long count, long outputs, long depth, const T *panels, const T *w, const T *bias, T *z,     \
      long z_stride) {                                                                            \
    chosen->affine_##SUFFIX(count, outputs, depth, panels, w, bias, z, z_stride);                 \
  }                                                                                               \
  void lb_gemm_##SUFFIX(                                                                          \
      int transpose_a, int transpose_b, long m, long n, long k, T alpha, const T *a, long lda,    \
      const T *b, long ldb, int add, T *c, long ldc) {                                            \
    chosen->gemm_##SUFFIX(                                                                        \
        transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, add, c, ldc);                   \
  }                                                                                               \
  void lb_gemv_##SUFFIX(                                                                          \
      int transpose, long m, long n, T alpha, const T *a, long lda, const T *x, int add, T *y) {  \
    chosen->gemv_##SUFFIX(transpose, m, n, alpha, a, lda, x, add, y);                             \
  }                                                                                               \
  void lb_ger_##SUFFIX(                                                                           \
      long m, long n, T alpha, const T *x, const T *y, T *a, long lda) {                          \
    chosen->ger_##SUFFIX(m, n, alpha, x, y, a, lda);                                              \
  }                                                                                               \
  double lb_dot_##SUFFIX(long n, const T *a, const T *b) {                                        \
    return chosen->dot_##SUFFIX(n, a, b);                                                         \
  }                                                                                               \
  double lb_update_dot_##SUFFIX(long n, T s, const T *p, T *a, const T *h) {                      \
    return chosen->update_dot_##SUFFIX(n, s, p, a, h);                                            \
  }                                                                                               \
  void lb_multiply_##SUFFIX(long n, const T *a, const T *b, T *c) {                               \
    chosen->multiply_##SUFFIX(n, a, b, c);                                                        \
  }                                                                                               \
  void lb_scale_##SUFFIX(long n, T s, T *a) { chosen->scale_##SUFFIX(n, s, a); }                  \
  void lb_add_##SUFFIX(long n, const T *a, T *b) { chosen->add_##SUFFIX(n, a, b); }               \
  void lb_fill_normal_##SUFFIX(const lb_stream *s, long n, T mean, T scale, T *out) {             \
    chosen->fill_normal_##SUFFIX(s, n, mean, scale, out);                                         \
  }                                                                                               \
  void lb_fill_uniform_##SUFFIX(const lb_stream *s, long n, T lower, T width, T *out) {           \
    chosen->fill_uniform_##SUFFIX(s, n, lower, width, out);                                       \
  }

LB_FORWARD(float, f32)
LB_FORWARD(double, f64)

void lb_compensated_product_f64(
    long count, long outputs, long depth, const double *high, const double *low, const double *w,
    double *sums, double *corrections, long stride) {
  chosen->compensated_product_f64(
      count, outputs, depth, high, low, w, sums, corrections, stride);
}

double lb_exp(double x) { return chosen->exponential(x); }
double lb_expm1(double x) { return chosen->exponential_minus_one(x); }
double lb_log(double x) { return chosen->logarithm(x); }
double lb_log1p(double x) { return chosen->logarithm_one_plus(x); }
double lb_cbrt(double x) { return chosen->cube_root(x); }
double lb_pow(double x, double y) { return chosen->power(x, y); }
