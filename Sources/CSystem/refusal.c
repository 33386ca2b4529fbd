#define _GNU_SOURCE
#include "CSystem.h"

// Any header of the C library says which library it is.
#include <stddef.h>
#include <stdlib.h>

#if defined(__linux__) && defined(__GLIBC__)

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// The C library's own functions under their second names.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

// No memory is taken from here on, so that there is nothing left to fail.

static char *append(char *end, const char *text) {
  size_t length = strlen(text);
  memcpy(end, text, length);
  return end + length;
}

static char *append_number(char *end, unsigned long long value) {
  char digits[20];
  int count = 0;
  do digits[count++] = (char)('0' + value % 10); while ((value /= 10) != 0);
  while (count > 0) *end++ = digits[--count];
  return end;
}

static char *append_limit(char *end, int resource, const char *name) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return end;
  end = append(end, ", ");
  end = append(end, name);
  end = append(end, " is limited to ");
  end = append_number(end, limit.rlim_cur >> 10);
  return append(end, " KiB");
}

static _Noreturn void refuse(const char *what, unsigned long long bytes) {
  // Two threads may be refused at once; one line is enough.
  static atomic_flag told = ATOMIC_FLAG_INIT;
  if (!atomic_flag_test_and_set(&told)) {
    char line[256];
    char *end = append(line, "landbridge: out of memory: the system refused ");
    if (bytes > 0) {
      end = append_number(end, bytes);
      end = append(end, " bytes");
    } else {
      end = append(end, what);
    }
    end = append_limit(end, RLIMIT_AS, "address space (ulimit -v)");
    end = append_limit(end, RLIMIT_DATA, "data (ulimit -d)");
    end = append(end, "\n");
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)(end - line));
    (void)ignored;
  }
  _exit(lb_exit_memory);
}

void *malloc(size_t size) {
  void *result = __libc_malloc(size);
  if (result == NULL && size > 0) refuse("", size);
  return result;
}

void *calloc(size_t count, size_t size) {
  void *result = __libc_calloc(count, size);
  size_t bytes;
  if (result == NULL && count > 0 && size > 0)
    refuse("", __builtin_mul_overflow(count, size, &bytes) ? (size_t)-1 : bytes);
  return result;
}

void *realloc(void *old, size_t size) {
  void *result = __libc_realloc(old, size);
  if (result == NULL && size > 0) refuse("", size);
  return result;
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  *result = __libc_memalign(alignment, size);
  if (*result == NULL && size > 0) refuse("", size);
  return 0;
}

void *aligned_alloc(size_t alignment, size_t size) {
  void *result = __libc_memalign(alignment, size);
  if (result == NULL && size > 0) refuse("", size);
  return result;
}

// Mappings of files are their callers' to report, and so are huge pages, which are tried in hope.
void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset) {
  void *result = (void *)syscall(SYS_mmap, address, size, protection, flags, file, offset);
  if (result == MAP_FAILED && errno == ENOMEM && (flags & MAP_ANONYMOUS) &&
      !(flags & MAP_HUGETLB))
    refuse("", size);
  return result;
}

int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  typedef int function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  static _Atomic(function *) original;
  function *create = atomic_load_explicit(&original, memory_order_relaxed);
  if (create == NULL) {
    create = (function *)dlsym(RTLD_NEXT, "pthread_create");
    atomic_store_explicit(&original, create, memory_order_relaxed);
  }
  int code = create(thread, attributes, start, argument);
  if (code == EAGAIN || code == ENOMEM) refuse("a thread", 0);
  return code;
}

#endif

void lb_end_on_refused_memory(void) {}
