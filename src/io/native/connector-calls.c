/* The connecting thread for JavaScript. */
#include "connector.h"
#include "tcp-socket.h"
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
  hf_watch watch;
  hf_connector *shared;
} Connector;

static const char connector_kind;

static void on_told(hf_watch *watch, bool failed) {
  (void)failed;
  uint64_t times;
  if (read(watch->fd, &times, sizeof times) == sizeof times) hf_watch_notify(watch, (int64_t)times);
}

static void on_teardown(void *data) {
  hf_connector_close(data);
  free(data);
}

/* connectorOpen(listener) -> engine | -errno. The listener is called when there are answers to be taken. */
static napi_value connector_open(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  Connector *self = calloc(1, sizeof *self);
  hf_connector *shared = calloc(1, sizeof *shared);
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  int status = fd < 0 ? -errno : self == NULL || shared == NULL ? -ENOMEM : hf_connector_open(shared, fd);
  if (status < 0) {
    if (fd >= 0) close(fd);
    free(self);
    free(shared);
    return hf_number(env, status);
  }
  self->shared = shared;
  napi_value handle = hf_watch_wrap(env, &self->watch, &connector_kind, fd);
  status = handle == NULL ? -ENOMEM : hf_watch_start(&self->watch, arguments[0], NULL, "holdfast:connector", on_told);
  if (status == 0) {
    napi_add_env_cleanup_hook(env, on_teardown, shared);
    return handle;
  }
  if (handle != NULL) hf_watch_close(&self->watch);
  on_teardown(shared);
  return hf_number(env, status);
}

static hf_connector *shared_of(napi_env env, napi_value value) {
  Connector *self = hf_watch_get(env, value, &connector_kind);
  return self != NULL && self->watch.fd >= 0 ? self->shared : NULL;
}

/* connectorStart(engine, ticket, id, at, quiet: 0 | 1, address, source | null, mark, device | null, timeoutMicros, everyMicros,
 * until) -> 0 | -(step << 16 | errno). `at` in the past: now. `everyMicros` 0: it is asked once. The ticket is free when the answer has been taken or the question
 * was cancelled. */
static napi_value connector_start(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(12);
  size_t length, source_length, device_length;
  hf_connector *shared = shared_of(env, arguments[0]);
  const struct sockaddr *address = hf_bytes(env, arguments[5], &length);
  const struct sockaddr *source = hf_bytes(env, arguments[6], &source_length);
  const char *device = hf_bytes(env, arguments[8], &device_length);
  hf_command command = { .kind = HF_START, .ticket = (uint32_t)hf_int64(env, arguments[1]), .quiet = hf_int32(env, arguments[4]) != 0 };
  hf_question *question = &command.question;
  int64_t at = hf_int64(env, arguments[3]), timeout = hf_int64(env, arguments[9]);
  int64_t every = hf_int64(env, arguments[10]), until = hf_int64(env, arguments[11]);
  if (shared == NULL || !hf_is_address(address, length) || length > sizeof question->destination
      || source_length > sizeof question->source || device_length > sizeof question->device)
    return hf_number(env, -(STEP_CONNECT << 16 | EINVAL));
  if (source != NULL && (!hf_is_address(source, source_length) || source->sa_family != address->sa_family))
    return hf_number(env, -(STEP_BIND << 16 | EAFNOSUPPORT));
  napi_get_value_double(env, arguments[2], &command.id);
  command.at = at > 0 ? (uint64_t)at : 0;
  command.timeout = timeout > 0 ? (uint64_t)timeout : 0;
  question->every = every > 0 ? (uint64_t)every : 0;
  question->until = until > 0 ? (uint64_t)until : 0;
  memcpy(&question->destination, address, length);
  if (source != NULL) memcpy(&question->source, source, source_length);
  if (device != NULL) memcpy(question->device, device, device_length);
  question->device_length = (uint8_t)device_length;
  question->mark = (uint32_t)hf_int64(env, arguments[7]);
  if (!hf_connector_start(shared)) return hf_number(env, -(STEP_SOCKET << 16 | EAGAIN));
  return hf_number(env, hf_connector_push(shared, &command) ? 0 : -(STEP_SOCKET << 16 | ENOMEM));
}

/* A command about a question that was asked before: arguments engine, ticket, id. */
static napi_value command(napi_env env, napi_callback_info info, int kind) {
  HF_ARGUMENTS(3);
  hf_connector *shared = shared_of(env, arguments[0]);
  hf_command command = { .kind = kind, .ticket = (uint32_t)hf_int64(env, arguments[1]), .at = UINT64_MAX };
  napi_get_value_double(env, arguments[2], &command.id);
  if (shared != NULL) hf_connector_push(shared, &command);
  return NULL;
}

/* connectorCancel(engine, ticket, id): an answer that is there already may still be taken. */
static napi_value connector_cancel(napi_env env, napi_callback_info info) { return command(env, info, HF_CANCEL); }

/* connectorAttend(engine, ticket, id): the answer is waited for from now on, even one that is there already. */
static napi_value connector_attend(napi_env env, napi_callback_info info) { return command(env, info, HF_ATTEND); }

/* connectorTake(engine, results: Float64Array) -> how many answers were put there; as many as fit, the oldest first. */
static napi_value connector_take(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  size_t length;
  hf_connector *shared = shared_of(env, arguments[0]);
  double *results = hf_bytes(env, arguments[1], &length);
  if (shared == NULL || results == NULL) return hf_number(env, 0);
  size_t count = hf_connector_take(shared, results, length / (HF_CONNECTOR_RESULT_WIDTH * sizeof *results));
  return hf_number(env, (int64_t)count);
}

/* connectorLook(engine, seen: Float64Array, first ticket) -> how many rows were put there, one a ticket: id, 0, latency, instant of
 * the last pass that was not told. An instant of 0: there is none. A ticket's row may be of a question that it had before. */
static napi_value connector_look(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(3);
  size_t length;
  hf_connector *shared = shared_of(env, arguments[0]);
  double *seen = hf_bytes(env, arguments[1], &length);
  int64_t first = hf_int64(env, arguments[2]);
  if (shared == NULL || seen == NULL || first < 0) return hf_number(env, 0);
  return hf_number(env, (int64_t)hf_connector_look(shared, seen, length / (HF_CONNECTOR_RESULT_WIDTH * sizeof *seen), (size_t)first));
}

/* connectorBeat(engine) -> 1, or 0 when the thread has not stirred since the call before. To be called at intervals that are long for it. */
static napi_value connector_beat(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  hf_connector *shared = shared_of(env, arguments[0]);
  return hf_number(env, shared == NULL || hf_connector_beat(shared) ? 1 : 0);
}

/* connectorClose(engine): ends everything without an answer. */
static napi_value connector_close(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  hf_connector *shared = shared_of(env, arguments[0]);
  if (shared == NULL) return NULL;
  napi_remove_env_cleanup_hook(env, on_teardown, shared);
  hf_watch_close(hf_watch_get(env, arguments[0], &connector_kind));
  on_teardown(shared);
  return NULL;
}

void register_connector(napi_env env, napi_value exports) {
  hf_export(env, exports, "connectorOpen", connector_open);
  hf_export(env, exports, "connectorStart", connector_start);
  hf_export(env, exports, "connectorCancel", connector_cancel);
  hf_export(env, exports, "connectorAttend", connector_attend);
  hf_export(env, exports, "connectorTake", connector_take);
  hf_export(env, exports, "connectorLook", connector_look);
  hf_export(env, exports, "connectorBeat", connector_beat);
  hf_export(env, exports, "connectorClose", connector_close);
}
