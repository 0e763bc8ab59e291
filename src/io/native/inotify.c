/* Word of changes in directories and files (inotify). Which changes matter, and what their records say, is JavaScript's
 * business; world errors come back as negative errno. */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

static const char inotify_kind;

static hf_watch *open_inotify_of(napi_env env, napi_value handle) {
  hf_watch *watch = hf_watch_get(env, handle, &inotify_kind);
  return watch != NULL && watch->fd >= 0 ? watch : NULL;
}

#define WATCH_OR_BADF()                                   \
  hf_watch *watch = open_inotify_of(env, arguments[0]);   \
  if (watch == NULL) return hf_number(env, -EBADF)

static void on_readable(hf_watch *watch, bool failed) {
  (void)failed;
  hf_watch_notify(watch, 0);
}

/* inotifyOpen(listener(0)) -> handle | -errno. The listener is called while records wait to be read; the watch does not
 * keep the event loop alive. */
static napi_value inotify_open(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) return hf_number(env, -errno);
  hf_watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) {
    close(fd);
    return hf_number(env, -ENOMEM);
  }
  napi_value handle = hf_watch_wrap(env, watch, &inotify_kind, fd);
  if (handle == NULL) return hf_number(env, -ENOMEM);
  int status = hf_watch_start(watch, arguments[0], NULL, "holdfast:inotify", on_readable);
  if (status < 0) {
    hf_watch_close(watch);
    return hf_number(env, status);
  }
  hf_watch_ref(watch, false);
  return handle;
}

/* inotifyAdd(handle, path: bytes with NUL, mask) -> watch descriptor | -errno; the same one again for the same file. */
static napi_value inotify_add(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(3);
  WATCH_OR_BADF();
  size_t length;
  const char *path = hf_bytes(env, arguments[1], &length);
  if (length == 0 || path[length - 1] != 0) return hf_number(env, -EINVAL);
  return hf_answer(env, inotify_add_watch(watch->fd, path, (uint32_t)hf_int64(env, arguments[2])));
}

/* inotifyRemove(handle, descriptor) -> 0 | -errno */
static napi_value inotify_remove(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  WATCH_OR_BADF();
  return hf_answer(env, inotify_rm_watch(watch->fd, hf_int32(env, arguments[1])));
}

/* inotifyRead(handle, bytes) -> bytes of whole records | -EAGAIN | -errno */
static napi_value inotify_read(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  WATCH_OR_BADF();
  size_t length;
  void *bytes = hf_bytes(env, arguments[1], &length);
  return hf_answer(env, read(watch->fd, bytes, length));
}

/* inotifyClose(handle) */
static napi_value inotify_close(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  hf_watch *watch = open_inotify_of(env, arguments[0]);
  if (watch != NULL) hf_watch_close(watch);
  return NULL;
}

void register_inotify(napi_env env, napi_value exports) {
  hf_export(env, exports, "inotifyOpen", inotify_open);
  hf_export(env, exports, "inotifyAdd", inotify_add);
  hf_export(env, exports, "inotifyRemove", inotify_remove);
  hf_export(env, exports, "inotifyRead", inotify_read);
  hf_export(env, exports, "inotifyClose", inotify_close);
}
