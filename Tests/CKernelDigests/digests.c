// One source for the kernels in the package and for those of another architecture under an emulator:
//   clang -DLB_MAIN … digests.c
#include "CKernelDigests.h"

#include "CKernels.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t digest;
static char *out;
static long room, needed;

static void begin(void) { digest = 0xcbf29ce484222325u; }

static void add(const void *bytes, size_t count) {
  const unsigned char *b = bytes;
  for (size_t i = 0; i < count; i++) digest = (digest ^ b[i]) * 0x100000001b3u;
}

static void end(const char *name) {
  char line[80];
  int n = snprintf(line, sizeof line, "%s %016llx\n", name, (unsigned long long)digest);
  if (needed + n < room) memcpy(out + needed, line, (size_t)n + 1);
  needed += n;
}

enum { CAPACITY = 1 << 18 };
static const long lengths[] = {
    0, 1, 2, 3, 5, 8, 12, 15, 16, 17, 31, 33, 50, 64, 100, 127, 257, 1025, 4099};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

#define DEFINE(T, S)                                                                              \
  static T a_##S[CAPACITY], b_##S[CAPACITY], c_##S[CAPACITY], d_##S[CAPACITY];                    \
                                                                                                  \
  static void fill_##S(void) {                                                                    \
    lb_stream s = {.seed = 20200713, .item = 5, .tag = 9};                                        \
    lb_fill_normal_##S(&s, CAPACITY, 0, 1, a_##S);                                                \
    s.item = 6;                                                                                   \
    lb_fill_normal_##S(&s, CAPACITY, (T)0.25, 2, b_##S);                                          \
    s.item = 7;                                                                                   \
    lb_fill_uniform_##S(&s, CAPACITY, -1, 2, c_##S);                                              \
  }                                                                                               \
                                                                                                  \
  static void random_##S(void) {                                                                  \
    begin();                                                                                      \
    add(a_##S, sizeof a_##S), add(b_##S, sizeof b_##S), add(c_##S, sizeof c_##S);                 \
    end("random-" #S);                                                                            \
  }                                                                                               \
                                                                                                  \
  static void functions_##S(void) {                                                               \
    static const char *names[] = {                                                                \
        "identity", "tanh", "sigmoid", "erf", "softplus", "relu", "cos", "ramp", "leaky-relu",    \
        "hard-tanh", "selu", "silu", "gelu", "gelu-tanh"};                                        \
    static const double parameters[14][4] = {                                                     \
        [LB_RAMP] = {-1, 1, -0.5, 1.5}, [LB_LEAKY_RELU] = {0.01},                                 \
        [LB_SELU] = {1.0507009873554805, 1.7580993408473766}};                                    \
    for (int f = 0; f < 14; f++) {                                                                \
      begin();                                                                                    \
      for (long i = 0; i < 20000; i++) {                                                          \
        /* From tiny to huge, of both signs. */                                                   \
        T x = b_##S[i];                                                                           \
        for (long k = i % 40; k > 20; k--) x *= 8;                                                \
        for (long k = i % 40; k < 10; k++) x /= 32;                                               \
        d_##S[i] = x;                                                                             \
      }                                                                                           \
      static T y[20000], dy[20000];                                                               \
      lb_apply_derivative_##S((lb_function)f, parameters[f], 20000, d_##S, y, dy);                \
      add(y, sizeof y), add(dy, sizeof dy);                                                       \
      for (int i = 0; i < LENGTHS; i++) {                                                         \
        lb_apply_##S((lb_function)f, parameters[f], lengths[i], d_##S, y);                        \
        add(y, sizeof(T) * lengths[i]);                                                           \
      }                                                                                           \
      char name[40];                                                                              \
      snprintf(name, sizeof name, "%s-" #S, names[f]);                                            \
      end(name);                                                                                  \
    }                                                                                             \
  }                                                                                               \
                                                                                                  \
  static void sums_##S(void) {                                                                    \
    begin();                                                                                      \
    for (int i = 0; i < LENGTHS; i++) {                                                           \
      long n = lengths[i];                                                                        \
      memcpy(d_##S, c_##S, sizeof d_##S);                                                         \
      lb_accumulate_rows_##S(n, 13, b_##S, a_##S, n + 3, d_##S);                                  \
      lb_accumulate_block_##S(n, 7, 13, b_##S, 17, a_##S, n + 3, d_##S + 5000);                   \
      add(d_##S, 60000 * sizeof(T));                                                              \
    }                                                                                             \
    end("accumulate-" #S);                                                                        \
    begin();                                                                                      \
    for (int i = 0; i < LENGTHS; i++) {                                                           \
      long n = lengths[i];                                                                        \
      memcpy(d_##S, c_##S, sizeof d_##S);                                                         \
      double sums[] = {                                                                           \
          lb_dot_##S(n, a_##S + 1, b_##S),                                                        \
          lb_update_dot_##S(n, (T)0.125, a_##S, d_##S, b_##S + 3)};                               \
      add(sums, sizeof sums), add(d_##S, sizeof(T) * n);                                          \
    }                                                                                             \
    end("dot-" #S);                                                                               \
    begin();                                                                                      \
    for (int i = 0; i < LENGTHS; i++) {                                                           \
      long n = lengths[i];                                                                        \
      lb_multiply_##S(n, a_##S, b_##S, d_##S);                                                    \
      lb_scale_##S(n, (T)1.7, d_##S);                                                             \
      lb_add_##S(n, c_##S, d_##S);                                                                \
      add(d_##S, sizeof(T) * n);                                                                  \
    }                                                                                             \
    end("elementwise-" #S);                                                                       \
  }                                                                                               \
                                                                                                  \
  static void products_##S(void) {                                                                \
    static const long shapes[][3] = {                                                             \
        {1, 1, 1}, {1, 100, 7}, {100, 1, 33}, {7, 5, 0}, {13, 17, 385}, {50, 33, 800},            \
        {97, 101, 64}, {200, 70, 130}, {5, 1030, 12}, {129, 260, 390}};                           \
    begin();                                                                                      \
    for (unsigned s = 0; s < sizeof shapes / sizeof *shapes; s++) {                               \
      long m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];                                  \
      for (int way = 0; way < 8; way++) {                                                         \
        int ta = way & 1, tb = way >> 1 & 1, adds = way >> 2;                                     \
        memcpy(d_##S, c_##S, sizeof d_##S);                                                       \
        lb_gemm_##S(                                                                              \
            ta, tb, m, n, k, (T)-0.7, a_##S, (ta ? m : k) + 2, b_##S, (tb ? k : n) + 1, adds,     \
            d_##S, n + 5);                                                                        \
        add(d_##S, (size_t)(m * (n + 5)) * sizeof(T));                                            \
      }                                                                                           \
    }                                                                                             \
    end("gemm-" #S);                                                                              \
    begin();                                                                                      \
    for (int i = 0; i < LENGTHS; i++) {                                                           \
      long n = lengths[i];                                                                        \
      for (int way = 0; way < 4; way++) {                                                         \
        memcpy(d_##S, c_##S, sizeof d_##S);                                                       \
        lb_gemv_##S(way & 1, 19, n, (T)0.3, a_##S, n + 1, b_##S, way >> 1, d_##S);                \
        add(d_##S, 5000 * sizeof(T));                                                             \
      }                                                                                           \
      lb_ger_##S(19, n, (T)0.3, b_##S, a_##S, d_##S, n + 1);                                      \
      add(d_##S, 90000 * sizeof(T));                                                              \
    }                                                                                             \
    end("gemv-ger-" #S);                                                                          \
    begin();                                                                                      \
    static T panels[64 * 801];                                                                    \
    long width = lb_panel_width_##S();                                                            \
    for (long count = 1; count <= 37; count += 9) {                                               \
      for (long depth = 1; depth <= 801; depth += 400) {                                          \
        for (long k = 0; k < count; k += width)                                                   \
          lb_pack_panel_##S(                                                                      \
              count - k < width ? count - k : width, depth, (T)0.7, a_##S + k * depth, depth,     \
              panels + k * depth);                                                                \
        lb_affine_##S(count, 29, depth, panels, b_##S, c_##S, d_##S, 31);                         \
        for (long k = 0; k < count; k++) add(d_##S + 31 * k, 29 * sizeof(T));                     \
      }                                                                                           \
    }                                                                                             \
    end("affine-" #S);                                                                            \
  }                                                                                               \
                                                                                                  \
  static void all_##S(void) { fill_##S(), random_##S(), functions_##S(), sums_##S(), products_##S(); }

DEFINE(float, f32)
DEFINE(double, f64)

static void compensated(void) {
  begin();
  long width = lb_panel_width_f64(), count = 11, depth = 77;
  static double high[64 * 77], low[64 * 77], sums[11 * 9], corrections[11 * 9];
  for (long k = 0; k < count; k += width) {
    long rows = count - k < width ? count - k : width;
    lb_pack_panel_f64(rows, depth, 1, a_f64 + k * depth, depth, high + k * depth);
    lb_pack_panel_f64(rows, depth, 0x1p-54, b_f64 + k * depth, depth, low + k * depth);
  }
  for (int way = 0; way < 2; way++) {
    lb_compensated_product_f64(
        count, 9, depth, high, way ? low : 0, c_f64, sums, corrections, 9);
    add(sums, sizeof sums), add(corrections, sizeof corrections);
  }
  end("compensated-f64");
}

static void elementary(void) {
  static const char *names[] = {"exp", "expm1", "log", "log1p", "cbrt", "pow"};
  for (int f = 0; f < 6; f++) {
    begin();
    for (long i = 0; i < 20000; i++) {
      double x = b_f64[i], size = x < 0 ? -x : x;
      for (long k = i % 60; k > 30; k--) x *= 3, size *= 1e9;
      for (long k = i % 60; k < 10; k++) x /= 64, size /= 1e30;
      double y = f == 0 ? lb_exp(x)
          : f == 1      ? lb_expm1(x)
          : f == 2      ? lb_log(size)
          : f == 3      ? lb_log1p(i % 60 < 32 ? x / 9 : size)
          : f == 4      ? lb_cbrt(size)
                        : lb_pow(size, a_f64[i]);
      if (y != y) y = 0;
      add(&y, sizeof y);
    }
    end(names[f]);
  }
}

long lb_kernel_digests(char *text, long capacity) {
  out = text;
  room = capacity;
  needed = 0;
  all_f32();
  all_f64();
  compensated();
  elementary();
  return needed + 1;
}

#ifdef LB_MAIN
int main(void) {
  static char text[1 << 14];
  if (lb_kernel_digests(text, sizeof text) > (long)sizeof text) return 1;
  fputs(text, stdout);
  return 0;
}
#endif
