#include "CKernels.h"

#include <math.h>

#define CAT(a, b) a##b
#define DEFINE(T, S)                                                                            \
  void CAT(lb_apply_derivative_, S)(                                                            \
      lb_function f, const double *p, long n, const T *x, T *y, T *dy) {                        \
    for (long i = 0; i < n; i++) {                                                              \
      double v = x[i], r = 0, d = 0;                                                            \
      switch (f) {                                                                              \
        case LB_IDENTITY: r = v; d = 1; break;                                                  \
        case LB_TANH: r = tanh(v); d = 1 - r * r; break;                                        \
        case LB_SIGMOID: r = 1 / (1 + exp(-v)); d = r * (1 - r); break;                         \
        case LB_ERF: r = erf(v * 0.70710678118654752440); d = 0.79788456080286535588 * exp(-v * v / 2); break; \
        case LB_SOFTPLUS: r = fmax(v, 0) + log1p(exp(-fabs(v))); d = 1 / (1 + exp(-v)); break;  \
        case LB_RELU: r = v > 0 ? v : 0; d = v > 0; break;                                      \
        case LB_COS: r = cos(v); d = -sin(v); break;                                            \
        case LB_RAMP: {                                                                         \
          double slope = (p[1] - p[0]) / (p[3] - p[2]);                                         \
          r = v < p[2] ? p[0] : v > p[3] ? p[1] : p[0] + slope * (v - p[2]);                    \
          d = v < p[2] || v > p[3] ? 0 : slope;                                                 \
        }                                                                                       \
      }                                                                                         \
      y[i] = r;                                                                                 \
      if (dy) dy[i] = d;                                                                        \
    }                                                                                           \
  }                                                                                             \
  void CAT(lb_apply_, S)(lb_function f, const double *p, long n, const T *x, T *y) {            \
    CAT(lb_apply_derivative_, S)(f, p, n, x, y, 0);                                             \
  }                                                                                             \
  void CAT(lb_accumulate_rows_, S)(long n, long rows, const T *g, const T *c, long st, T *z) {  \
    for (long l = 0; l < rows; l++)                                                             \
      for (long i = 0; i < n; i++) z[i] += g[l] * c[l * st + i];                                \
  }                                                                                             \
  double CAT(lb_dot_, S)(long n, const T *a, const T *b) {                                      \
    double s = 0;                                                                               \
    for (long i = 0; i < n; i++) s += (double)a[i] * b[i];                                      \
    return s;                                                                                   \
  }                                                                                             \
  double CAT(lb_update_dot_, S)(long n, T s, const T *p, T *a, const T *h) {                    \
    double r = 0;                                                                               \
    for (long i = 0; i < n; i++) {                                                              \
      a[i] += s * p[i];                                                                         \
      r += (double)a[i] * h[i];                                                                 \
    }                                                                                           \
    return r;                                                                                   \
  }                                                                                             \
  void CAT(lb_multiply_, S)(long n, const T *a, const T *b, T *c) {                             \
    for (long i = 0; i < n; i++) c[i] = a[i] * b[i];                                            \
  }

DEFINE(float, f32)
DEFINE(double, f64)
