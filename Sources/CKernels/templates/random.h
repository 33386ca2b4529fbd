// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, doi:10.1145/2063384.2063405) over eight blocks at
// a time, and Box–Muller on top. Included once per instruction set by baseline.c, x86_64_v3.c and x86_64_v4.c.
//
// The numbers are the same bits on every instruction set: the layout below is in groups of eight
// blocks whatever the vector width, contraction to fused multiply-adds is off, and nothing but
// +, −, ×, ÷ and √, which IEEE 754 rounds correctly, is used.
//
// Layout: word w of block 8g + j is number 32g + 8w + j. A double takes two words: 16g + 8p + j is
// made of words 2p and 2p + 1 of block 8g + j. Lanes then need no transposition.

#pragma STDC FP_CONTRACT OFF

typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef uint64_t u64x4 __attribute__((vector_size(32)));
typedef uint64_t u64x8 __attribute__((vector_size(64)));
typedef float f32x8 __attribute__((vector_size(32)));
typedef double f64x8 __attribute__((vector_size(64)));

typedef struct {
  u32x8 word[4];
} lb_group;

LB_INLINE void lb_multiply_wide(u32x8 x, uint32_t m, u32x8 *high, u32x8 *low) {
  u64x4 even = ((u64x4)x & 0xffffffffu) * m;
  u64x4 odd = ((u64x4)x >> 32) * m;
  *low = (u32x8)((even & 0xffffffffu) | (odd << 32));
  *high = (u32x8)((even >> 32) | (odd & 0xffffffff00000000u));
}

LB_INLINE lb_group lb_philox(const lb_stream *s, uint32_t first) {
  const u32x8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  const u32x8 zero = {0};
  u32x8 c0 = lanes + first;
  u32x8 c1 = zero + (uint32_t)s->item, c2 = zero + (uint32_t)(s->item >> 32), c3 = zero + s->tag;
  uint32_t k0 = (uint32_t)s->seed, k1 = (uint32_t)(s->seed >> 32);
  for (int round = 0; round < 10; round++) {
    u32x8 h0, l0, h1, l1;
    lb_multiply_wide(c0, 0xD2511F53u, &h0, &l0);
    lb_multiply_wide(c2, 0xCD9E8D57u, &h1, &l1);
    c0 = h1 ^ c1 ^ k0;
    c1 = l1;
    c2 = h0 ^ c3 ^ k1;
    c3 = l0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (lb_group){{c0, c1, c2, c3}};
}

LB_INLINE f32x8 lb_select_f32x8(i32x8 mask, f32x8 a, f32x8 b) {
  return (f32x8)((mask & (i32x8)a) | (~mask & (i32x8)b));
}

LB_INLINE f64x8 lb_select_f64x8(u64x8 mask, f64x8 a, f64x8 b) {
  return (f64x8)((mask & (u64x8)a) | (~mask & (u64x8)b));
}

// log u for u in [2⁻²⁴, 1]; Cephes' logf.
LB_INLINE f32x8 lb_log_f32x8(f32x8 u) {
  i32x8 bits = (i32x8)u;
  i32x8 exponent = (bits - 0x3f3504f3) >> 23;
  f32x8 e = __builtin_convertvector(exponent, f32x8);
  f32x8 x = (f32x8)(bits - (exponent << 23)) - 1.0f;
  f32x8 z = x * x;
  f32x8 p = x * 7.0376836292e-2f - 1.1514610310e-1f;
  p = p * x + 1.1676998740e-1f;
  p = p * x - 1.2420140846e-1f;
  p = p * x + 1.4249322787e-1f;
  p = p * x - 1.6668057665e-1f;
  p = p * x + 2.0000714765e-1f;
  p = p * x - 2.4999993993e-1f;
  p = p * x + 3.3333331174e-1f;
  f32x8 y = x * z * p - e * 2.12194440e-4f - z * 0.5f;
  return x + y + e * 0.693359375f;
}

// log u for u in [2⁻⁵³, 1]; FreeBSD's e_log.c.
LB_INLINE f64x8 lb_log_f64x8(f64x8 u) {
  u64x8 bits = (u64x8)u;
  // Shifted by 1024 to stay positive: there is no signed 64-bit shift or conversion below AVX-512.
  u64x8 exponent = (bits - 0x3fe6a09e00000000u + 0x4000000000000000u) >> 52;
  f64x8 k = (f64x8)(exponent | 0x4330000000000000u) - (0x1p52 + 1024);
  f64x8 f = (f64x8)(bits - ((exponent - 1024) << 52)) - 1.0;
  f64x8 s = f / (f + 2.0), z = s * s, w = z * z;
  f64x8 even = w * (w * (w * 1.531383769920937332e-01 + 2.222219843214978396e-01)
                    + 3.999999999940941908e-01);
  f64x8 odd = z * (w * (w * (w * 1.479819860511658591e-01 + 1.818357216161805012e-01)
                        + 2.857142874366239149e-01) + 6.666666666666735130e-01);
  f64x8 half = f * f * 0.5;
  return k * 6.93147180369123816490e-01
      - ((half - (s * (half + even + odd) + k * 1.90821492927058770002e-10)) - f);
}

// (cos 2πt, sin 2πt) for t = k/2²⁴, k < 2²⁴: the reduction to ±π/4 is exact in integers.
LB_INLINE void lb_circle_f32x8(i32x8 k, f32x8 *cosine, f32x8 *sine) {
  i32x8 quadrant = (k + (1 << 21)) >> 22;
  f32x8 x = __builtin_convertvector(k - (quadrant << 22), f32x8) * 0x1.921fb6p-22f;
  f32x8 z = x * x;
  f32x8 s = (z * -1.9515295891e-4f + 8.3321608736e-3f) * z - 1.6666654611e-1f;
  s = s * z * x + x;
  f32x8 c = (z * 2.443315711809948e-5f - 1.388731625493765e-3f) * z + 4.166664568298827e-2f;
  c = c * z * z - z * 0.5f + 1.0f;
  i32x8 swap = -(quadrant & 1);
  i32x8 sine_sign = (quadrant & 2) << 30, cosine_sign = ((quadrant + 1) & 2) << 30;
  *cosine = (f32x8)((i32x8)lb_select_f32x8(swap, s, c) ^ cosine_sign);
  *sine = (f32x8)((i32x8)lb_select_f32x8(swap, c, s) ^ sine_sign);
}

// (cos 2πt, sin 2πt) for t in [0, 1); kernels of FreeBSD's k_sin.c and k_cos.c.
LB_INLINE void lb_circle_f64x8(f64x8 t, f64x8 *cosine, f64x8 *sine) {
  f64x8 shifted = t * 4.0 + 0x1p52;  // the low bits of the sum are the nearest quadrant
  u64x8 quadrant = (u64x8)shifted;
  f64x8 x = (t * 4.0 - (shifted - 0x1p52)) * 1.57079632679489661923;
  f64x8 z = x * x;
  f64x8 s = z * 1.58969099521155010221e-10 - 2.50507602534068634195e-08;
  s = s * z + 2.75573137070700676789e-06;
  s = s * z - 1.98412698298579493134e-04;
  s = s * z + 8.33333333332248946124e-03;
  s = s * z - 1.66666666666666324348e-01;
  s = s * z * x + x;
  f64x8 c = z * -1.13596475577881948265e-11 + 2.08757232129817482790e-09;
  c = c * z - 2.75573143513906633035e-07;
  c = c * z + 2.48015872894767294178e-05;
  c = c * z - 1.38888888888741095749e-03;
  c = c * z + 4.16666666666666019037e-02;
  c = 1.0 - (z * 0.5 - z * z * c);
  u64x8 swap = -(quadrant & 1);
  u64x8 sine_sign = (quadrant & 2) << 62, cosine_sign = ((quadrant + 1) & 2) << 62;
  *cosine = (f64x8)((u64x8)lb_select_f64x8(swap, s, c) ^ cosine_sign);
  *sine = (f64x8)((u64x8)lb_select_f64x8(swap, c, s) ^ sine_sign);
}

LB_INLINE void lb_normal_pair_f32(u32x8 a, u32x8 b, f32x8 *first, f32x8 *second) {
  // (0, 1] for the logarithm: 0 must not occur.
  f32x8 u = __builtin_convertvector((i32x8)(a >> 8) + 1, f32x8) * 0x1p-24f;
  f32x8 radius = __builtin_elementwise_sqrt(lb_log_f32x8(u) * -2.0f);
  lb_circle_f32x8((i32x8)(b >> 8), first, second);
  *first *= radius;
  *second *= radius;
}

LB_INLINE f64x8 lb_uniform_f64x8(u32x8 a, u32x8 b) {
  f64x8 high = __builtin_convertvector((i32x8)(a >> 5), f64x8);
  f64x8 low = __builtin_convertvector((i32x8)(b >> 6), f64x8);
  return (high * 0x1p26 + low) * 0x1p-53;
}

LB_INLINE void lb_group_normal_f32(const lb_group *g, f32x8 out[4]) {
  lb_normal_pair_f32(g->word[0], g->word[1], &out[0], &out[1]);
  lb_normal_pair_f32(g->word[2], g->word[3], &out[2], &out[3]);
}

LB_INLINE void lb_group_uniform_f32(const lb_group *g, f32x8 out[4]) {
  for (int w = 0; w < 4; w++)
    out[w] = __builtin_convertvector((i32x8)(g->word[w] >> 8), f32x8) * 0x1p-24f;
}

LB_INLINE void lb_group_normal_f64(const lb_group *g, f64x8 out[2]) {
  f64x8 u = lb_uniform_f64x8(g->word[0], g->word[1]) + 0x1p-53;
  f64x8 radius = __builtin_elementwise_sqrt(lb_log_f64x8(u) * -2.0);
  lb_circle_f64x8(lb_uniform_f64x8(g->word[2], g->word[3]), &out[0], &out[1]);
  out[0] *= radius;
  out[1] *= radius;
}

LB_INLINE void lb_group_uniform_f64(const lb_group *g, f64x8 out[2]) {
  out[0] = lb_uniform_f64x8(g->word[0], g->word[1]);
  out[1] = lb_uniform_f64x8(g->word[2], g->word[3]);
}

// out = shift + scale · draw; vectors of V, `per` numbers to a group.
#define LB_DEFINE_FILL(NAME, DRAW, T, V, PER)                                                     \
  static void NAME(const lb_stream *s, long n, T shift, T scale, T *out) {                        \
    V draws[PER / 8];                                                                             \
    uint32_t block = 0;                                                                           \
    for (long i = 0; i < n; i += PER, block += 8) {                                               \
      lb_group g = lb_philox(s, block);                                                           \
      DRAW(&g, draws);                                                                            \
      for (int w = 0; w < PER / 8; w++) draws[w] = draws[w] * scale + shift;                      \
      if (n - i >= PER)                                                                           \
        memcpy(out + i, draws, PER * sizeof(T));                                                  \
      else                                                                                        \
        memcpy(out + i, draws, (size_t)(n - i) * sizeof(T));                                      \
    }                                                                                             \
  }

LB_DEFINE_FILL(fill_normal_f32, lb_group_normal_f32, float, f32x8, 32)
LB_DEFINE_FILL(fill_uniform_f32, lb_group_uniform_f32, float, f32x8, 32)
LB_DEFINE_FILL(fill_normal_f64, lb_group_normal_f64, double, f64x8, 16)
LB_DEFINE_FILL(fill_uniform_f64, lb_group_uniform_f64, double, f64x8, 16)

#undef LB_DEFINE_FILL
#pragma STDC FP_CONTRACT ON
