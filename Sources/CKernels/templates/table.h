// Everything for one instruction set. The including file names the table and sets the target.
#include "random.h"

const lb_table LB_TABLE = {
    .name = LB_NAME,
    .fill_normal_f32 = fill_normal_f32,
    .fill_normal_f64 = fill_normal_f64,
    .fill_uniform_f32 = fill_uniform_f32,
    .fill_uniform_f64 = fill_uniform_f64,
};
