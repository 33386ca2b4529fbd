// Loops over arrays that want the widest vector unit of the machine at hand.
//
// Everything else of Landbridge is Swift. These loops are C because clang compiles one source for
// several x86-64 levels without unsafe build flags; dispatch.c chooses among them at load time. All
// levels with fused multiply-add give the same bytes (docs/testing.md): no sum is cut by the length of
// a vector, and no function is libm's.
// All pointers refer to `n` elements unless said otherwise and must not overlap unless equal.
#ifndef LANDBRIDGE_CKERNELS_H
#define LANDBRIDGE_CKERNELS_H

#include <stdint.h>

typedef enum {
  LB_IDENTITY = 0,
  LB_TANH = 1,
  LB_SIGMOID = 2,
  LB_ERF = 3,       // erf(x / √2)
  LB_SOFTPLUS = 4,  // log(1 + exp x)
  LB_RELU = 5,
  LB_COS = 6,
  LB_RAMP = 7,  // low below from, high above to, linear between; parameters {low, high, from, to}
  LB_LEAKY_RELU = 8,  // parameters {slope}
  LB_HARD_TANH = 9,
  LB_SELU = 10,  // λx above 0, λα(e^x − 1) below; parameters {λ, λα}; {1, 1}: ELU
  LB_SILU = 11,  // x/(1 + e^−x)
  LB_GELU = 12,  // x Φ(x), Φ the normal distribution function
  LB_GELU_TANH = 13,  // x (1 + tanh(√(2/π)(x + 0.044715 x³)))/2
} lb_function;

// y = σ(x)
void lb_apply_f32(lb_function f, const double *parameters, long n, const float *x, float *y);
void lb_apply_f64(lb_function f, const double *parameters, long n, const double *x, double *y);

// y = σ(x), dy = σ′(x)
void lb_apply_derivative_f32(
    lb_function f, const double *parameters, long n, const float *x, float *y, float *dy);
void lb_apply_derivative_f64(
    lb_function f, const double *parameters, long n, const double *x, double *y, double *dy);

// z += Σ_l g[l] · c[l·stride …], l = 0 … rows−1
void lb_accumulate_rows_f32(
    long n, long rows, const float *g, const float *c, long stride, float *z);
void lb_accumulate_rows_f64(
    long n, long rows, const double *g, const double *c, long stride, double *z);

// The same for m rows of z at once: z[k] += Σ_l g[k·g_stride + l] · c[l]; the rows of c and of z lie
// `stride` apart.
void lb_accumulate_block_f32(
    long n, long m, long rows, const float *g, long g_stride, const float *c, long stride,
    float *z);
void lb_accumulate_block_f64(
    long n, long m, long rows, const double *g, long g_stride, const double *c, long stride,
    double *z);

// A few samples times many weights, which are read once and never copied, as gemm copies what it reads
// often.
//
// The samples are packed first, in panels of lb_panel_width: panel[j·width + k] = scale · row k [j],
// with zeros for rows from `count` on. Then z[k] = W x_k + bias for `count` samples k, with W of
// `outputs` × `depth`; the rows of z lie `z_stride` apart; no bias where it is null.
long lb_panel_width_f32(void);
void lb_pack_panel_f32(
    long count, long columns, float scale, const float *rows, long stride, float *panel);
void lb_affine_f32(
    long count, long outputs, long depth, const float *panels, const float *w, const float *bias,
    float *z, long z_stride);
long lb_panel_width_f64(void);
void lb_pack_panel_f64(
    long count, long columns, double scale, const double *rows, long stride, double *panel);
void lb_affine_f64(
    long count, long outputs, long depth, const double *panels, const double *w, const double *bias,
    double *z, long z_stride);

// The same in about twice the precision: z[k] = W (high + low)_k is sums[k] + corrections[k] up to
// 2γ² |W||high|, γ = γ_{depth+8}, where |low| ≤ 2⁻⁵³ |high|; `low` may be null. Panels as above.
void lb_compensated_product_f64(
    long count, long outputs, long depth, const double *high_panels, const double *low_panels,
    const double *w, double *sums, double *corrections, long stride);

// c = α op(a) op(b), plus c if `add`: op(a) of m × k, op(b) of k × n; rows lie lda, ldb and ldc apart.
// Depth in order, in blocks of 384: the same bytes on every level that has fused multiply-add.
void lb_gemm_f32(
    int transpose_a, int transpose_b, long m, long n, long k, float alpha, const float *a, long lda,
    const float *b, long ldb, int add, float *c, long ldc);
void lb_gemm_f64(
    int transpose_a, int transpose_b, long m, long n, long k, double alpha, const double *a,
    long lda, const double *b, long ldb, int add, double *c, long ldc);

// y = α op(a) x, plus y if `add`; a of m × n as it lies.
void lb_gemv_f32(
    int transpose, long m, long n, float alpha, const float *a, long lda, const float *x, int add,
    float *y);
void lb_gemv_f64(
    int transpose, long m, long n, double alpha, const double *a, long lda, const double *x,
    int add, double *y);

// a += α x yᵀ, a of m × n.
void lb_ger_f32(
    long m, long n, float alpha, const float *x, const float *y, float *a, long lda);
void lb_ger_f64(
    long m, long n, double alpha, const double *x, const double *y, double *a, long lda);

// Σ a·b. A fixed summation order: the same bytes on every call.
double lb_dot_f32(long n, const float *a, const float *b);
double lb_dot_f64(long n, const double *a, const double *b);

// a += s·p, then Σ a·h: one pass over three vectors.
double lb_update_dot_f32(long n, float s, const float *p, float *a, const float *h);
double lb_update_dot_f64(long n, double s, const double *p, double *a, const double *h);

// c = a ⊙ b
void lb_multiply_f32(long n, const float *a, const float *b, float *c);
void lb_multiply_f64(long n, const double *a, const double *b, double *c);

// a *= s
void lb_scale_f32(long n, float s, float *a);
void lb_scale_f64(long n, double s, double *a);

// b += a
void lb_add_f32(long n, const float *a, float *b);
void lb_add_f64(long n, const double *a, double *b);

// Numbers drawn by Philox4x32-10 with key `seed` and counters (block, item low, item high, tag).
typedef struct {
  uint64_t seed;
  uint64_t item;
  uint32_t tag;
} lb_stream;

// out = mean + scale · (standard normal); n ≤ 2³⁴ for float, 2³³ for double.
void lb_fill_normal_f32(const lb_stream *s, long n, float mean, float scale, float *out);
void lb_fill_normal_f64(const lb_stream *s, long n, double mean, double scale, double *out);

// out = lower + width · u, u uniform on the multiples of 2⁻²⁴ (float) or 2⁻⁵³ in [0, 1).
void lb_fill_uniform_f32(const lb_stream *s, long n, float lower, float width, float *out);
void lb_fill_uniform_f64(const lb_stream *s, long n, double lower, double width, double *out);

// Elementary functions, without libm: the same bytes on every level that has fused multiply-add.
double lb_exp(double x);
double lb_expm1(double x);
double lb_log(double x);
double lb_log1p(double x);
double lb_cbrt(double x);
double lb_pow(double x, double y);  // x > 0

// One turn of a loop that waits for another thread: first a pause, after many turns a yield.
void lb_relax(long spins);

// The level in use: "x86-64-v4", "x86-64-v3", "x86-64" or "arm64 NEON". The environment variable
// LANDBRIDGE_KERNELS asks for one by name; it is followed where the processor can run it.
const char *lb_level(void);

#endif
