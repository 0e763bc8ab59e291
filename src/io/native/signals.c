/* Signals Node has no name for: real-time ones, which end a process unless somebody listens. One listener per number,
 * for the life of the process; they do not keep the event loop alive. */
#include "addon.h"

#include <signal.h>
#include <stdlib.h>
#include <uv.h>

typedef struct {
  uv_signal_t handle;
  napi_env env;
  napi_ref listener;
  napi_async_context context;
} hf_signal;

static void on_closed(uv_handle_t *handle) {
  free(handle->data);
}

/* The environment ends: the loop must let go of the handle before it is freed. */
static void on_environment_end(void *data) {
  hf_signal *self = data;
  self->env = NULL;
  uv_close((uv_handle_t *)&self->handle, on_closed);
}

static void on_signal(uv_signal_t *handle, int number) {
  hf_signal *self = handle->data;
  if (self->env == NULL) return;
  napi_handle_scope scope;
  napi_open_handle_scope(self->env, &scope);
  napi_value argument = hf_number(self->env, number);
  hf_call(self->env, self->listener, self->context, 1, &argument);
  napi_close_handle_scope(self->env, scope);
}

/* listenSignal(number, listener) -> 0 | -errno. Every delivery of signal `number` calls listener(number). */
static napi_value listen_signal(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], name;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  uv_loop_t *loop;
  napi_get_uv_event_loop(env, &loop);
  hf_signal *self = calloc(1, sizeof *self);
  if (self == NULL) return hf_number(env, UV_ENOMEM);
  int status = uv_signal_init(loop, &self->handle);
  if (status < 0) {
    free(self);
    return hf_number(env, status);
  }
  self->handle.data = self;
  self->env = env;
  status = uv_signal_start(&self->handle, on_signal, hf_int32(env, arguments[0]));
  if (status < 0) {
    uv_close((uv_handle_t *)&self->handle, on_closed);
    return hf_number(env, status);
  }
  uv_unref((uv_handle_t *)&self->handle);
  napi_create_reference(env, arguments[1], 1, &self->listener);
  napi_create_string_utf8(env, "holdfast:signal", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, NULL, name, &self->context);
  napi_add_env_cleanup_hook(env, on_environment_end, self);
  return hf_number(env, 0);
}

void register_signals(napi_env env, napi_value exports) {
  hf_export(env, exports, "listenSignal", listen_signal);
}
