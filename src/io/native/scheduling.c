/* How the kernel runs this process: real-time priority, CPU time limit, CPUs, locked memory. World errors come back as
 * negative errno. */
#include "connector.h"
#include "watch.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* setRealTimePriority(priority) -> 0 | -errno. SCHED_RR for the main thread and the one that connects, 0 = the ordinary
 * scheduler. Threads and programs started later do not inherit it. */
static napi_value set_real_time_priority(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  struct sched_param parameter = { .sched_priority = hf_int32(env, arguments[0]) };
  int policy = parameter.sched_priority > 0 ? SCHED_RR | SCHED_RESET_ON_FORK : SCHED_OTHER;
  hf_connector_scheduler(policy, &parameter);
  return hf_answer(env, sched_setscheduler(getpid(), policy, &parameter));
}

/* affinityOf(mask: bytes) -> bytes filled in | -errno. Bit n of the mask is CPU n. */
static napi_value affinity_of(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  size_t length;
  void *mask = hf_bytes(env, arguments[0], &length);
  return hf_answer(env, syscall(SYS_sched_getaffinity, 0, length, mask));
}

/* setAffinity(thread, mask: bytes) -> 0 | -errno */
static napi_value set_affinity(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  size_t length;
  const void *mask = hf_bytes(env, arguments[1], &length);
  return hf_answer(env, syscall(SYS_sched_setaffinity, hf_int32(env, arguments[0]), length, mask));
}

/* lockMemory(lock: 0 | 1) -> 0 | -errno. Locked pages are those that have been touched: locking all that is mapped would
 * make the whole reserved heap resident. */
static napi_value lock_memory(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  bool lock = hf_int32(env, arguments[0]) != 0;
  return hf_answer(env, lock ? mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) : munlockall());
}

/* setRealTimeLimit(microseconds) -> 0 | -errno. RLIMIT_RTTIME; negative = none. There is no hard limit, which would kill:
 * whoever watches the limit is put back among ordinary processes when it is reached. */
static napi_value set_real_time_limit(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  int64_t microseconds = hf_int64(env, arguments[0]);
  struct rlimit limit = { .rlim_cur = microseconds < 0 ? RLIM_INFINITY : (rlim_t)microseconds, .rlim_max = RLIM_INFINITY };
  return hf_answer(env, setrlimit(RLIMIT_RTTIME, &limit));
}

/* allowCoreDumps() -> 0 | -errno. RLIMIT_CORE: as large as they come, for this process and those it starts. */
static napi_value allow_core_dumps(napi_env env, napi_callback_info info) {
  (void)info;
  struct rlimit limit = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
  return hf_answer(env, setrlimit(RLIMIT_CORE, &limit));
}

static const char limit_kind;

/* Written before the signal can come. */
static int limit_fd = -1;

/* The main thread is busy, possibly for ever: it can be stopped from starving the machine from here only. */
static void on_limit(int number) {
  (void)number;
  int error = errno;
  struct sched_param normal = { .sched_priority = 0 };
  uint64_t once = 1;
  syscall(SYS_sched_setscheduler, getpid(), SCHED_OTHER, &normal);
  if (write(limit_fd, &once, sizeof once) < 0) { /* Told already. */
  }
  errno = error;
}

static void on_told(hf_watch *watch, bool failed) {
  (void)failed;
  uint64_t times;
  if (read(watch->fd, &times, sizeof times) == sizeof times) hf_watch_notify(watch, (int64_t)times);
}

/* watchRealTimeLimit(listener) -> handle | -errno. When the limit is reached the main thread loses its real-time priority at
 * once, and the listener is called at the next turn of the loop. Once per process. */
static napi_value watch_real_time_limit(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  struct sigaction action = { .sa_handler = on_limit, .sa_flags = SA_RESTART };
  if (limit_fd >= 0) return hf_number(env, -EBUSY);
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) return hf_number(env, -errno);
  hf_watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) {
    close(fd);
    return hf_number(env, -ENOMEM);
  }
  napi_value handle = hf_watch_wrap(env, watch, &limit_kind, fd);
  if (handle == NULL) return hf_number(env, -ENOMEM);
  int status = hf_watch_start(watch, arguments[0], NULL, "holdfast:limit", on_told);
  if (status == 0) {
    hf_watch_ref(watch, false);
    limit_fd = fd;
    if (sigaction(SIGXCPU, &action, NULL) == 0) return handle;
    status = -errno;
    limit_fd = -1;
  }
  hf_watch_close(watch);
  return hf_number(env, status);
}

void register_scheduling(napi_env env, napi_value exports) {
  hf_export(env, exports, "setRealTimePriority", set_real_time_priority);
  hf_export(env, exports, "affinityOf", affinity_of);
  hf_export(env, exports, "setAffinity", set_affinity);
  hf_export(env, exports, "lockMemory", lock_memory);
  hf_export(env, exports, "setRealTimeLimit", set_real_time_limit);
  hf_export(env, exports, "allowCoreDumps", allow_core_dumps);
  hf_export(env, exports, "watchRealTimeLimit", watch_real_time_limit);
}
