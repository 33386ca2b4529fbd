// Matrix products, included by elementwise.h after sums.h.
//
// What an element becomes depends on the operands alone, not on the vector length, nor on how the
// work is cut: c ← c + α s for every block of DEPTH terms in order, s their sum as a chain of
// multiply-adds that begins at 0. Neurons lie across the lanes; no sum is shared among them.

// Rows of a tile: with them, its two registers of a row and one factor, the registers are full.
#if LB_BYTES == 128 || defined(__aarch64__)
#define LB_ROWS 12
#else
#define LB_ROWS 6
#endif

// Where op(A)[i][l] is: a[i·row + l·depth].
#ifndef LB_STRIDED
#define LB_STRIDED
typedef struct {
  long row, depth;
} lb_strides;
// Terms of one chain. Part of the definition of a product: another number gives other bytes.
enum { LB_DEPTH = 384 };
// Bytes of packed panels that are taken from the stack, and at most from the heap.
enum { LB_STACK = 1 << 16, LB_HEAP = 1 << 20 };
#endif

// c[r][…] (+)= α Σ_l a[r][l] b[l][…] for `rows` rows, one vector wide, of which `width` lanes are kept.
LB_INLINE void F(product_tile)(
    long rows, long width, long depth, T alpha, const T *a, lb_strides of_a, const T *b,
    long b_stride, int add, T *c, long c_stride) {
  V sum[LB_ROWS];
#pragma clang loop unroll(full)
  for (long r = 0; r < rows; r++) {
    sum[r] = (V){0};
    __builtin_prefetch(c + r * c_stride, 1);
  }
#pragma clang loop unroll_count(4)
  for (long l = 0; l < depth; l++) {
    V v;
    memcpy(&v, b + l * b_stride, sizeof v);
#pragma clang loop unroll(full)
    for (long r = 0; r < rows; r++) sum[r] += v * a[r * of_a.row + l * of_a.depth];
  }
#pragma clang loop unroll(full)
  for (long r = 0; r < rows; r++) {
    V old = {0};
    if (width == LANES) {
      if (add) memcpy(&old, c + r * c_stride, sizeof old);
      old += sum[r] * alpha;
      memcpy(c + r * c_stride, &old, sizeof old);
    } else {
      size_t bytes = (size_t)width * sizeof(T);
      if (add) memcpy(&old, c + r * c_stride, bytes);
      old += sum[r] * alpha;
      memcpy(c + r * c_stride, &old, bytes);
    }
  }
}

// The same for any number of rows. Packed, they lie in tiles of LB_ROWS, a tile's rows side by side.
LB_INLINE void F(product_strip)(
    int packed, long rows, long width, long depth, T alpha, const T *a, lb_strides of_a, const T *b,
    long b_stride, int add, T *c, long c_stride) {
  for (long i = 0, tile; i < rows; i += tile) {
    const T *from =
        packed ? a + i / LB_ROWS * LB_ROWS * depth + i % LB_ROWS : a + i * of_a.row;
    T *to = c + i * c_stride;
#define LB_TILE_OF(count)                                                                         \
  (tile = count,                                                                                  \
   F(product_tile)(count, width, depth, alpha, from, of_a, b, b_stride, add, to, c_stride))
    if (rows - i >= LB_ROWS) LB_TILE_OF(LB_ROWS);
    else if (LB_ROWS > 8 && rows - i >= 8) LB_TILE_OF(8);
    else if (rows - i >= 4) LB_TILE_OF(4);
    else if (rows - i >= 2) LB_TILE_OF(2);
    else LB_TILE_OF(1);
#undef LB_TILE_OF
  }
}

// op(B), columns `from` on: panels of LANES columns, zeros beyond the last.
static void F(pack_columns)(
    int transposed, long columns, long depth, const T *b, long ldb, T *panels) {
  for (long j = 0; j < columns; j += LANES, panels += depth * LANES) {
    long width = columns - j < LANES ? columns - j : LANES;
    if (width < LANES) memset(panels, 0, (size_t)(depth * LANES) * sizeof(T));
    if (transposed && width == LANES) {
      F(pack_transposed)(depth, b + j * ldb, ldb, panels);
    } else if (transposed) {
      for (long r = 0; r < width; r++)
        for (long l = 0; l < depth; l++) panels[l * LANES + r] = b[(j + r) * ldb + l];
    } else if (width == LANES) {
      for (long l = 0; l < depth; l++)
        memcpy(panels + l * LANES, b + l * ldb + j, LANES * sizeof(T));
    } else {
      for (long l = 0; l < depth; l++)
        memcpy(panels + l * LANES, b + l * ldb + j, (size_t)width * sizeof(T));
    }
  }
}

// op(A) in tiles of LB_ROWS rows; what lies beyond the last row is not read.
static void F(pack_rows)(long rows, long depth, const T *a, lb_strides of_a, T *tiles) {
  for (long i = 0; i < rows; i += LB_ROWS, tiles += depth * LB_ROWS) {
    long count = rows - i < LB_ROWS ? rows - i : LB_ROWS;
    const T *from = a + i * of_a.row;
    if (count == LB_ROWS && of_a.row == 1) {
      for (long l = 0; l < depth; l++)
        memcpy(tiles + l * LB_ROWS, from + l * of_a.depth, LB_ROWS * sizeof(T));
    } else if (count == LB_ROWS) {
      for (long l = 0; l < depth; l++) {
#pragma clang loop unroll(full)
        for (long r = 0; r < LB_ROWS; r++) tiles[l * LB_ROWS + r] = from[r * of_a.row + l];
      }
    } else {
      for (long l = 0; l < depth; l++)
        for (long r = 0; r < count; r++)
          tiles[l * LB_ROWS + r] = from[r * of_a.row + l * of_a.depth];
    }
  }
}

static void F(gemm)(
    int transpose_a, int transpose_b, long m, long n, long k, T alpha, const T *a, long lda,
    const T *b, long ldb, int add, T *c, long ldc) {
  if (k == 0 && !add)
    for (long i = 0; i < m; i++) memset(c + i * ldc, 0, (size_t)n * sizeof(T));
  lb_strides of_a = {transpose_a ? 1 : lda, transpose_a ? lda : 1};
  // Copying is worth while for what is read often. A last panel that is not full is copied anyway.
  int packs_b = transpose_b || m > 2 * LB_ROWS, packs_a = n > 4 * LANES;
  long deepest = k < LB_DEPTH ? k : LB_DEPTH;
  long rows_at_once = packs_a && m > 16 * LB_ROWS ? 16 * LB_ROWS : m;
  long columns_at_once = n < 1024 ? n : 1024;
  T stack[LB_STACK / sizeof(T)] __attribute__((aligned(128))), *panels = stack, *heap = 0;
  long panel_columns = packs_b ? (columns_at_once + LANES - 1) / LANES * LANES : LANES;
  long tile_rows = packs_a ? (rows_at_once + LB_ROWS - 1) / LB_ROWS * LB_ROWS : 0;
  size_t bytes = (size_t)(deepest * (panel_columns + tile_rows)) * sizeof(T);
  if (bytes > sizeof stack) {
    heap = aligned_alloc(128, (bytes + 127) / 128 * 128);
    if (heap) {
      panels = heap;
    } else {
      packs_a = 0;
      rows_at_once = m;
      panel_columns = columns_at_once = LANES;
    }
  }
  T *tiles = panels + deepest * panel_columns;
  for (long j = 0; j < n; j += columns_at_once) {
    long columns = n - j < columns_at_once ? n - j : columns_at_once;
    long first_packed = packs_b ? 0 : columns / LANES * LANES;
    for (long l = 0; l < k; l += LB_DEPTH) {
      long depth = k - l < LB_DEPTH ? k - l : LB_DEPTH;
      const T *bl = transpose_b ? b + j * ldb + l : b + l * ldb + j;
      int adds = add || l > 0;
      F(pack_columns)(
          transpose_b, columns - first_packed, depth, bl + first_packed, ldb, panels);
      for (long i = 0; i < m; i += rows_at_once) {
        long rows = m - i < rows_at_once ? m - i : rows_at_once;
        const T *from = a + i * of_a.row + l * of_a.depth;
        if (packs_a) F(pack_rows)(rows, depth, from, of_a, tiles);
        for (long p = 0; p < columns; p += LANES) {
          long width = columns - p < LANES ? columns - p : LANES;
          int in_place = p < first_packed;
          const T *panel = in_place ? bl + p : panels + (p - first_packed) * depth;
          long stride = in_place ? ldb : LANES;
          T *to = c + i * ldc + j + p;
          if (packs_a)
            F(product_strip)(
                1, rows, width, depth, alpha, tiles, (lb_strides){1, LB_ROWS}, panel, stride, adds,
                to, ldc);
          else if (transpose_a)
            F(product_strip)(
                0, rows, width, depth, alpha, from, (lb_strides){1, lda}, panel, stride, adds, to,
                ldc);
          else
            F(product_strip)(
                0, rows, width, depth, alpha, from, (lb_strides){lda, 1}, panel, stride, adds, to,
                ldc);
        }
      }
    }
  }
  free(heap);
}
#undef LB_ROWS

// Sixty-four bytes of partial sums per row, whatever the vector length.
typedef T F(line) __attribute__((vector_size(64)));
enum { F(LINE) = 64 / sizeof(T) };

// y[r] (+)= α Σ_j a[r][j] x[j] for `rows` rows. What is left of a row at its end is added when as many
// partial sums are left: eight, four, two, one.
LB_INLINE void F(dot_rows)(
    long rows, long n, T alpha, const T *a, long lda, const T *x, int add, T *y) {
  F(line) line[8], u, v;
  for (long r = 0; r < rows; r++) line[r] = (F(line)){0};
  long j = 0;
  for (; j + F(LINE) <= n; j += F(LINE)) {
    memcpy(&u, x + j, sizeof u);
#pragma clang loop unroll(full)
    for (long r = 0; r < rows; r++) {
      memcpy(&v, a + r * lda + j, sizeof v);
      line[r] += v * u;
    }
  }
  F(four) four[8], f, h;
#pragma clang loop unroll(full)
  for (long r = 0; r < rows; r++) {
    F(eight) eight[F(LINE) / 8], e, g;
    memcpy(eight, &line[r], sizeof eight);
    if (F(LINE) == 16) eight[0] += eight[F(LINE) / 8 - 1];
    if (F(LINE) == 16 && j + 8 <= n) {
      memcpy(&e, x + j, sizeof e);
      memcpy(&g, a + r * lda + j, sizeof g);
      eight[0] += g * e;
    }
    four[r] = __builtin_shufflevector(eight[0], eight[0], 0, 1, 2, 3)
        + __builtin_shufflevector(eight[0], eight[0], 4, 5, 6, 7);
  }
  if (F(LINE) == 16 && j + 8 <= n) j += 8;
  if (j + 4 <= n) {
    memcpy(&f, x + j, sizeof f);
#pragma clang loop unroll(full)
    for (long r = 0; r < rows; r++) {
      memcpy(&h, a + r * lda + j, sizeof h);
      four[r] += h * f;
    }
    j += 4;
  }
#pragma clang loop unroll(full)
  for (long r = 0; r < rows; r++) {
    T two[2] = {four[r][0] + four[r][2], four[r][1] + four[r][3]};
    long k = j;
    if (k + 2 <= n) {
      two[0] += a[r * lda + k] * x[k];
      two[1] += a[r * lda + k + 1] * x[k + 1];
      k += 2;
    }
    T one = two[0] + two[1];
    if (k < n) one += a[r * lda + k] * x[k];
    y[r] = add ? y[r] + alpha * one : alpha * one;
  }
}

#if LB_BYTES == 128
#define LB_ROWS 8
#else
#define LB_ROWS 4
#endif

// y = α op(A) x (+ y). A is read as it lies: sums over rows several rows at a time, sums over columns
// in order, sixteen rows at a time, or
// four where rows are long: as many streams as a processor fetches ahead.
static void F(gemv)(
    int transpose, long m, long n, T alpha, const T *a, long lda, const T *x, int add, T *y) {
  long i = 0;
  if (!transpose) {
    for (; i + LB_ROWS <= m; i += LB_ROWS)
      F(dot_rows)(LB_ROWS, n, alpha, a + i * lda, lda, x, add, y + i);
    for (; i < m; i++) F(dot_rows)(1, n, alpha, a + i * lda, lda, x, add, y + i);
    return;
  }
  if (!add) memset(y, 0, (size_t)n * sizeof(T));
  long group = n > 1024 ? 4 : 16;
  for (; i < m; i += group) {
    long rows = m - i < group ? m - i : group;
    T factors[16];
    for (long r = 0; r < rows; r++) factors[r] = alpha * x[i + r];
    F(accumulate_rows)(n, rows, factors, a + i * lda, lda, y);
  }
}
#undef LB_ROWS

// A += α x yᵀ
static void F(ger)(long m, long n, T alpha, const T *x, const T *y, T *a, long lda) {
  for (long i = 0; i < m; i++) {
    T factor = alpha * x[i];
    F(accumulate_rows)(n, 1, &factor, y, n, a + i * lda);
  }
}
