// Sums over arrays of T, in an order fixed by the lengths; included by elementwise.h.

// Columns of z that stay in registers while all rows pass by: z is read and written once, and four
// vectors of two registers each hide the latency of the multiply-add.
LB_INLINE void F(accumulate_columns)(
    long columns, long rows, const T *g, const T *c, long stride, T *z) {
  V sum[4];
  memcpy(sum, z, (size_t)columns * sizeof(V));
  for (long l = 0; l < rows; l++) {
    const T *row = c + l * stride;
#pragma clang loop unroll(full)
    for (long k = 0; k < columns; k++) {
      V v;
      memcpy(&v, row + k * LANES, sizeof v);
      sum[k] += v * g[l];
    }
  }
  memcpy(z, sum, (size_t)columns * sizeof(V));
}

static void F(accumulate_rows)(
    long n, long rows, const T *g, const T *c, long stride, T *z) {
  long i = 0;
  for (; i + 4 * LANES <= n; i += 4 * LANES) F(accumulate_columns)(4, rows, g, c + i, stride, z + i);
  for (; i + LANES <= n; i += LANES) F(accumulate_columns)(1, rows, g, c + i, stride, z + i);
  for (; i < n; i++) {
    T sum = z[i];
    for (long l = 0; l < rows; l++) sum += c[l * stride + i] * g[l];
    z[i] = sum;
  }
}

// A tile of rows of z, one vector wide, stays in registers while all rows of c pass by: each vector
// of c is loaded once per tile.
#if LB_BYTES == 128
#define LB_TILE 8
#else
#define LB_TILE 4
#endif

LB_INLINE void F(accumulate_tile)(
    long tile, long rows, const T *g, long g_stride, const T *c, long stride, T *z) {
  V sum[LB_TILE];
#pragma clang loop unroll(full)
  for (long k = 0; k < tile; k++) memcpy(&sum[k], z + k * stride, sizeof(V));
  for (long l = 0; l < rows; l++) {
    V v;
    memcpy(&v, c + l * stride, sizeof v);
#pragma clang loop unroll(full)
    for (long k = 0; k < tile; k++) sum[k] += v * g[k * g_stride + l];
  }
#pragma clang loop unroll(full)
  for (long k = 0; k < tile; k++) memcpy(z + k * stride, &sum[k], sizeof(V));
}

static void F(accumulate_block)(
    long n, long m, long rows, const T *g, long g_stride, const T *c, long stride, T *z) {
  long whole = n - n % LANES, i, k;
  for (i = 0; i < whole; i += LANES) {
    for (k = 0; k + LB_TILE <= m; k += LB_TILE)
      F(accumulate_tile)(LB_TILE, rows, g + k * g_stride, g_stride, c + i, stride, z + k * stride + i);
    for (; k < m; k++)
      F(accumulate_tile)(1, rows, g + k * g_stride, g_stride, c + i, stride, z + k * stride + i);
  }
  for (k = 0; k < m && whole < n; k++)
    F(accumulate_rows)(n - whole, rows, g + k * g_stride, c + whole, stride, z + k * stride + whole);
}
#undef LB_TILE

// Thirty-two partial sums whatever the vector length, kept in T over BLOCK elements and in double
// beyond: a long sum of floats loses no more than a short one.
typedef T F(partial) __attribute__((vector_size(32 * sizeof(T))));
enum { F(BLOCK) = 1024 };

LB_INLINE double F(total)(lb_f64x32 s) {
  lb_f64x8 eight = __builtin_shufflevector(s, s, 0, 1, 2, 3, 4, 5, 6, 7)
      + __builtin_shufflevector(s, s, 8, 9, 10, 11, 12, 13, 14, 15)
      + (__builtin_shufflevector(s, s, 16, 17, 18, 19, 20, 21, 22, 23)
         + __builtin_shufflevector(s, s, 24, 25, 26, 27, 28, 29, 30, 31));
  return ((eight[0] + eight[4]) + (eight[1] + eight[5]))
      + ((eight[2] + eight[6]) + (eight[3] + eight[7]));
}

LB_INLINE double F(sum_products)(long n, T s, const T *p, T *a, const T *b, int update) {
  lb_f64x32 sum = {0};
  for (long block = 0; block < n; block += F(BLOCK)) {
    long end = n - block < F(BLOCK) ? n : block + F(BLOCK), i = block;
    F(partial) lanes = {0}, u, v, w;
    for (; i + 32 <= end; i += 32) {
      memcpy(&u, a + i, sizeof u);
      memcpy(&v, b + i, sizeof v);
      if (update) {
        memcpy(&w, p + i, sizeof w);
        u += w * s;
        memcpy(a + i, &u, sizeof u);
      }
      lanes += u * v;
    }
    if (i < end) {
      size_t rest = (size_t)(end - i) * sizeof(T);
      u = v = w = (F(partial)){0};
      memcpy(&u, a + i, rest);
      memcpy(&v, b + i, rest);
      if (update) {
        memcpy(&w, p + i, rest);
        u += w * s;
        memcpy(a + i, &u, rest);
      }
      lanes += u * v;
    }
    sum += __builtin_convertvector(lanes, lb_f64x32);
  }
  return F(total)(sum);
}

static double F(dot)(long n, const T *a, const T *b) {
  return F(sum_products)(n, 0, 0, (T *)a, b, 0);
}

static double F(update_dot)(long n, T s, const T *p, T *a, const T *h) {
  return F(sum_products)(n, s, p, a, h, 1);
}
