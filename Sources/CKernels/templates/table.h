// Every kernel for one instruction set. The including file names the table, sets the target and
// says how many bytes make a vector.
#include "polynomials.h"
#include "random.h"
#include "elementary.h"

typedef double lb_f64x8 __attribute__((vector_size(64)));
typedef double lb_f64x32 __attribute__((vector_size(256)));

#define TWO_OVER_PI 0.63661977236758134308
#define SQRT_2_PI 0.79788456080286535588
#define INVERSE_SQRT_2_PI 0.39894228040143267794

#define T float
#define I int32_t
#define SUFFIX f32
#define MANTISSA 23
#define SIGN_BIT 31
#define SIGN INT32_MIN
#define SPLIT ~0xfff
#define ROUND 0x1.8p23f
#define BIAS 127
#define LOWEST -87.0f
#define LOG2_E 1.44269504f
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f
#define ERF_FAR 15.0f
#define ERFCX_FAR 5.7f
#define GAUSS_CENTRE 4
#define COS_FAR 8192.0f
#define HALF_PI_1 0x1.92p+0f
#define HALF_PI_2 0x1.fb4p-12f
#define HALF_PI_3 0x1.444p-24f
#define HALF_PI_4 0x1.68c234p-39f
#include "elementwise.h"
#include "undefine.h"

#define T double
#define I int64_t
#define SUFFIX f64
#define MANTISSA 52
#define SIGN_BIT 63
#define SIGN INT64_MIN
#define SPLIT ~0x7ffffffll
#define ROUND 0x1.8p52
#define BIAS 1023
#define LOWEST -708.0
#define LOG2_E 1.4426950408889634074
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10
#define ERF_FAR 40.0
#define ERFCX_FAR 8.4
#define GAUSS_CENTRE 7
#define COS_FAR 1e6
#define HALF_PI_1 1.57079632673412561417e+00
#define HALF_PI_2 6.07710050630396597660e-11
#define HALF_PI_3 2.02226624871116645580e-21
#define HALF_PI_4 8.47842766036889956997e-32
#include "elementwise.h"
#include "compensated.h"

#define LB_ENTRIES(SUFFIX)                                       \
  .apply_##SUFFIX = apply_##SUFFIX,                              \
  .apply_derivative_##SUFFIX = apply_derivative_##SUFFIX,        \
  .accumulate_rows_##SUFFIX = accumulate_rows_##SUFFIX,          \
  .accumulate_block_##SUFFIX = accumulate_block_##SUFFIX,        \
  .panel_width_##SUFFIX = panel_width_##SUFFIX,                  \
  .pack_panel_##SUFFIX = pack_panel_##SUFFIX,                    \
  .affine_##SUFFIX = affine_##SUFFIX,                            \
  .gemm_##SUFFIX = gemm_##SUFFIX,                                \
  .gemv_##SUFFIX = gemv_##SUFFIX,                                \
  .ger_##SUFFIX = ger_##SUFFIX,                                  \
  .dot_##SUFFIX = dot_##SUFFIX,                                  \
  .update_dot_##SUFFIX = update_dot_##SUFFIX,                    \
  .multiply_##SUFFIX = multiply_##SUFFIX,                        \
  .scale_##SUFFIX = scale_##SUFFIX,                              \
  .add_##SUFFIX = add_##SUFFIX,                                  \
  .fill_normal_##SUFFIX = fill_normal_##SUFFIX,                  \
  .fill_uniform_##SUFFIX = fill_uniform_##SUFFIX

const lb_table LB_TABLE = {.name = LB_NAME, LB_ENTRIES(f32), LB_ENTRIES(f64),
    .compensated_product_f64 = compensated_product_f64,
    .exponential = lb_exponential,
    .exponential_minus_one = lb_exponential_minus_one,
    .logarithm = lb_logarithm,
    .logarithm_one_plus = lb_logarithm_one_plus,
    .cube_root = lb_cube_root,
    .power = lb_power};
