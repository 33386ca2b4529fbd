// Products in twice the working precision (Ogita, Rump and Oishi 2005, Dot2), for double alone;
// included by table.h after elementwise.h.
//
// What a product and a sum lose to rounding is computed exactly and added up beside the sum. No
// statement here may be reassociated: the file relies on IEEE arithmetic, as all of Landbridge does.

// a·b − p with p = a·b rounded: exact unless it underflows.
LB_INLINE vector_f64 product_error(vector_f64 a, vector_f64 b, vector_f64 p) {
#if LB_BYTES >= 64 || defined(__aarch64__)
  return __builtin_elementwise_fma(a, b, -p);
#else
  // Dekker's splitting; a processor without fused multiply-add cannot contract it.
  vector_f64 ca = a * 134217729.0, cb = b * 134217729.0;
  vector_f64 ah = ca - (ca - a), bh = cb - (cb - b);
  vector_f64 al = a - ah, bl = b - bh;
  return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
#endif
}

#define LB_LANES ((long)(LB_BYTES / sizeof(double)))

// `tile` rows of weights with one packed vector of samples.
LB_INLINE void compensated_tile(
    long tile, long rows, long depth, const double *high, const double *low, const double *w,
    double *sums, double *corrections, long stride) {
  vector_f64 sum[2] = {{0}, {0}}, correction[2] = {{0}, {0}};
  for (long j = 0; j < depth; j++) {
    vector_f64 h, l = {0};
    memcpy(&h, high + j * LB_LANES, sizeof h);
    if (low) memcpy(&l, low + j * LB_LANES, sizeof l);
#pragma clang loop unroll(full)
    for (long r = 0; r < tile; r++) {
      vector_f64 factor = (vector_f64){0} + w[r * depth + j];
      vector_f64 product = h * factor;
      vector_f64 lost = product_error(h, factor, product);
      vector_f64 next = sum[r] + product;
      vector_f64 added = next - sum[r];
      vector_f64 kept = next - added;
      vector_f64 lost_of_sum = (sum[r] - kept) + (product - added);
      sum[r] = next;
      lost += lost_of_sum;
      if (low) lost += l * factor;
      correction[r] += lost;
    }
  }
  for (long r = 0; r < tile; r++) {
    for (long k = 0; k < rows; k++) {
      sums[k * stride + r] = sum[r][k];
      corrections[k * stride + r] = correction[r][k];
    }
  }
}

static void compensated_product_f64(
    long count, long outputs, long depth, const double *high, const double *low, const double *w,
    double *sums, double *corrections, long stride) {
  for (long k = 0; k < count; k += LB_LANES) {
    long rows = count - k < LB_LANES ? count - k : LB_LANES;
    const double *h = high + k * depth, *l = low ? low + k * depth : 0;
    for (long i = 0; i < outputs; i += 2) {
      double *s = sums + k * stride + i, *c = corrections + k * stride + i;
      if (i + 1 < outputs) {
        if (l) compensated_tile(2, rows, depth, h, l, w + i * depth, s, c, stride);
        else compensated_tile(2, rows, depth, h, 0, w + i * depth, s, c, stride);
      } else {
        compensated_tile(1, rows, depth, h, l, w + i * depth, s, c, stride);
      }
    }
  }
}
#undef LB_LANES
