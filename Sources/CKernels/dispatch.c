// Chooses the kernels once, at load time, and forwards to them.
//
// A table of function pointers rather than target_clones: the loader's choice among clones cannot
// be overridden, and the tests must run every level on one machine (LANDBRIDGE_KERNELS); nor does
// macOS on Intel resolve clones.
#include "levels.h"

#include <stdlib.h>

static const lb_table *chosen = &lb_table_baseline;

#if defined(__x86_64__)
__attribute__((constructor)) static void choose(void) {
  __builtin_cpu_init();
  const lb_table *tables[] = {&lb_table_v4, &lb_table_v3, &lb_table_baseline};
  const int runs[] = {
      __builtin_cpu_supports("x86-64-v4") != 0, __builtin_cpu_supports("x86-64-v3") != 0, 1};
  const char *wanted = getenv("LANDBRIDGE_KERNELS");
  // A level that the processor lacks is passed over, as is a name that is not one.
  for (int pass = wanted ? 0 : 1; pass < 2; pass++) {
    for (int i = 0; i < 3; i++) {
      if (runs[i] && (pass == 1 || strcmp(wanted, tables[i]->name) == 0)) {
        chosen = tables[i];
        return;
      }
    }
  }
}
#endif

const char *lb_level(void) { return chosen->name; }

void lb_fill_normal_f32(const lb_stream *s, long n, float mean, float scale, float *out) {
  chosen->fill_normal_f32(s, n, mean, scale, out);
}

void lb_fill_normal_f64(const lb_stream *s, long n, double mean, double scale, double *out) {
  chosen->fill_normal_f64(s, n, mean, scale, out);
}

void lb_fill_uniform_f32(const lb_stream *s, long n, float lower, float width, float *out) {
  chosen->fill_uniform_f32(s, n, lower, width, out);
}

void lb_fill_uniform_f64(const lb_stream *s, long n, double lower, double width, double *out) {
  chosen->fill_uniform_f64(s, n, lower, width, out);
}
