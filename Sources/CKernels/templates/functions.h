// Activations on whole vectors, for T = float or double; included once for each by elementwise.h.
//
// `y` is σ(x), `dy` is σ′(x); where the caller drops `dy` the compiler drops its computation. NaN
// comes out as NaN, so comparisons are written to be false for it. Values of magnitude below
// e^LOWEST become 0. Constants T has: see elementwise.h.

LB_INLINE V F(select)(VI mask, V a, V b) { return (V)((mask & (VI)a) | (~mask & (VI)b)); }

LB_INLINE V F(constant)(T c) { return (V){0} + c; }

LB_INLINE V F(absolute)(V x) { return (V)((VI)x & ~SIGN); }

LB_INLINE V F(with_sign)(V magnitude, V sign) {
  return (V)((VI)magnitude | ((VI)sign & SIGN));
}

#define LB_HORNER(c, x) F(horner)(c, sizeof(c) / sizeof(*c), x)
LB_INLINE V F(horner)(const T *c, size_t count, V x) {
  V p = x * c[0] + c[1];
#pragma clang loop unroll(full)
  for (size_t k = 2; k < count; k++) p = p * x + c[k];
  return p;
}

// e^(t + tail) and e^(t + tail) − 1, each with small relative error; t ≤ 0, |tail| ≪ 1.
LB_INLINE void F(exponential)(V t, V tail, V *e, V *less_one) {
  VI vanishes = (VI)(t < LOWEST);
  t = F(select)(vanishes, F(constant)(LOWEST), t);
  // The sum's low bits are the nearest integer to t·log₂e plus the exponent bias.
  V shifted = t * LOG2_E + (ROUND + BIAS);
  V n = shifted - (ROUND + BIAS);
  V r = t - n * LN2_HIGH - n * LN2_LOW + tail;
  V p = r * r * LB_HORNER(F(exp_tail), r) + r;
  V scale = (V)((VI)shifted << MANTISSA);
  *e = F(select)(vanishes, F(constant)(0), scale * p + scale);
  *less_one = scale * p + (scale - 1);
}

// −0 rather than 0: the compiler may then leave the addition out.
#define NO_TAIL (-F(constant)(0))

LB_INLINE void F(identity)(const T *parameters, V x, V *y, V *dy) {
  *y = x;
  *dy = F(constant)(1);
}

// With e = exp(−2|x|): |tanh x| = (1 − e)/(1 + e), tanh′ x = 4e/(1 + e)².
LB_INLINE void F(tanh)(const T *parameters, V x, V *y, V *dy) {
  V e, less_one;
  F(exponential)(F(absolute)(x) * -2, NO_TAIL, &e, &less_one);
  V inverse = 1 / (less_one + 2);
  *y = F(with_sign)(F(absolute)(less_one * inverse), x);
  *dy = 4 * e * inverse * inverse;
}

// With e = exp(−|x|): 1/(1 + e) or e/(1 + e); σ′ = e/(1 + e)².
LB_INLINE void F(sigmoid)(const T *parameters, V x, V *y, V *dy) {
  V e, less_one;
  F(exponential)(-F(absolute)(x), NO_TAIL, &e, &less_one);
  V inverse = 1 / (1 + e);
  *y = F(select)((VI)(x < 0), e * inverse, inverse);
  *dy = e * inverse * inverse;
}

// max(x, 0) + log(1 + e), e = exp(−|x|), as 2·artanh(s) with s = e/(2 + e) ≤ 1/3.
LB_INLINE void F(softplus)(const T *parameters, V x, V *y, V *dy) {
  V e, less_one;
  F(exponential)(-F(absolute)(x), NO_TAIL, &e, &less_one);
  V s = e / (e + 2), z = s * s;
  V logarithm = 2 * s + 2 * s * z * LB_HORNER(F(atanh_tail), z);
  *y = logarithm + F(select)((VI)(x < 0), F(constant)(0), x);
  V inverse = 1 / (1 + e);
  *dy = F(select)((VI)(x < 0), e * inverse, inverse);
}

// erf(x/√2): an odd polynomial up to 1.5, then 1 − exp(−x²/2)·erfcx.
LB_INLINE void F(erf)(const T *parameters, V x, V *y, V *dy) {
  V a = F(absolute)(x);
  a = F(select)((VI)(a > ERF_FAR), F(constant)(ERF_FAR), a);
  // a² in two parts, the first exact: half an ulp of a large exponent is many of its exponential.
  V head = (V)((VI)a & SPLIT);
  V e, less_one;
  F(exponential)(head * head * (T)-0.5, (a - head) * (a + head) * (T)-0.5, &e, &less_one);
  V z = a * a;
  V near = a * (T)SQRT_2_PI + a * z * LB_HORNER(F(erf_tail), z);
  V b = F(select)((VI)(a > ERFCX_FAR), F(constant)(ERFCX_FAR), a);
  V far = 1 - e * LB_HORNER(F(erfcx), (b - 4) / (b + 4));
  *y = F(with_sign)(F(select)((VI)(a < (T)1.5), near, far), x);
  *dy = e * (T)SQRT_2_PI;
}

LB_INLINE void F(relu)(const T *parameters, V x, V *y, V *dy) {
  *y = F(select)((VI)(x <= 0), F(constant)(0), x);
  *dy = F(select)((VI)(x > 0), F(constant)(1), *y * 0);
}

// Cody and Waite: x − n·π/2 with π/2 in parts whose products with n are exact.
LB_INLINE void F(cos)(const T *parameters, V x, V *y, V *dy) {
  VI is_far = (VI)(F(absolute)(x) > COS_FAR);
  V shifted = x * (T)TWO_OVER_PI + ROUND;
  VI quadrant = (VI)shifted;
  V n = shifted - ROUND;
  V r = x - n * HALF_PI_1 - n * HALF_PI_2 - n * HALF_PI_3 - n * HALF_PI_4;
  V z = r * r;
  V sine = r * z * LB_HORNER(F(sin_tail), z) + r;
  V cosine = 1 - (z * (T)0.5 - z * z * LB_HORNER(F(cos_tail), z));
  VI odd = -(quadrant & 1);
  VI y_sign = ((quadrant + 1) & 2) << (SIGN_BIT - 1);
  VI dy_sign = (~quadrant & 2) << (SIGN_BIT - 1);
  *y = (V)((VI)F(select)(odd, sine, cosine) ^ y_sign);
  *dy = (V)((VI)F(select)(odd, cosine, sine) ^ dy_sign);
  if (__builtin_expect(__builtin_reduce_or(is_far) != 0, 0)) {
    V xs = x, ys = *y, dys = *dy;
    for (int i = 0; i < LANES; i++) {
      if ((xs[i] < 0 ? -xs[i] : xs[i]) <= COS_FAR) continue;
      double far_y, far_dy;
      lb_cosine_far(xs[i], &far_y, &far_dy);
      ys[i] = (T)far_y;
      dys[i] = (T)far_dy;
    }
    *y = ys;
    *dy = dys;
  }
}

// Parameters {low, high, from, to, slope}.
LB_INLINE void F(ramp)(const T *parameters, V x, V *y, V *dy) {
  V low = F(constant)(parameters[0]), high = F(constant)(parameters[1]);
  VI below = (VI)(x < parameters[2]), above = (VI)(x > parameters[3]);
  V slope = F(constant)(parameters[4]);
  V inside = low + slope * (x - parameters[2]);
  *y = F(select)(below, low, F(select)(above, high, inside));
  *dy = F(select)(below | above, F(constant)(0), F(select)((VI)(x == x), slope, x));
}

// Parameters {slope}: below 0; both at 0, as everywhere, is the side below.
LB_INLINE void F(leaky_relu)(const T *parameters, V x, V *y, V *dy) {
  V slope = F(constant)(parameters[0]);
  VI above = (VI)(x > 0);
  *y = F(select)(above, x, slope * x);
  *dy = F(select)(above, F(constant)(1), F(select)((VI)(x <= 0), slope, x));
}

LB_INLINE void F(hard_tanh)(const T *parameters, V x, V *y, V *dy) {
  V a = F(absolute)(x);
  VI outside = (VI)(a >= 1);
  *y = F(select)(outside, F(with_sign)(F(constant)(1), x), x);
  *dy = F(select)(outside, F(constant)(0), F(select)((VI)(a < 1), F(constant)(1), x));
}

// Parameters {λ, λα}: λx above 0, λα(e^x − 1) below. One too: ELU.
LB_INLINE void F(selu)(const T *parameters, V x, V *y, V *dy) {
  V e, less_one;
  F(exponential)(F(select)((VI)(x > 0), F(constant)(0), x), NO_TAIL, &e, &less_one);
  VI above = (VI)(x > 0);
  V below = F(with_sign)(F(absolute)(parameters[1] * less_one), x);
  *y = F(select)(above, parameters[0] * x, below);
  *dy = F(select)(above, F(constant)(parameters[0]), parameters[1] * e);
}

// x s with s = 1/(1 + e^−v) and v = x·slope: s is e/(1 + e) for x < 0, e = exp(−|v|), and x is cut
// off where e is 0, so that −∞ gives 0. σ′ = s + x s(1 − s) v′.
LB_INLINE void F(gated)(V x, V far, V exponent, V v_slope, V *y, V *dy) {
  VI negative = (VI)(x < 0);
  V e, less_one;
  F(exponential)(exponent, NO_TAIL, &e, &less_one);
  V inverse = 1 / (1 + e);
  V s = F(select)(negative, e * inverse, inverse);
  *y = s * F(select)(negative, far, x);
  *dy = s + far * (e * inverse * inverse) * v_slope;
}

// x with its magnitude at most `limit`.
LB_INLINE V F(clamped)(V x, T limit) {
  return F(select)((VI)(F(absolute)(x) > limit), F(with_sign)(F(constant)(limit), x), x);
}

LB_INLINE void F(silu)(const T *parameters, V x, V *y, V *dy) {
  V far = F(clamped)(x, 1 - LOWEST);
  F(gated)(x, far, -F(absolute)(far), F(constant)(1), y, dy);
}

// v = 2√(2/π) (x + 0.044715 x³)
LB_INLINE void F(gelu_tanh)(const T *parameters, V x, V *y, V *dy) {
  V far = F(clamped)(x, ERF_FAR), z = far * far;
  V slope = (T)1.59576912160573071176 + z * (T)0.07135481627260024878;
  V v_slope = (T)1.59576912160573071176 + z * (T)0.21406444881780074633;
  F(gated)(x, far, -F(absolute)(far * slope), v_slope, y, dy);
}

// x Φ(x). Near 0 Φ = (1 + erf)/2 as above; from 0.7 on Φ(−a) is e^{−a²/2} times a polynomial in
// (a − c)/(a + c), over a + c, so that the tail has all its digits.
LB_INLINE void F(gelu)(const T *parameters, V x, V *y, V *dy) {
  V far = F(clamped)(x, ERF_FAR), a = F(absolute)(far);
  VI negative = (VI)(x < 0);
  V head = (V)((VI)a & SPLIT);
  V e, less_one;
  F(exponential)(head * head * (T)-0.5, (a - head) * (a + head) * (T)-0.5, &e, &less_one);
  V inverse = 1 / (a + GAUSS_CENTRE);
  V tail = e * (LB_HORNER(F(gauss), (a - GAUSS_CENTRE) * inverse) * inverse);
  V z = far * far;
  V near = far * (T)INVERSE_SQRT_2_PI + far * z * ((T)0.5 * LB_HORNER(F(erf_tail), z)) + (T)0.5;
  V phi = F(select)((VI)(a < (T)0.7), near, F(select)(negative, tail, 1 - tail));
  *y = phi * F(select)(negative, far, x);
  *dy = phi + far * e * (T)INVERSE_SQRT_2_PI;
}
