/* Sockets for probes. The order of calls is what makes the options effective: mark and device before bind. */
#include "tcp-socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

int hf_socket_failure(int fd, int step) {
  int error = errno;
  if (fd >= 0) close(fd);
  return -(step << 16 | error);
}

int hf_tcp_socket(int family, const struct sockaddr *source, socklen_t source_length, uint32_t mark,
                       const char *device, size_t device_length) {
  int one = 1;
  int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return hf_socket_failure(-1, STEP_SOCKET);
  if (mark != 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0) return hf_socket_failure(fd, STEP_SOCKET);
  if (device != NULL && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)device_length) < 0)
    return hf_socket_failure(fd, STEP_BIND);
  if (source == NULL) return fd;
  in_port_t port = family == AF_INET6 ? ((const struct sockaddr_in6 *)source)->sin6_port
                                      : ((const struct sockaddr_in *)source)->sin_port;
  /* A fixed port must be usable again while the last check is in TIME_WAIT; without one, connect picks it late. */
  if (port != 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  else setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind(fd, source, source_length) < 0) return hf_socket_failure(fd, STEP_BIND);
  return fd;
}

bool hf_is_address(const struct sockaddr *address, size_t length) {
  if (address == NULL || length < sizeof address->sa_family) return false;
  if (address->sa_family == AF_INET) return length >= sizeof(struct sockaddr_in);
  return address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6);
}

/* connectSocket(family, source | null, mark, device | null): an unconnected descriptor for node:net. */
static napi_value connect_socket(napi_env env, napi_callback_info info) {
  size_t count = 4, source_length, device_length;
  napi_value arguments[4];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  const struct sockaddr *source = hf_bytes(env, arguments[1], &source_length);
  const char *device = hf_bytes(env, arguments[3], &device_length);
  if (source != NULL && !hf_is_address(source, source_length)) return hf_number(env, -(STEP_BIND << 16 | EINVAL));
  return hf_number(env, hf_tcp_socket(hf_int32(env, arguments[0]), source, (socklen_t)source_length,
                                    (uint32_t)hf_int64(env, arguments[2]), device, device_length));
}

void register_tcp_socket(napi_env env, napi_value exports) {
  hf_export(env, exports, "connectSocket", connect_socket);
}
