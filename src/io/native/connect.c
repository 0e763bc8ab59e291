/* Batched TCP connects: addresses in, (id, errno, microseconds) out, one JavaScript call per wake-up.
 * One epoll set holds every pending socket and one timerfd; libuv watches only the epoll set. A check that connects costs
 * socket, connect, epoll_ctl and close. No byte is ever sent: closing an unused connection is all the check there is. */
#include "tcp-socket.h"
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256
#define RESULT_WIDTH 3
#define NONE UINT32_MAX
#define TIMER UINT64_MAX

typedef struct {
  double id;
  uint64_t started, deadline; /* microseconds, CLOCK_MONOTONIC */
  int fd;                     /* -1 when the slot is free */
  uint32_t heap_index;        /* when free: the next free slot */
} Slot;

typedef struct {
  hf_watch watch; /* of the epoll set */
  double *results;
  int timer_fd;
  Slot *slots;
  uint32_t *heap; /* slot numbers, earliest deadline first; same capacity as slots */
  uint32_t capacity, pending, first_free;
  uint64_t armed; /* what the timerfd is set to; 0 = disarmed */
} Engine;

static const char engine_kind;

static uint64_t now_micros(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_nsec / 1000u;
}

static void heap_put(Engine *engine, uint32_t index, uint32_t slot) {
  engine->heap[index] = slot;
  engine->slots[slot].heap_index = index;
}

static void heap_settle(Engine *engine, uint32_t index, uint32_t slot) {
  uint64_t deadline = engine->slots[slot].deadline;
  while (index > 0) {
    uint32_t parent = (index - 1) / 2;
    if (engine->slots[engine->heap[parent]].deadline <= deadline) break;
    heap_put(engine, index, engine->heap[parent]);
    index = parent;
  }
  for (;;) {
    uint32_t child = index * 2 + 1;
    if (child >= engine->pending) break;
    if (child + 1 < engine->pending &&
        engine->slots[engine->heap[child + 1]].deadline < engine->slots[engine->heap[child]].deadline)
      child++;
    if (engine->slots[engine->heap[child]].deadline >= deadline) break;
    heap_put(engine, index, engine->heap[child]);
    index = child;
  }
  heap_put(engine, index, slot);
}

static bool grow(Engine *engine) {
  uint32_t capacity = engine->capacity ? engine->capacity * 2 : 64;
  Slot *slots = realloc(engine->slots, capacity * sizeof *slots);
  if (slots == NULL) return false;
  engine->slots = slots;
  uint32_t *heap = realloc(engine->heap, capacity * sizeof *heap);
  if (heap == NULL) return false;
  engine->heap = heap;
  for (uint32_t i = capacity; i-- > engine->capacity;) {
    slots[i] = (Slot){ .fd = -1, .heap_index = engine->first_free };
    engine->first_free = i;
  }
  engine->capacity = capacity;
  return true;
}

/* Closes the socket (which also takes it out of the epoll set) and frees the slot. */
static void release(Engine *engine, uint32_t slot) {
  Slot *entry = &engine->slots[slot];
  uint32_t hole = entry->heap_index;
  uint32_t last = engine->heap[--engine->pending];
  if (last != slot) heap_settle(engine, hole, last);
  close(entry->fd);
  entry->fd = -1;
  entry->heap_index = engine->first_free;
  engine->first_free = slot;
}

/* The timer is only ever moved to an earlier time or after it fired: a wake-up too many is cheaper than a call per check. */
static void arm(Engine *engine, bool fired) {
  uint64_t next = engine->pending ? engine->slots[engine->heap[0]].deadline : 0;
  if (!fired && (next == 0 || (engine->armed != 0 && engine->armed <= next))) return;
  struct itimerspec when = { { 0, 0 }, { (time_t)(next / 1000000u), (long)(next % 1000000u) * 1000 } };
  timerfd_settime(engine->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
  engine->armed = next;
}

static size_t report(Engine *engine, size_t count, uint32_t slot, int error, uint64_t now) {
  const Slot *entry = &engine->slots[slot];
  double *result = engine->results + count * RESULT_WIDTH;
  result[0] = entry->id;
  result[1] = error;
  result[2] = (double)(now - entry->started);
  release(engine, slot);
  return count + 1;
}

static void on_ready(hf_watch *watch, bool failed) {
  (void)failed;
  Engine *engine = (Engine *)watch;
  struct epoll_event ready[BATCH];
  int found = epoll_wait(engine->watch.fd, ready, BATCH, 0);
  uint64_t now = now_micros();
  size_t count = 0;
  bool fired = false;
  for (int i = 0; i < found; i++) {
    if (ready[i].data.u64 == TIMER) {
      fired = true;
      continue;
    }
    uint32_t slot = (uint32_t)ready[i].data.u64;
    int error = 0;
    socklen_t length = sizeof error;
    if (ready[i].events & (EPOLLERR | EPOLLHUP))
      getsockopt(engine->slots[slot].fd, SOL_SOCKET, SO_ERROR, &error, &length);
    count = report(engine, count, slot, error, now);
  }
  /* An answer that is already there beats a deadline: with a full batch, more answers may be waiting. */
  if (fired && found < BATCH) {
    while (count < BATCH && engine->pending && engine->slots[engine->heap[0]].deadline <= now)
      count = report(engine, count, engine->heap[0], ETIMEDOUT, now);
    arm(engine, true);
  }
  if (count > 0) hf_watch_notify(watch, (int64_t)count);
}

/* connectOpen(results: Float64Array of BATCH * 3, callback(count)) -> engine | -errno */
static napi_value connect_open(napi_env env, napi_callback_info info) {
  size_t count = 2, length;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  double *results = hf_bytes(env, arguments[0], &length);
  if (results == NULL || length < BATCH * RESULT_WIDTH * sizeof(double)) return hf_number(env, -EINVAL);
  Engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) return hf_number(env, -ENOMEM);
  engine->results = results;
  engine->first_free = NONE;
  engine->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  int epoll_fd = engine->timer_fd < 0 ? -1 : epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) {
    int error = errno;
    if (engine->timer_fd >= 0) close(engine->timer_fd);
    free(engine);
    return hf_number(env, -error);
  }
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = TIMER };
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, engine->timer_fd, &event);
  napi_value handle = hf_watch_wrap(env, &engine->watch, &engine_kind, epoll_fd);
  int status = hf_watch_start(&engine->watch, arguments[1], arguments[0], "holdfast:connect", on_ready);
  if (status < 0) hf_watch_close(&engine->watch);
  return status < 0 ? hf_number(env, status) : handle;
}

static Engine *engine_of(napi_env env, napi_value value) {
  Engine *engine = hf_watch_get(env, value, &engine_kind);
  return engine != NULL && engine->watch.fd >= 0 ? engine : NULL;
}

/* connectStart(engine, id, address, source | null, mark, device | null, timeoutMicros)
 * -> slot number of a pending connect, or -(step << 16 | errno): -(STEP_CONNECT << 16) means connected at once. */
static napi_value connect_start(napi_env env, napi_callback_info info) {
  size_t count = 7, address_length, source_length, device_length;
  napi_value arguments[7];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  Engine *engine = engine_of(env, arguments[0]);
  const struct sockaddr *address = hf_bytes(env, arguments[2], &address_length);
  const struct sockaddr *source = hf_bytes(env, arguments[3], &source_length);
  const char *device = hf_bytes(env, arguments[5], &device_length);
  if (engine == NULL || !hf_is_address(address, address_length)) return hf_number(env, -(STEP_CONNECT << 16 | EINVAL));
  if (source != NULL && (!hf_is_address(source, source_length) || source->sa_family != address->sa_family))
    return hf_number(env, -(STEP_BIND << 16 | EAFNOSUPPORT));
  if (engine->first_free == NONE && !grow(engine)) return hf_number(env, -(STEP_SOCKET << 16 | ENOMEM));

  uint64_t now = now_micros();
  int fd = hf_tcp_socket(address->sa_family, source, (socklen_t)source_length, (uint32_t)hf_int64(env, arguments[4]),
                       device, device_length);
  if (fd < 0) return hf_number(env, fd);
  if (connect(fd, address, (socklen_t)address_length) == 0) errno = 0;
  if (errno != EINPROGRESS) return hf_number(env, hf_socket_failure(fd, STEP_CONNECT));

  uint32_t slot = engine->first_free;
  struct epoll_event event = { .events = EPOLLOUT, .data.u64 = slot };
  if (epoll_ctl(engine->watch.fd, EPOLL_CTL_ADD, fd, &event) < 0) return hf_number(env, hf_socket_failure(fd, STEP_SOCKET));
  Slot *entry = &engine->slots[slot];
  engine->first_free = entry->heap_index;
  int64_t timeout = hf_int64(env, arguments[6]);
  *entry = (Slot){ .started = now, .deadline = now + (uint64_t)(timeout > 0 ? timeout : 0), .fd = fd };
  napi_get_value_double(env, arguments[1], &entry->id);
  heap_settle(engine, engine->pending++, slot);
  arm(engine, false);
  return hf_number(env, slot);
}

/* connectCancel(engine, slot, id): silent when that check has already ended. */
static napi_value connect_cancel(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  Engine *engine = engine_of(env, arguments[0]);
  uint32_t slot = (uint32_t)hf_int64(env, arguments[1]);
  double id = 0;
  napi_get_value_double(env, arguments[2], &id);
  if (engine != NULL && slot < engine->capacity && engine->slots[slot].fd >= 0 && engine->slots[slot].id == id)
    release(engine, slot);
  return NULL;
}

/* connectClose(engine): ends every pending check without a result. */
static napi_value connect_close(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  Engine *engine = engine_of(env, argument);
  if (engine == NULL) return NULL;
  while (engine->pending) release(engine, engine->heap[0]);
  free(engine->slots);
  free(engine->heap);
  close(engine->timer_fd);
  hf_watch_close(&engine->watch);
  return NULL;
}

void register_connect(napi_env env, napi_value exports) {
  hf_export(env, exports, "connectOpen", connect_open);
  hf_export(env, exports, "connectStart", connect_start);
  hf_export(env, exports, "connectCancel", connect_cancel);
  hf_export(env, exports, "connectClose", connect_close);
}
