/* The monotonic clock in microseconds, and alarms on it: one timerfd each, because the loop's own timers have whole
 * milliseconds on a cached clock and may fire early. */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  hf_watch watch;
} hf_timer;

static const char timer_kind;

static hf_timer *open_timer_of(napi_env env, napi_callback_info info, size_t *count, napi_value *arguments) {
  napi_get_cb_info(env, info, count, arguments, NULL, NULL);
  hf_timer *self = hf_watch_get(env, arguments[0], &timer_kind);
  return self != NULL && self->watch.fd >= 0 ? self : NULL;
}

/* monotonicMicroseconds() -> CLOCK_MONOTONIC, rounded down */
static napi_value monotonic_microseconds(napi_env env, napi_callback_info info) {
  (void)info;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return hf_number(env, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

static void on_expired(hf_watch *watch, bool failed) {
  (void)failed;
  uint64_t expirations;
  /* Nothing to read when the alarm was moved after the loop saw it. */
  if (read(watch->fd, &expirations, sizeof expirations) == sizeof expirations) hf_watch_notify(watch, (int64_t)expirations);
}

/* timerOpen(listener) -> handle | -errno */
static napi_value timer_open(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value listener;
  napi_get_cb_info(env, info, &count, &listener, NULL, NULL);
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) return hf_number(env, -errno);
  hf_timer *self = calloc(1, sizeof *self);
  if (self == NULL) {
    close(fd);
    return hf_number(env, -ENOMEM);
  }
  napi_value handle = hf_watch_wrap(env, &self->watch, &timer_kind, fd);
  if (handle == NULL) return hf_number(env, -ENOMEM);
  int status = hf_watch_start(&self->watch, listener, NULL, "holdfast:timer", on_expired);
  if (status == 0) return handle;
  hf_watch_close(&self->watch);
  return hf_number(env, status);
}

/* timerSet(handle, microseconds) -> 0 | -errno. An absolute instant, past ones expire at once; negative disarms. */
static napi_value timer_set(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  hf_timer *self = open_timer_of(env, info, &count, arguments);
  if (self == NULL) return hf_number(env, -EBADF);
  int64_t deadline = hf_int64(env, arguments[1]);
  struct itimerspec when = {0};
  if (deadline >= 0) {
    when.it_value.tv_sec = deadline / 1000000;
    when.it_value.tv_nsec = deadline % 1000000 * 1000;
    /* All zero would disarm. */
    if (deadline == 0) when.it_value.tv_nsec = 1;
  }
  return hf_number(env, timerfd_settime(self->watch.fd, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? -errno : 0);
}

/* timerClose(handle): the second time does nothing */
static napi_value timer_close(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value arguments[1];
  hf_timer *self = open_timer_of(env, info, &count, arguments);
  if (self == NULL) return hf_number(env, -EBADF);
  hf_watch_close(&self->watch);
  return hf_number(env, 0);
}

void register_timer(napi_env env, napi_value exports) {
  hf_export(env, exports, "monotonicMicroseconds", monotonic_microseconds);
  hf_export(env, exports, "timerOpen", timer_open);
  hf_export(env, exports, "timerSet", timer_set);
  hf_export(env, exports, "timerClose", timer_close);
}
