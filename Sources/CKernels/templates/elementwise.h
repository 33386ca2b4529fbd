// The loops of one element type; included for float and double on every instruction set.
// Defined by the includer: T, I (the signed integer of its size), SUFFIX and the constants of
// functions.h. LB_BYTES is the vector length; two registers long, so that one waits less.

#define LB_PASTE(a, b) a##_##b
#define LB_EXPAND(a, b) LB_PASTE(a, b)
#define F(name) LB_EXPAND(name, SUFFIX)
#define V F(vector)
#define VI F(integers)
#define LANES ((long)(LB_BYTES / sizeof(T)))

typedef T V __attribute__((vector_size(LB_BYTES)));
typedef I VI __attribute__((vector_size(LB_BYTES)));

#include "functions.h"

// y = σ(x); the last elements go through a padded vector, so that what an element becomes does not
// depend on where in the array it stands.
#define LB_MAP(function)                                                                          \
  do {                                                                                            \
    V v = {0}, r, d;                                                                              \
    long i = 0;                                                                                   \
    for (; i + LANES <= n; i += LANES) {                                                          \
      memcpy(&v, x + i, sizeof v);                                                                \
      function(c, v, &r, &d);                                                                     \
      memcpy(y + i, &r, sizeof r);                                                                \
      if (dy) memcpy(dy + i, &d, sizeof d);                                                       \
    }                                                                                             \
    if (i < n) {                                                                                  \
      size_t rest = (size_t)(n - i) * sizeof(T);                                                  \
      v = (V){0};                                                                                 \
      memcpy(&v, x + i, rest);                                                                    \
      function(c, v, &r, &d);                                                                     \
      memcpy(y + i, &r, rest);                                                                    \
      if (dy) memcpy(dy + i, &d, rest);                                                           \
    }                                                                                             \
    return;                                                                                       \
  } while (0)

LB_INLINE void F(map)(lb_function f, const double *p, long n, const T *x, T *y, T *dy) {
  T c[5] = {0};
  for (int k = 0; k < 4; k++) c[k] = (T)p[k];
  if (f == LB_RAMP) c[4] = (T)((p[1] - p[0]) / (p[3] - p[2]));
  switch (f) {
    case LB_IDENTITY: LB_MAP(F(identity));
    case LB_TANH: LB_MAP(F(tanh));
    case LB_SIGMOID: LB_MAP(F(sigmoid));
    case LB_ERF: LB_MAP(F(erf));
    case LB_SOFTPLUS: LB_MAP(F(softplus));
    case LB_RELU: LB_MAP(F(relu));
    case LB_COS: LB_MAP(F(cos));
    case LB_RAMP: LB_MAP(F(ramp));
    case LB_LEAKY_RELU: LB_MAP(F(leaky_relu));
    case LB_HARD_TANH: LB_MAP(F(hard_tanh));
    case LB_SELU: LB_MAP(F(selu));
    case LB_SILU: LB_MAP(F(silu));
    case LB_GELU: LB_MAP(F(gelu));
    case LB_GELU_TANH: LB_MAP(F(gelu_tanh));
  }
}

static void F(apply)(lb_function f, const double *p, long n, const T *x, T *y) {
  F(map)(f, p, n, x, y, 0);
}

static void F(apply_derivative)(
    lb_function f, const double *p, long n, const T *x, T *y, T *dy) {
  F(map)(f, p, n, x, y, dy);
}

static void F(multiply)(long n, const T *a, const T *b, T *c) {
  for (long i = 0; i < n; i++) c[i] = a[i] * b[i];
}

static void F(scale)(long n, T s, T *a) {
  for (long i = 0; i < n; i++) a[i] *= s;
}

static void F(add)(long n, const T *a, T *b) {
  for (long i = 0; i < n; i++) b[i] += a[i];
}

#include "sums.h"
#include "products.h"

#undef LB_MAP
#undef LB_HORNER
#undef NO_TAIL
#undef LANES
#undef VI
#undef V
#undef F
