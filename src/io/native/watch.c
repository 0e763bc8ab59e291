#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void release(hf_watch *watch) {
  if (--watch->owners == 0) free(watch);
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  hf_watch_close(data);
  release(data);
}

napi_value hf_watch_wrap(napi_env env, hf_watch *watch, const void *kind, int fd) {
  napi_value handle;
  watch->env = env;
  watch->kind = kind;
  watch->fd = fd;
  watch->owners = 1;
  if (napi_create_external(env, watch, finalize, NULL, &handle) != napi_ok) {
    close(fd);
    free(watch);
    return NULL;
  }
  return handle;
}

void *hf_watch_get(napi_env env, napi_value handle, const void *kind) {
  napi_valuetype type;
  void *data = NULL;
  if (napi_typeof(env, handle, &type) != napi_ok || type != napi_external) return NULL;
  if (napi_get_value_external(env, handle, &data) != napi_ok) return NULL;
  return data != NULL && ((hf_watch *)data)->kind == kind ? data : NULL;
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  (void)events;
  hf_watch *watch = poll->data;
  napi_handle_scope scope;
  /* libuv stops the handle when poll reports POLLERR, which a netlink overrun or a vanished link does. */
  if (status < 0) uv_poll_start(poll, UV_READABLE, on_poll);
  if (napi_open_handle_scope(watch->env, &scope) != napi_ok) return;
  watch->on_event(watch, status < 0);
  napi_close_handle_scope(watch->env, scope);
}

static void on_closed(uv_handle_t *handle) {
  hf_watch *watch = handle->data;
  napi_handle_scope scope;
  if (napi_open_handle_scope(watch->env, &scope) == napi_ok) {
    napi_delete_reference(watch->env, watch->listener);
    if (watch->memory != NULL) napi_delete_reference(watch->env, watch->memory);
    napi_async_destroy(watch->env, watch->context);
    napi_close_handle_scope(watch->env, scope);
  }
  napi_remove_async_cleanup_hook(watch->cleanup);
  release(watch);
}

static void on_teardown(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  hf_watch_close(data);
}

int hf_watch_start(hf_watch *watch, napi_value listener, napi_value memory, const char *name, hf_watch_event on_event) {
  uv_loop_t *loop;
  napi_value resource;
  if (watch->fd < 0) return -EBADF;
  if (watch->watched) return -EALREADY;
  if (napi_get_uv_event_loop(watch->env, &loop) != napi_ok) return -EINVAL;
  if (napi_create_reference(watch->env, listener, 1, &watch->listener) != napi_ok) return -EINVAL;
  if (memory != NULL) napi_create_reference(watch->env, memory, 1, &watch->memory);
  napi_create_string_utf8(watch->env, name, NAPI_AUTO_LENGTH, &resource);
  napi_async_init(watch->env, NULL, resource, &watch->context);
  int status = uv_poll_init(loop, &watch->poll, watch->fd);
  if (status == 0) status = uv_poll_start(&watch->poll, UV_READABLE, on_poll);
  if (status != 0) {
    napi_delete_reference(watch->env, watch->listener);
    if (watch->memory != NULL) napi_delete_reference(watch->env, watch->memory);
    napi_async_destroy(watch->env, watch->context);
    return status;
  }
  watch->poll.data = watch;
  watch->on_event = on_event;
  watch->watched = true;
  watch->owners++;
  napi_add_async_cleanup_hook(watch->env, on_teardown, watch, &watch->cleanup);
  return 0;
}

void hf_watch_ref(hf_watch *watch, bool keep_alive) {
  if (!watch->watched) return;
  if (keep_alive) uv_ref((uv_handle_t *)&watch->poll);
  else uv_unref((uv_handle_t *)&watch->poll);
}

void hf_watch_notify(hf_watch *watch, int64_t value) {
  napi_value argument = hf_number(watch->env, value);
  hf_call(watch->env, watch->listener, watch->context, 1, &argument);
}

void hf_watch_close(hf_watch *watch) {
  if (watch->fd < 0) return;
  if (watch->watched) uv_close((uv_handle_t *)&watch->poll, on_closed);
  close(watch->fd);
  watch->fd = -1;
}
