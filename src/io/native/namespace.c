/* Network namespaces. World errors come back as negative errno. */
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

/* enterNetworkNamespace(path: bytes with NUL) -> 0 | -errno. The calling thread, and what it starts from now on: threads and
 * programs. Sockets that are open stay where they are. */
static napi_value enter_network_namespace(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  size_t length;
  const char *path = hf_bytes(env, arguments[0], &length);
  if (length == 0 || path[length - 1] != 0) return hf_number(env, -EINVAL);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return hf_number(env, -errno);
  napi_value answer = hf_answer(env, setns(fd, CLONE_NEWNET));
  close(fd);
  return answer;
}

void register_namespace(napi_env env, napi_value exports) {
  hf_export(env, exports, "enterNetworkNamespace", enter_network_namespace);
}
