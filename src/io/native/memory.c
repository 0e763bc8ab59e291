/* Memory that this process does not need: what the C library keeps for later, and pages of programs that ran only once. */
#include "addon.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* holdMemory(piece, end): of what is freed, pieces of at least `piece` bytes go back to the system at once, from any thread, and the
 * end of the heap once that is more than `end` bytes. */
static napi_value hold_memory(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, hf_int32(env, arguments[0]));
  mallopt(M_TRIM_THRESHOLD, hf_int32(env, arguments[1]));
#else
  (void)arguments;
#endif
  return NULL;
}

#ifdef __GLIBC__
/* Bytes that were freed and not given back; more than any where that cannot be asked. */
static size_t freed_bytes(void) {
#if __GLIBC_PREREQ(2, 33)
  return mallinfo2().fordblks;
#else
  return SIZE_MAX;
#endif
}
#endif

/* trimMemory(bytes): what the C library keeps for later goes back to the system, if it is at least so much. */
static napi_value trim_memory(napi_env env, napi_callback_info info) {
#ifdef __GLIBC__
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  int64_t least = hf_int64(env, argument);
  if (least <= 0 || freed_bytes() >= (size_t)least) malloc_trim(0);
#else
  (void)env;
  (void)info;
#endif
  return NULL;
}

/* letGoOfCode() -> bytes: pages of programs and libraries that are as in their files leave this process; those it needs come
 * back from the page cache, one fault for several of them. Only mappings that cannot be written and of which no page is this
 * process's own: nothing is lost. 0 where the kernel does not tell. */
static napi_value let_go_of_code(napi_env env, napi_callback_info info) {
  (void)info;
  FILE *maps = fopen("/proc/self/smaps", "re");
  char *line = NULL;
  size_t size = 0;
  unsigned long start = 0, end = 0, own = 0;
  int64_t dropped = 0;
  bool is_candidate = false;
  while (maps != NULL && getline(&line, &size, maps) != -1) {
    unsigned long from, to, inode, kilobytes;
    char rights[5];
    if (sscanf(line, "%lx-%lx %4s %*x %*s %lu", &from, &to, rights, &inode) == 4) {
      is_candidate = inode != 0 && rights[1] == '-' && rights[3] == 'p';
      start = from;
      end = to;
      own = 0;
    } else if (sscanf(line, "Anonymous: %lu", &kilobytes) == 1 || sscanf(line, "Swap: %lu", &kilobytes) == 1) {
      own += kilobytes;
    } else if (is_candidate && own == 0 && strncmp(line, "VmFlags:", 8) == 0) {
      /* The last line of a mapping. */
      if (madvise((void *)start, end - start, MADV_DONTNEED) == 0) dropped += (int64_t)(end - start);
    }
  }
  free(line);
  if (maps != NULL) fclose(maps);
  return hf_number(env, dropped);
}

void register_memory(napi_env env, napi_value exports) {
  hf_export(env, exports, "holdMemory", hold_memory);
  hf_export(env, exports, "trimMemory", trim_memory);
  hf_export(env, exports, "letGoOfCode", let_go_of_code);
}
