/* File calls Node has no door to: named pipes, open-file-description locks, and a write that never waits.
 * World errors come back as negative errno. */
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* makeFifo(path: bytes with NUL, mode) -> 0 | -errno. The umask applies. */
static napi_value make_fifo(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  size_t length;
  const char *path = hf_bytes(env, arguments[0], &length);
  if (length == 0 || path[length - 1] != 0) return hf_number(env, -EINVAL);
  return hf_answer(env, mkfifo(path, (mode_t)hf_int32(env, arguments[1])));
}

/* lockFile(fd) -> 0 | -EAGAIN when another process holds it | -errno.
 * The lock belongs to the open file: it ends when the last copy of the descriptor is closed, however the process ends. */
static napi_value lock_file(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  return hf_answer(env, fcntl(hf_int32(env, arguments[0]), F_OFD_SETLK, &lock));
}

/* sendNow(fd, bytes) -> bytes taken | -EAGAIN | -errno. For sockets this process shares with others. */
static napi_value send_now(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  size_t length;
  const void *bytes = hf_bytes(env, arguments[1], &length);
  return hf_answer(env, send(hf_int32(env, arguments[0]), bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL));
}

void register_files(napi_env env, napi_value exports) {
  hf_export(env, exports, "makeFifo", make_fifo);
  hf_export(env, exports, "lockFile", lock_file);
  hf_export(env, exports, "sendNow", send_now);
}
