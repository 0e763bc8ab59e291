/* Sockets of any family: open, bind, options, send, receive. Addresses, options and control messages are bytes that
 * JavaScript lays out and reads; world errors come back as negative errno, never as exceptions. */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One received message in the arena: this header, then `capacity` bytes of data. raw-socket.ts reads it at these offsets. */
typedef struct {
  int32_t length;
  int32_t flags;
  int32_t address_length;
  int32_t control_length;
  uint8_t address[32];
  uint8_t control[128];
} slot_header;

#define MAX_BATCH 64

typedef struct {
  hf_watch watch;
  uint8_t *arena;
  size_t slot_size;
  unsigned slots;
} hf_socket;

static const char socket_kind;

static hf_socket *open_socket_of(napi_env env, napi_value handle) {
  hf_socket *self = hf_watch_get(env, handle, &socket_kind);
  return self != NULL && self->watch.fd >= 0 ? self : NULL;
}

#define SELF_OR_BADF()                                     \
  hf_socket *self = open_socket_of(env, arguments[0]);     \
  if (self == NULL) return hf_number(env, -EBADF)

/* socketOpen(domain, type, protocol) -> handle | -errno. Always non-blocking and close-on-exec. */
static napi_value socket_open(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(3);
  int type = hf_int32(env, arguments[1]) | SOCK_NONBLOCK | SOCK_CLOEXEC;
  int fd = socket(hf_int32(env, arguments[0]), type, hf_int32(env, arguments[2]));
  if (fd < 0) return hf_number(env, -errno);
  hf_socket *self = calloc(1, sizeof *self);
  if (self == NULL) {
    close(fd);
    return hf_number(env, -ENOMEM);
  }
  return hf_watch_wrap(env, &self->watch, &socket_kind, fd);
}

/* socketBind(handle, sockaddr) -> 0 | -errno */
static napi_value socket_bind(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  SELF_OR_BADF();
  size_t length;
  const void *address = hf_bytes(env, arguments[1], &length);
  return hf_answer(env, bind(self->watch.fd, address, length));
}

/* socketConnect(handle, sockaddr) -> 0 | -errno; -EINPROGRESS for a stream */
static napi_value socket_connect(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  SELF_OR_BADF();
  size_t length;
  const void *address = hf_bytes(env, arguments[1], &length);
  return hf_answer(env, connect(self->watch.fd, address, length));
}

/* socketAddress(handle, bytes) -> length | -errno: the local address */
static napi_value socket_address(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  SELF_OR_BADF();
  size_t capacity;
  void *bytes = hf_bytes(env, arguments[1], &capacity);
  socklen_t length = capacity;
  int result = getsockname(self->watch.fd, bytes, &length);
  return hf_answer(env, result < 0 ? result : (long)length);
}

/* socketSetOption(handle, level, name, bytes) -> 0 | -errno. For SO_ATTACH_FILTER the bytes are the instructions. */
static napi_value socket_set_option(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(4);
  SELF_OR_BADF();
  int level = hf_int32(env, arguments[1]), name = hf_int32(env, arguments[2]);
  size_t length;
  void *bytes = hf_bytes(env, arguments[3], &length);
  struct sock_fprog program = {.len = length / sizeof(struct sock_filter), .filter = bytes};
  if (level == SOL_SOCKET && name == SO_ATTACH_FILTER) {
    bytes = &program;
    length = sizeof program;
  }
  return hf_answer(env, setsockopt(self->watch.fd, level, name, bytes, length));
}

/* socketGetOption(handle, level, name, bytes) -> length | -errno */
static napi_value socket_get_option(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(4);
  SELF_OR_BADF();
  size_t capacity;
  void *bytes = hf_bytes(env, arguments[3], &capacity);
  socklen_t length = capacity;
  int result = getsockopt(self->watch.fd, hf_int32(env, arguments[1]), hf_int32(env, arguments[2]), bytes, &length);
  return hf_answer(env, result < 0 ? result : (long)length);
}

/* socketSend(handle, bytes, sockaddr | null, control | null) -> bytes sent | -errno */
static napi_value socket_send(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(4);
  SELF_OR_BADF();
  size_t length, address_length, control_length;
  struct iovec data = {.iov_base = hf_bytes(env, arguments[1], &length)};
  data.iov_len = length;
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  message.msg_name = hf_bytes(env, arguments[2], &address_length);
  message.msg_namelen = address_length;
  message.msg_control = hf_bytes(env, arguments[3], &control_length);
  message.msg_controllen = control_length;
  return hf_answer(env, sendmsg(self->watch.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

/* Fills the arena from its first slot. Messages received, 0 when there are none, or -errno. */
static int receive_batch(hf_socket *self) {
  struct mmsghdr messages[MAX_BATCH];
  struct iovec data[MAX_BATCH];
  memset(messages, 0, self->slots * sizeof *messages);
  for (unsigned i = 0; i < self->slots; i++) {
    slot_header *slot = (slot_header *)(self->arena + i * self->slot_size);
    data[i] = (struct iovec){slot + 1, self->slot_size - sizeof *slot};
    messages[i].msg_hdr = (struct msghdr){
        .msg_name = slot->address,
        .msg_namelen = sizeof slot->address,
        .msg_iov = &data[i],
        .msg_iovlen = 1,
        .msg_control = slot->control,
        .msg_controllen = sizeof slot->control,
    };
  }
  int count;
  do count = recvmmsg(self->watch.fd, messages, self->slots, MSG_DONTWAIT, NULL);
  while (count < 0 && errno == EINTR);
  if (count < 0) return errno == EAGAIN ? 0 : -errno;
  for (int i = 0; i < count; i++) {
    slot_header *slot = (slot_header *)(self->arena + i * self->slot_size);
    slot->length = messages[i].msg_len;
    slot->flags = messages[i].msg_hdr.msg_flags;
    slot->address_length = messages[i].msg_hdr.msg_namelen;
    slot->control_length = messages[i].msg_hdr.msg_controllen;
  }
  return count;
}

static void on_readable(hf_watch *watch, bool failed) {
  hf_socket *self = (hf_socket *)watch;
  int result = receive_batch(self);
  if (result == 0 && failed) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    result = -error;
  }
  if (result != 0) hf_watch_notify(watch, result);
}

/* socketWatch(handle, arena, slots, listener) -> 0 | -errno. listener(count | -errno) is called with the arena filled. */
static napi_value socket_watch(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(4);
  SELF_OR_BADF();
  size_t length;
  uint8_t *arena = hf_bytes(env, arguments[1], &length);
  int32_t slots = hf_int32(env, arguments[2]);
  if (arena == NULL || slots < 1 || slots > MAX_BATCH) return hf_number(env, -EINVAL);
  size_t slot_size = length / slots;
  if (slot_size <= sizeof(slot_header) || slot_size % 8 != 0) return hf_number(env, -EINVAL);
  int status = hf_watch_start(&self->watch, arguments[3], arguments[1], "holdfast:socket", on_readable);
  if (status == 0) {
    self->arena = arena;
    self->slots = slots;
    self->slot_size = slot_size;
  }
  return hf_number(env, status);
}

/* socketReceive(handle) -> messages in the arena | 0 | -errno, without waiting for the event loop */
static napi_value socket_receive(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  SELF_OR_BADF();
  return hf_number(env, self->arena == NULL ? -EINVAL : receive_batch(self));
}

/* socketRef(handle, keepAlive) */
static napi_value socket_ref(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  SELF_OR_BADF();
  bool keep_alive = false;
  napi_get_value_bool(env, arguments[1], &keep_alive);
  hf_watch_ref(&self->watch, keep_alive);
  return hf_number(env, 0);
}

/* socketClose(handle): the second time does nothing */
static napi_value socket_close(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  SELF_OR_BADF();
  hf_watch_close(&self->watch);
  return hf_number(env, 0);
}

/* interfaceIndex(name) -> index | -errno, in the calling thread's network namespace */
static napi_value interface_index(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(1);
  char name[IF_NAMESIZE];
  size_t length;
  if (napi_get_value_string_utf8(env, arguments[0], name, sizeof name, &length) != napi_ok) return hf_number(env, -EINVAL);
  unsigned index = if_nametoindex(name);
  return hf_number(env, index == 0 ? -errno : (int64_t)index);
}

/* enterNamespace(path, type) -> 0 | -errno. Moves the calling thread alone; sockets stay where they were opened. */
static napi_value enter_namespace(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  char path[4096];
  size_t length;
  if (napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &length) != napi_ok) return hf_number(env, -EINVAL);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return hf_number(env, -errno);
  int result = setns(fd, hf_int32(env, arguments[1])) < 0 ? -errno : 0;
  close(fd);
  return hf_number(env, result);
}

void register_sockets(napi_env env, napi_value exports) {
  hf_export(env, exports, "socketOpen", socket_open);
  hf_export(env, exports, "socketBind", socket_bind);
  hf_export(env, exports, "socketConnect", socket_connect);
  hf_export(env, exports, "socketAddress", socket_address);
  hf_export(env, exports, "socketSetOption", socket_set_option);
  hf_export(env, exports, "socketGetOption", socket_get_option);
  hf_export(env, exports, "socketSend", socket_send);
  hf_export(env, exports, "socketWatch", socket_watch);
  hf_export(env, exports, "socketReceive", socket_receive);
  hf_export(env, exports, "socketRef", socket_ref);
  hf_export(env, exports, "socketClose", socket_close);
  hf_export(env, exports, "interfaceIndex", interface_index);
  hf_export(env, exports, "enterNamespace", enter_namespace);
}
