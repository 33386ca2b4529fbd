#ifndef LANDBRIDGE_CSYSTEM_H
#define LANDBRIDGE_CSYSTEM_H

/// What ends the process when memory, or a thread, is refused: one line on standard error and this
/// exit code, EX_OSERR of sysexits.h.
enum { lb_exit_memory = 71 };

/// Takes the place of the C library's allocation functions, of `mmap` and of `pthread_create` in the
/// process whose executable holds this object: they do what they did, but a refusal ends the
/// process.
///
/// Swift traps when memory is refused, and Dispatch asks again for ever when a thread is; neither can
/// be told otherwise. Calling this function is
/// what makes the linker take the object in.
void lb_end_on_refused_memory(void);

/// Exchanges the names of two files or directories in one step; −1 where that cannot be done.
int lb_exchange_names(const char *a, const char *b);

#endif
