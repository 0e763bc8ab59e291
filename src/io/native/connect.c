/* Batched TCP exchanges: addresses and requests in, answers out, one JavaScript call per wake-up. An exchange sends its
 * request in one piece and hands over what comes back, unread, until the other side ends. */
#include "pending.h"
#include "tcp-socket.h"
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 256
/* id, status, microseconds since the start, offset and length in the arena */
#define RESULT_WIDTH 5
#define ARENA (256 * 1024)
/* One socket's share of a wake-up: all of what it has, if few have much, and the least room worth reading into. */
#define READ_SHARE (16 * 1024)
#define READ_LEAST 4096
/* A server that is near has answered as a whole by then: its answer is looked for once before it is watched for. What is due within
 * half of this is looked for together. */
#define LOOK_MICROS 1000
/* An answer that is there when its time is over is heard; how long it may take until then. */
#define GRACE_MICROS 100000

/* A result's status; an error is -(step << 16 | errno) with the step it happened in. */
enum { STATUS_DATA = 1, STATUS_END = 2 };
enum { STEP_SEND = STEP_CONNECT + 1, STEP_READ };
/* The phase between asking and the first look: the socket is not in the epoll set yet. */
enum { PHASE_LOOK = STEP_READ + 1 };

typedef struct {
  hf_watch watch; /* of the epoll set */
  hf_pending pending;
  double *results;
  uint8_t *arena;
  size_t count, filled; /* results and arena bytes of this wake-up */
  size_t turn;          /* which of the readable sockets is read first */
} Engine;

static const char engine_kind;

static void report(Engine *engine, uint32_t slot, int status, size_t length, uint64_t now) {
  const hf_slot *entry = &engine->pending.slots[slot];
  double *result = engine->results + engine->count++ * RESULT_WIDTH;
  result[0] = entry->id;
  result[1] = status;
  result[2] = (double)(now - entry->started);
  result[3] = (double)engine->filled;
  result[4] = (double)length;
  engine->filled += length;
  if (status != STATUS_DATA) hf_pending_release(&engine->pending, slot);
}

static void on_connected(Engine *engine, uint32_t slot, uint64_t now) {
  hf_slot *entry = &engine->pending.slots[slot];
  /* A fresh socket has room for a whole request: one that has not is as broken as a refused one. */
  ssize_t sent = send(entry->fd, entry->request, entry->request_length, MSG_NOSIGNAL);
  if (sent != (ssize_t)entry->request_length) {
    report(engine, slot, -(STEP_SEND << 16 | (sent < 0 ? errno : EMSGSIZE)), 0, now);
    return;
  }
  free(entry->request);
  entry->request = NULL;
  entry->phase = STEP_READ;
  hf_pending_watch(&engine->pending, slot, EPOLLIN);
  hf_pending_step(&engine->pending, slot, now);
}

static void on_readable(Engine *engine, uint32_t slot, size_t share, uint64_t now) {
  int fd = engine->pending.slots[slot].fd;
  size_t length = 0, room = ARENA - engine->filled;
  if (room > share) room = share;
  while (length < room) {
    ssize_t got = recv(fd, engine->arena + engine->filled + length, room - length, 0);
    if (got == 0) {
      report(engine, slot, STATUS_END, length, now);
      return;
    }
    if (got < 0 && errno == EAGAIN) break;
    if (got < 0) {
      report(engine, slot, -(STEP_READ << 16 | errno), 0, now);
      return;
    }
    length += (size_t)got;
  }
  if (length == 0) return;
  report(engine, slot, STATUS_DATA, length, now);
  hf_pending_step(&engine->pending, slot, now);
}

/* Anything but an answer to be read. */
static void on_event(Engine *engine, uint32_t slot, uint32_t events, uint64_t now) {
  const hf_slot *entry = &engine->pending.slots[slot];
  int error = 0;
  socklen_t length = sizeof error;
  if (events & (EPOLLERR | EPOLLHUP)) getsockopt(entry->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (entry->phase == STEP_READ) report(engine, slot, -(STEP_READ << 16 | (error ? error : ECONNRESET)), 0, now); /* paused, and broken */
  else if (error != 0) report(engine, slot, -(STEP_CONNECT << 16 | error), 0, now);
  else on_connected(engine, slot, now);
}

/* Unless that was all, the socket is watched from now on. */
static void on_look(Engine *engine, uint32_t slot, uint64_t now) {
  hf_slot *entry = &engine->pending.slots[slot];
  size_t before = engine->count;
  entry->phase = STEP_READ;
  on_readable(engine, slot, READ_SHARE, now);
  if (entry->fd < 0) return;
  if (engine->count == before) hf_pending_step(&engine->pending, slot, entry->started);
  if (!hf_pending_join(&engine->pending, slot, EPOLLIN)) hf_pending_postpone(&engine->pending, slot, now);
}

/* Whether what the slot waits for has come and only not been looked at yet. The whole has no such grace: who sends without
 * end always has something there. */
static bool is_there(const hf_slot *entry, uint64_t now) {
  struct pollfd question = { .fd = entry->fd, .events = entry->phase == STEP_READ ? POLLIN : POLLOUT };
  return now < entry->limit && !entry->late && poll(&question, 1, 0) > 0;
}

static void on_timer(Engine *engine, uint64_t now) {
  for (uint32_t slot; engine->count < BATCH && (slot = hf_pending_due(&engine->pending, now + LOOK_MICROS / 2)) != HF_NO_SLOT;) {
    const hf_slot *entry = &engine->pending.slots[slot];
    if (entry->phase == PHASE_LOOK) {
      if (ARENA - engine->filled < READ_LEAST) break; /* The timer goes off again at once. */
      on_look(engine, slot, now);
    } else if (entry->deadline > now) break;
    else if (is_there(entry, now)) hf_pending_postpone(&engine->pending, slot, now + GRACE_MICROS);
    else report(engine, slot, -(entry->phase << 16 | ETIMEDOUT), 0, now);
  }
  hf_pending_arm(&engine->pending, true);
}

static void on_ready(hf_watch *watch, bool failed) {
  (void)failed;
  Engine *engine = (Engine *)watch;
  struct epoll_event ready[BATCH], *readable[BATCH];
  int found = epoll_wait(engine->watch.fd, ready, BATCH, 0);
  size_t readers = 0, read = 0;
  uint64_t now = hf_now_micros();
  bool fired = false;
  engine->count = engine->filled = 0;
  for (int i = 0; i < found; i++) {
    uint64_t event = ready[i].data.u64;
    uint32_t slot = hf_pending_ready(&engine->pending, event);
    if (event == HF_TIMER) fired = true;
    else if (slot == HF_NO_SLOT) continue;
    else if (engine->pending.slots[slot].phase == STEP_READ && (ready[i].events & EPOLLIN)) readable[readers++] = &ready[i];
    else on_event(engine, slot, ready[i].events, now);
  }
  /* epoll lists those that stay readable in the same order again: whoever comes first must not be the first for ever. */
  size_t share = readers > 0 ? ARENA / readers : 0;
  share = share > READ_SHARE ? READ_SHARE : share < READ_LEAST ? READ_LEAST : share;
  for (; read < readers && ARENA - engine->filled >= READ_LEAST; read++)
    on_readable(engine, (uint32_t)readable[(engine->turn + read) % readers]->data.u64, share, now);
  engine->turn += read;
  if (fired) on_timer(engine, now);
  if (engine->count > 0) hf_watch_notify(watch, (int64_t)engine->count);
}

/* connectOpen(results: Float64Array of BATCH * 5 followed by the arena's bytes, callback(count)) -> engine | -errno */
static napi_value connect_open(napi_env env, napi_callback_info info) {
  size_t count = 2, length;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  double *results = hf_bytes(env, arguments[0], &length);
  size_t results_size = BATCH * RESULT_WIDTH * sizeof *results;
  if (results == NULL || length < results_size + ARENA) return hf_number(env, -EINVAL);
  Engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) return hf_number(env, -ENOMEM);
  int status = hf_pending_open(&engine->pending);
  if (status < 0) {
    free(engine);
    return hf_number(env, status);
  }
  engine->results = results;
  engine->arena = (uint8_t *)results + results_size;
  napi_value handle = hf_watch_wrap(env, &engine->watch, &engine_kind, engine->pending.epoll_fd);
  status = hf_watch_start(&engine->watch, arguments[1], arguments[0], "holdfast:connect", on_ready);
  if (status < 0) hf_watch_close(&engine->watch);
  return status < 0 ? hf_number(env, status) : handle;
}

static Engine *engine_of(napi_env env, napi_value value) {
  Engine *engine = hf_watch_get(env, value, &engine_kind);
  return engine != NULL && engine->watch.fd >= 0 ? engine : NULL;
}

static uint64_t span(napi_env env, napi_value value) {
  int64_t micros = hf_int64(env, value);
  return micros > 0 ? (uint64_t)micros : 0;
}

/* The nearest servers are connected by the time connect returns. 1 = it was sent, 0 = it is to be sent later, or minus the step
 * that failed, with errno set. */
static int ask_at_once(int fd, const void *request, size_t length) {
  ssize_t sent = send(fd, request, length, MSG_NOSIGNAL);
  if (sent == (ssize_t)length) return 1;
  if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) return 0;
  if (sent < 0 && errno != EPIPE) return -STEP_CONNECT;
  if (sent >= 0) errno = EMSGSIZE;
  return -STEP_SEND;
}

static bool hold_request(hf_slot *slot, const void *request, size_t length) {
  slot->request = malloc(length);
  if (slot->request == NULL) return false;
  memcpy(slot->request, request, length);
  slot->request_length = (uint32_t)length;
  return true;
}

/* connectStart(engine, id, address, source | null, mark, device | null, request, stepMicros, wholeMicros)
 * -> slot number, or -(step << 16 | errno). */
static napi_value connect_start(napi_env env, napi_callback_info info) {
  size_t count = 9, address_length, source_length, device_length, request_length;
  napi_value arguments[9];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  Engine *engine = engine_of(env, arguments[0]);
  const struct sockaddr *address = hf_bytes(env, arguments[2], &address_length);
  const struct sockaddr *source = hf_bytes(env, arguments[3], &source_length);
  const char *device = hf_bytes(env, arguments[5], &device_length);
  const void *request = hf_bytes(env, arguments[6], &request_length);
  if (engine == NULL || request == NULL || !hf_is_address(address, address_length)) return hf_number(env, -(STEP_CONNECT << 16 | EINVAL));
  if (source != NULL && (!hf_is_address(source, source_length) || source->sa_family != address->sa_family))
    return hf_number(env, -(STEP_BIND << 16 | EAFNOSUPPORT));
  if (!hf_pending_reserve(&engine->pending)) return hf_number(env, -(STEP_SOCKET << 16 | ENOMEM));

  uint64_t now = hf_now_micros();
  int fd = hf_tcp_socket(address->sa_family, source, (socklen_t)source_length, (uint32_t)hf_int64(env, arguments[4]),
                         device, device_length);
  if (fd < 0) return hf_number(env, fd);
  if (connect(fd, address, (socklen_t)address_length) < 0 && errno != EINPROGRESS) return hf_number(env, hf_socket_failure(fd, STEP_CONNECT));
  int asked = ask_at_once(fd, request, request_length);
  if (asked < 0) return hf_number(env, hf_socket_failure(fd, -asked));

  hf_slot slot = { .started = now, .step = span(env, arguments[7]), .fd = asked ? -1 : fd, .phase = asked ? PHASE_LOOK : STEP_CONNECT };
  uint64_t deadline = now + (asked && slot.step > LOOK_MICROS ? LOOK_MICROS : slot.step);
  slot.limit = now + span(env, arguments[8]);
  slot.deadline = deadline < slot.limit ? deadline : slot.limit;
  napi_get_value_double(env, arguments[1], &slot.id);
  if (!asked && !hold_request(&slot, request, request_length)) {
    errno = ENOMEM;
    return hf_number(env, hf_socket_failure(fd, STEP_SOCKET));
  }
  uint32_t number = hf_pending_add(&engine->pending, slot, EPOLLOUT);
  if (number == HF_NO_SLOT) {
    free(slot.request);
    return hf_number(env, hf_socket_failure(fd, STEP_SOCKET));
  }
  engine->pending.slots[number].fd = fd;
  hf_pending_arm(&engine->pending, false);
  return hf_number(env, number);
}

/* The slot of arguments engine, slot, id; HF_NO_SLOT when that one has already ended. */
static uint32_t slot_of(napi_env env, Engine *engine, const napi_value *arguments) {
  uint32_t slot = (uint32_t)hf_int64(env, arguments[1]);
  double id = 0;
  napi_get_value_double(env, arguments[2], &id);
  if (engine == NULL || slot >= engine->pending.capacity) return HF_NO_SLOT;
  const hf_slot *entry = &engine->pending.slots[slot];
  return entry->fd >= 0 && entry->id == id ? slot : HF_NO_SLOT;
}

/* connectCancel(engine, slot, id): silent when that one has already ended. */
static napi_value connect_cancel(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  Engine *engine = engine_of(env, arguments[0]);
  uint32_t slot = slot_of(env, engine, arguments);
  if (slot != HF_NO_SLOT) hf_pending_release(&engine->pending, slot);
  return NULL;
}

/* connectPause(engine, slot, id, paused): an answer that is being read is left in the socket, and read again. Only a
 * connection that breaks is still heard of meanwhile. A new step begins with the reading. */
static napi_value connect_pause(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value arguments[4];
  bool paused = false;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_bool(env, arguments[3], &paused);
  Engine *engine = engine_of(env, arguments[0]);
  uint32_t slot = slot_of(env, engine, arguments);
  if (slot == HF_NO_SLOT || engine->pending.slots[slot].phase != STEP_READ) return NULL;
  hf_pending_watch(&engine->pending, slot, paused ? 0 : EPOLLIN);
  if (!paused) hf_pending_step(&engine->pending, slot, hf_now_micros());
  return NULL;
}

/* connectClose(engine): ends everything without a result. */
static napi_value connect_close(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  Engine *engine = engine_of(env, argument);
  if (engine == NULL) return NULL;
  hf_pending_close(&engine->pending);
  hf_watch_close(&engine->watch);
  return NULL;
}

void register_connect(napi_env env, napi_value exports) {
  hf_export(env, exports, "connectOpen", connect_open);
  hf_export(env, exports, "connectStart", connect_start);
  hf_export(env, exports, "connectCancel", connect_cancel);
  hf_export(env, exports, "connectPause", connect_pause);
  hf_export(env, exports, "connectClose", connect_close);
}
