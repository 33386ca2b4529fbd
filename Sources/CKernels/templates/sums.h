// Sums over arrays of T, in an order fixed by the lengths; included by elementwise.h.

// Eight, four and single elements beside whole vectors, for the ends of rows: an end of 12 floats is
// worth two instructions, not twelve.
typedef T F(eight) __attribute__((vector_size(8 * sizeof(T))));
typedef T F(four) __attribute__((vector_size(4 * sizeof(T))));

// Columns of z that stay in registers while all rows pass by: z is read and written once, and four
// vectors of two registers each hide the latency of the multiply-add.
#define LB_ACCUMULATE(TYPE, count)                                                                \
  do {                                                                                            \
    TYPE sum[count];                                                                              \
    memcpy(sum, z + i, sizeof sum);                                                               \
    for (long l = 0; l < rows; l++) {                                                             \
      TYPE v[count];                                                                              \
      memcpy(v, c + l * stride + i, sizeof v);                                                    \
      for (int k = 0; k < count; k++) sum[k] += v[k] * g[l];                                      \
    }                                                                                             \
    memcpy(z + i, sum, sizeof sum);                                                               \
    i += (long)sizeof sum / (long)sizeof(T);                                                      \
  } while (0)

static void F(accumulate_rows)(
    long n, long rows, const T *g, const T *c, long stride, T *z) {
  long i = 0;
  while (i + 4 * LANES <= n) LB_ACCUMULATE(V, 4);
  if (i + 3 * LANES <= n) LB_ACCUMULATE(V, 3);
  else if (i + 2 * LANES <= n) LB_ACCUMULATE(V, 2);
  else if (i + LANES <= n) LB_ACCUMULATE(V, 1);
  while (i + 8 <= n) LB_ACCUMULATE(F(eight), 1);
  if (i + 4 <= n) LB_ACCUMULATE(F(four), 1);
  while (i < n) LB_ACCUMULATE(T, 1);
}
#undef LB_ACCUMULATE

// A tile of `tile` rows of z, one vector wide, stays in registers while all rows of c pass by:
// z[r] (+)= Σ_l g[r·g_stride + l] · c[l·c_stride].
#if LB_BYTES == 128 || defined(__aarch64__)
#define LB_TILE 12
#else
#define LB_TILE 6
#endif

LB_INLINE void F(tile_sum)(
    long tile, int add, long depth, const T *g, long g_stride, const T *c, long c_stride, T *z,
    long z_stride) {
  V sum[LB_TILE];
#pragma clang loop unroll(full)
  for (long r = 0; r < tile; r++) {
    sum[r] = (V){0};
    if (add) memcpy(&sum[r], z + r * z_stride, sizeof(V));
  }
  for (long l = 0; l < depth; l++) {
    V v;
    memcpy(&v, c + l * c_stride, sizeof v);
#pragma clang loop unroll(full)
    for (long r = 0; r < tile; r++) sum[r] += v * g[r * g_stride + l];
  }
#pragma clang loop unroll(full)
  for (long r = 0; r < tile; r++) memcpy(z + r * z_stride, &sum[r], sizeof(V));
}

// Rows in the next tile when `rest` are left.
LB_INLINE long F(next_tile)(long rest) { return rest >= LB_TILE ? LB_TILE : rest >= 4 ? 4 : 1; }

// Calls `function` with the tile's size as a constant, so that its rows are registers.
#define LB_WITH_TILE(function, tile, ...)                                                         \
  do {                                                                                            \
    if ((tile) == LB_TILE) function(LB_TILE, __VA_ARGS__);                                        \
    else if ((tile) == 4) function(4, __VA_ARGS__);                                               \
    else function(1, __VA_ARGS__);                                                                \
  } while (0)

static void F(accumulate_block)(
    long n, long m, long rows, const T *g, long g_stride, const T *c, long stride, T *z) {
  long whole = n - n % LANES;
  for (long i = 0; i < whole; i += LANES) {
    for (long k = 0, tile; k < m; k += tile) {
      tile = F(next_tile)(m - k);
      LB_WITH_TILE(
          F(tile_sum), tile, 1, rows, g + k * g_stride, g_stride, c + i, stride,
          z + k * stride + i, stride);
    }
  }
  for (long k = 0; whole < n && k < m; k++) {
    F(accumulate_rows)(
        n - whole, rows, g + k * g_stride, c + whole, stride, z + k * stride + whole);
  }
}

// The four rows v of four, as columns.
LB_INLINE void F(transpose)(F(four) v[4]) {
  F(four) low02 = __builtin_shufflevector(v[0], v[2], 0, 4, 1, 5);
  F(four) low13 = __builtin_shufflevector(v[1], v[3], 0, 4, 1, 5);
  F(four) high02 = __builtin_shufflevector(v[0], v[2], 2, 6, 3, 7);
  F(four) high13 = __builtin_shufflevector(v[1], v[3], 2, 6, 3, 7);
  v[0] = __builtin_shufflevector(low02, low13, 0, 4, 1, 5);
  v[1] = __builtin_shufflevector(low02, low13, 2, 6, 3, 7);
  v[2] = __builtin_shufflevector(high02, high13, 0, 4, 1, 5);
  v[3] = __builtin_shufflevector(high02, high13, 2, 6, 3, 7);
}

// LANES rows of `depth` numbers as columns side by side, by squares of four.
LB_INLINE void F(pack_transposed)(long depth, const T *b, long ldb, T *panel) {
  for (long r = 0; r < LANES; r += 4) {
    const T *from = b + r * ldb;
    T *to = panel + r;
    long l = 0;
    for (; l + 4 <= depth; l += 4) {
      F(four) v[4];
#pragma clang loop unroll(full)
      for (int i = 0; i < 4; i++) memcpy(&v[i], from + i * ldb + l, sizeof(F(four)));
      F(transpose)(v);
#pragma clang loop unroll(full)
      for (int i = 0; i < 4; i++) memcpy(to + (l + i) * LANES, &v[i], sizeof(F(four)));
    }
    for (; l < depth; l++)
      for (long i = 0; i < 4; i++) to[l * LANES + i] = from[i * ldb + l];
  }
}

static long F(panel_width)(void) { return LANES; }

static void F(pack_panel)(
    long count, long columns, T scale, const T *rows, long stride, T *panel) {
  if (count == LANES) {
    F(pack_transposed)(columns, rows, stride, panel);
    for (long i = 0; i < columns * LANES; i++) panel[i] *= scale;
    return;
  }
  for (long k = 0; k < LANES; k++)
    for (long j = 0; j < columns; j++)
      panel[j * LANES + k] = k < count ? scale * rows[k * stride + j] : 0;
}

// One tile of neurons for one panel: computed as neurons × samples, stored the other way round.
LB_INLINE void F(affine_tile)(
    long tile, long rows, long depth, const T *panel, const T *w, const T *bias, T *z,
    long z_stride) {
  T sums[LB_TILE * LANES] __attribute__((aligned(LB_BYTES)));
  F(tile_sum)(tile, 0, depth, w, depth, panel, LANES, sums, LANES);
  if (bias) {
    for (long r = 0; r < tile; r++)
      for (long k = 0; k < LANES; k++) sums[r * LANES + k] += bias[r];
  }
  long r = 0;
#pragma clang loop unroll(full)
  for (; r + 4 <= tile; r += 4) {
    long k = 0;
    for (; k + 4 <= rows; k += 4) {
      F(four) v[4];
#pragma clang loop unroll(full)
      for (int i = 0; i < 4; i++) memcpy(&v[i], sums + (r + i) * LANES + k, sizeof v[i]);
      F(transpose)(v);
#pragma clang loop unroll(full)
      for (int i = 0; i < 4; i++) memcpy(z + (k + i) * z_stride + r, &v[i], sizeof v[i]);
    }
    for (; k < rows; k++)
      for (int i = 0; i < 4; i++) z[k * z_stride + r + i] = sums[(r + i) * LANES + k];
  }
  for (long k = 0; k < rows; k++)
    for (long i = r; i < tile; i++) z[k * z_stride + i] = sums[i * LANES + k];
}

// The weights are read as they lie, each once per panel and used for a whole vector of samples.
static void F(affine)(
    long count, long outputs, long depth, const T *panels, const T *w, const T *bias, T *z,
    long z_stride) {
  for (long i = 0, tile; i < outputs; i += tile) {
    tile = F(next_tile)(outputs - i);
    for (long k = 0; k < count; k += LANES) {
      long rows = count - k < LANES ? count - k : LANES;
      LB_WITH_TILE(
          F(affine_tile), tile, rows, depth, panels + k * depth, w + i * depth,
          bias ? bias + i : bias, z + k * z_stride + i, z_stride);
    }
  }
}
#undef LB_WITH_TILE
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
