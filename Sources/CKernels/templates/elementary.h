// Elementary functions of one double, included by table.h: the same operations on every level, no
// libm. Errors are below 1 ulp for e^x, log x and ∛x below 1.5 for
// log(1 + x) and below 4 for e^x − 1.

LB_INLINE double lb_horner(const double *c, int count, double x) {
  double p = x * c[0] + c[1];
#pragma clang loop unroll(full)
  for (int k = 2; k < count; k++) p = p * x + c[k];
  return p;
}
#define LB_POLYNOMIAL(c, x) lb_horner(c, (int)(sizeof(c) / sizeof(*c)), x)

LB_INLINE double lb_from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

LB_INLINE uint64_t lb_to_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

#define LB_LN2_HIGH 6.93147180369123816490e-01
#define LB_LN2_LOW 1.90821492927058770002e-10

static double lb_exponential(double x) {
  if (x != x) return x;
  if (x > 709.782712893384) return __builtin_inf();
  if (x < -745.2) return 0;
  double n = x * 1.4426950408889634074 + 0x1.8p52 - 0x1.8p52;
  double high = x - n * LB_LN2_HIGH, low = n * LB_LN2_LOW;
  double r = high - low, lost = (high - r) - low;
  double y = 1 + (r + (r * r * LB_POLYNOMIAL(exp_tail_f64, r) + lost));
  // In two factors, so that the smallest results and the largest are reached.
  int64_t k = (int64_t)n, half = k / 2;
  y *= lb_from_bits((uint64_t)(half + 1023) << 52);
  return y * lb_from_bits((uint64_t)(k - half + 1023) << 52);
}

static double lb_exponential_minus_one(double x) {
  if (x == 0) return x;
  if (x > -0.34 && x < 0.34) return x + x * x * LB_POLYNOMIAL(exp_tail_f64, x);
  return lb_exponential(x) - 1;
}

// FreeBSD's e_log.c: log(1 + f) = f − (f²/2 − s (f²/2 + R)), s = f/(2 + f).
static double lb_logarithm(double x) {
  if (x != x || x == __builtin_inf()) return x;
  if (x <= 0) return x == 0 ? -__builtin_inf() : __builtin_nan("");
  double k = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    k = -54;
  }
  uint64_t bits = lb_to_bits(x);
  int64_t exponent = (int64_t)(bits - 0x3fe6a09e00000000u) >> 52;
  k += (double)exponent;
  double f = lb_from_bits(bits - ((uint64_t)exponent << 52)) - 1;
  double s = f / (f + 2), z = s * s, w = z * z;
  double even = w * (w * (w * 1.531383769920937332e-01 + 2.222219843214978396e-01)
                     + 3.999999999940941908e-01);
  double odd = z * (w * (w * (w * 1.479819860510118591e-01 + 1.818357216161805012e-01)
                         + 2.857142874366239149e-01) + 6.666666666666735130e-01);
  double half = f * f * 0.5;
  return k * LB_LN2_HIGH - ((half - (s * (half + even + odd) + k * LB_LN2_LOW)) - f);
}

// What 1 + x loses to rounding is put back: log u + (1 + x − u)/u.
static double lb_logarithm_one_plus(double x) {
  if (x == __builtin_inf()) return x;
  if (x > -0x1p-54 && x < 0x1p-54) return x;
  double u = 1 + x;
  if (!(u > 0)) return lb_logarithm(u);
  double lost = x >= 1 ? 1 - (u - x) : x - (u - 1);
  return lb_logarithm(u) + lost / u;
}

static double lb_cube_root(double x) {
  double a = x < 0 ? -x : x;
  if (!(a > 0) || a == __builtin_inf()) return x;
  double scale = 1;
  if (a < 0x1p-900) {
    a *= 0x1p300;
    scale = 0x1p-100;
  }
  double y = lb_exponential(lb_logarithm(a) / 3);
  y -= (y * y * y - a) / (3 * y * y);
  y *= scale;
  return x < 0 ? -y : y;
}

// x^y for x > 0. The relative error is below (1 + |y log x|) 2⁻⁵².
static double lb_power(double x, double y) {
  if (y == 0 || x == 1) return 1;
  double logarithm = lb_logarithm(x), product = y * logarithm;
  if (!(product > -745.2 && product < 709.7)) return lb_exponential(product);
  double lost = y * logarithm - product;
  double value = lb_exponential(product);
  return value + value * lost;
}

// The first 1280 binary digits of 2/π.
static const uint64_t lb_two_over_pi[20] = {
    0xa2f9836e4e441529u, 0xfc2757d1f534ddc0u, 0xdb6295993c439041u, 0xfe5163abdebbc561u,
    0xb7246e3a424dd2e0u, 0x06492eea09d1921cu, 0xfe1deb1cb129a73eu, 0xe88235f52ebb4484u,
    0xe99c7026b45f7e41u, 0x3991d639835339f4u, 0x9c845f8bbdf9283bu, 0x1ff897ffde05980fu,
    0xef2f118b5a0a6d1fu, 0x6d367ecf27cb09b7u, 0x4f463f669e5fea2du, 0x7527bac7ebe5f17bu,
    0x3d0739f78a5292eau, 0x6bfb5fb11f8d5d08u, 0x56033046fc7b6babu, 0xf0cfbc209af4361du};

// x − (π/2) q for finite |x| ≥ 1, with q modulo 4 (Payne and Hanek 1983): the digits of 2/π whose
// product with x is below 4 begin at place e − 1, where x = m 2^e; 192 of them leave 64 that are right
// however near x is to a multiple of π/2.
static double lb_reduce_far(double x, int *quadrant) {
  uint64_t bits = lb_to_bits(x) & INT64_MAX;
  uint64_t m = (bits & 0xfffffffffffffu) | 0x10000000000000u;
  int e = (int)(bits >> 52) - 1075, first = e - 2;  // place of the window's first digit, from 0
  uint64_t window[3];
  for (int i = 0; i < 3; i++) {
    uint64_t digits = 0;
    int place = first + 64 * i, word = place >> 6, shift = place & 63;
    if (word >= 0) digits = lb_two_over_pi[word] << shift;
    if (shift && word + 1 >= 0) digits |= lb_two_over_pi[word + 1] >> (64 - shift);
    window[i] = digits;
  }
  unsigned __int128 low = (unsigned __int128)m * window[2];
  unsigned __int128 middle = (unsigned __int128)m * window[1] + (uint64_t)(low >> 64);
  uint64_t top = m * window[0] + (uint64_t)(middle >> 64);
  // Two digits before the point, and the fraction as a signed number.
  int q = (int)(top >> 62);
  uint64_t high = top << 2 | (uint64_t)middle >> 62, rest = (uint64_t)middle << 2 | (uint64_t)low >> 62;
  int negative = high >> 63;
  if (negative) {
    q++;
    rest = ~rest + 1;
    high = ~high + (rest == 0);
  }
  double scale = 0x1p-64;
  if (high == 0) {
    high = rest;
    rest = 0;
    scale = 0x1p-128;
  }
  int zeros = high ? __builtin_clzll(high) : 0;
  if (zeros) high = high << zeros | rest >> (64 - zeros);
  double r = (double)high * scale * lb_from_bits((uint64_t)(1023 - zeros) << 52)
      * 1.57079632679489661923;
  if ((lb_to_bits(x) >> 63) != 0) {
    q = -q;
    negative = !negative;
  }
  *quadrant = q & 3;
  return negative ? -r : r;
}

// cos x and −sin x beyond the reach of functions.h, and for ±∞.
static __attribute__((noinline, cold)) void lb_cosine_far(double x, double *y, double *dy) {
  if (!(x - x == 0)) {
    *y = *dy = x - x;
    return;
  }
  int q;
  double r = lb_reduce_far(x, &q), z = r * r;
  double sine = r + r * z * LB_POLYNOMIAL(sin_tail_f64, z);
  double cosine = 1 - (z * 0.5 - z * z * LB_POLYNOMIAL(cos_tail_f64, z));
  double c = q & 1 ? sine : cosine, s = q & 1 ? cosine : sine;
  *y = q == 1 || q == 2 ? -c : c;
  *dy = q == 2 || q == 3 ? s : -s;
}
