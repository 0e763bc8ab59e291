/* The guardian: a tiny process beside the daemon that outlives it. When every process of the daemon is dead it sends the
 * datagrams it was given for that case: goodbyes to the neighbours, then requests to the kernel to remove what is left, and
 * writes the files it was given: kernel settings as they were. It knows sockets and no protocol: every byte comes from the daemon. A process of Node would take fifty times its memory.
 *
 * guardian NAME LOG: NAME is the abstract socket on which a new daemon asks it to be quick; LOG is "stderr" or a syslog ident.
 * guardian NAME: asks, and ends when the guardian of that name has ended or there is none. Node knows no abstract sockets.
 * Standard input carries frames: u32 length of what follows, u8 kind, body. Integers are in the order of this machine.
 *   W count, then so many datagrams: the will; replaces the one before, also one that is being executed.
 *   P pid: the process that must be dead as well, 0 = none.
 *   H milliseconds: a new daemon takes the place of this one within so long, and the process goes on until then: the end of the
 *     input is no death. 0 = no longer.
 *   X execute the will although the daemon lives: that process is dead and nobody takes its place in time.
 * A datagram: u32 milliseconds after the death, i32 domain, type, protocol, u32 count of options, each i32 level, i32 name,
 * bytes; then bytes address, bytes control, bytes payload. bytes = u32 length and so many. A domain below 0 means a file: the
 * address is its path with the zero behind it, the payload what is written to it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_FRAME = 64 << 20, READ_SIZE = 16384, PATIENCE = 5000, SHORT_PATIENCE = 1000, LONGEST_WAIT = 3000, DONE = -1 };

typedef struct {
  const uint8_t *at, *end;
  bool bad;
} Reader;

typedef struct {
  uint8_t *bytes;
  size_t used, capacity;
} Buffer;

static Buffer input, will;
/* Milliseconds since the machine started; -1 = not. */
static int64_t executing_since = -1, orphaned_since = -1;
/* How long a new daemon is awaited, milliseconds. */
static uint32_t heir_patience;
static int worker = -1, newcomer = -1;
static bool log_to_stderr;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static const uint8_t *take(Reader *reader, size_t length) {
  if (reader->bad || (size_t)(reader->end - reader->at) < length) {
    reader->bad = true;
    return NULL;
  }
  const uint8_t *bytes = reader->at;
  reader->at += length;
  return bytes;
}

static uint32_t take_number(Reader *reader) {
  uint32_t number = 0;
  const uint8_t *bytes = take(reader, sizeof number);
  if (bytes != NULL) memcpy(&number, bytes, sizeof number);
  return number;
}

static const uint8_t *take_bytes(Reader *reader, uint32_t *length) {
  *length = take_number(reader);
  return take(reader, *length);
}

/* Of a file that is there: an interface may have taken its settings with it. */
static void write_file(const uint8_t *path, uint32_t path_length, const uint8_t *content, uint32_t length) {
  if (path_length == 0 || path[path_length - 1] != 0) return;
  int fd = open((const char *)path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return;
  if (write(fd, content, length) < 0) { /* Nobody is left to be told. */
  }
  close(fd);
}

/* The kernel answers netlink requests before sendmsg returns, and nobody waits for what the network says. */
static void deliver(Reader *reader, bool due) {
  int domain = (int)take_number(reader), type = (int)take_number(reader), protocol = (int)take_number(reader);
  uint32_t options = take_number(reader), length, address_length, control_length, payload_length;
  int fd = due && domain >= 0 && !reader->bad ? socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol) : -1;
  for (uint32_t i = 0; i < options && !reader->bad; i++) {
    int level = (int)take_number(reader), name = (int)take_number(reader);
    const uint8_t *value = take_bytes(reader, &length);
    if (value != NULL && fd >= 0) setsockopt(fd, level, name, value, length);
  }
  const uint8_t *address = take_bytes(reader, &address_length);
  const uint8_t *control = take_bytes(reader, &control_length);
  const uint8_t *payload = take_bytes(reader, &payload_length);
  if (due && domain < 0 && !reader->bad) write_file(address, address_length, payload, payload_length);
  if (fd < 0) return;
  if (!reader->bad) {
    struct iovec part = { .iov_base = (void *)payload, .iov_len = payload_length };
    struct msghdr message = {
      .msg_name = (void *)address, .msg_namelen = address_length, .msg_iov = &part, .msg_iovlen = 1,
      .msg_control = control_length > 0 ? (void *)control : NULL, .msg_controllen = control_length,
    };
    sendmsg(fd, &message, MSG_NOSIGNAL);
  }
  close(fd);
}

/* Sends what is due after `elapsed` milliseconds; returns when the next is due, DONE when nothing is left. Sent datagrams
 * are marked in the will itself. */
static int64_t execute(int64_t elapsed) {
  int64_t next = DONE;
  Reader reader = { .at = will.bytes, .end = will.bytes + will.used };
  uint32_t count = will.used == 0 ? 0 : take_number(&reader);
  for (uint32_t i = 0; i < count && !reader.bad; i++) {
    uint8_t *mark = (uint8_t *)reader.at;
    uint32_t at = take_number(&reader);
    bool due = at != UINT32_MAX && at <= elapsed;
    if (!due && at != UINT32_MAX && (next == DONE || at < next)) next = at;
    deliver(&reader, due);
    if (due) memset(mark, 0xff, sizeof at);
  }
  return next;
}

static bool holds_anything(void) {
  Reader reader = { .at = will.bytes, .end = will.bytes + will.used };
  return will.used > 0 && take_number(&reader) > 0;
}

static void say(const char *text) {
  if (log_to_stderr) {
    if (write(2, text, strlen(text)) < 0 || write(2, "\n", 1) < 0) { /* Nobody reads it. */
    }
  } else syslog(LOG_WARNING, "%s", text);
}

static bool reserve(Buffer *buffer, size_t length) {
  if (buffer->capacity - buffer->used >= length) return true;
  size_t capacity = (buffer->used + length) * 2;
  uint8_t *bytes = realloc(buffer->bytes, capacity);
  if (bytes == NULL) return false;
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return true;
}

static void watch_worker(uint32_t pid) {
  if (worker >= 0) close(worker);
  worker = pid == 0 ? -1 : (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
}

static void obey(const uint8_t *frame, uint32_t length) {
  Reader body = { .at = frame + 1, .end = frame + length };
  switch (frame[0]) {
    case 'W':
      will.used = 0;
      executing_since = -1;
      if (!reserve(&will, length - 1)) _exit(1);
      memcpy(will.bytes, frame + 1, length - 1);
      will.used = length - 1;
      break;
    case 'P':
      watch_worker(take_number(&body));
      break;
    case 'H':
      heir_patience = take_number(&body);
      break;
    case 'X':
      if (executing_since < 0) executing_since = now();
      break;
  }
}

/* False at the end of the input: the daemon's supervisor is dead. */
static bool read_input(void) {
  if (!reserve(&input, READ_SIZE)) _exit(1);
  ssize_t got = read(0, input.bytes + input.used, READ_SIZE);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  input.used += (size_t)got;
  size_t at = 0;
  for (uint32_t length; input.used - at >= sizeof length; at += sizeof length + length) {
    memcpy(&length, input.bytes + at, sizeof length);
    if (length == 0 || length > LONGEST_FRAME) _exit(1);
    if (input.used - at - sizeof length < length) break;
    obey(input.bytes + at + sizeof length, length);
  }
  memmove(input.bytes, input.bytes + at, input.used - at);
  input.used -= at;
  return true;
}

static socklen_t abstract_address(const char *name, struct sockaddr_un *address) {
  size_t length = strnlen(name, sizeof address->sun_path - 1);
  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  memcpy(address->sun_path + 1, name, length);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

/* A socket that ends with this process however it ends. Another guardian may still have the name: then this one has none. */
static int listen_as(const char *name) {
  struct sockaddr_un address;
  socklen_t size = abstract_address(name, &address);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || (bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 4) == 0)) return fd;
  close(fd);
  return -1;
}

/* Ends with the guardian, or at once without one. */
static int await_guardian(const char *name) {
  struct sockaddr_un address;
  socklen_t size = abstract_address(name, &address);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct pollfd closed = { .fd = fd, .events = POLLIN };
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, size) == 0) poll(&closed, 1, LONGEST_WAIT);
  return 0;
}

/* Whoever connects waits until the connection ends, which is when this process does. While the daemon lives nobody waits. */
static void accept_newcomer(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  if (orphaned_since < 0 || newcomer >= 0) close(fd);
  else newcomer = fd;
}

/* It had time to stop in order, and everybody else has given it up. */
static void end_worker(void) {
  struct pollfd ended = { .fd = worker, .events = POLLIN };
  syscall(SYS_pidfd_send_signal, worker, SIGKILL, NULL, 0u);
  poll(&ended, 1, SHORT_PATIENCE);
  watch_worker(0);
}

static void settle_in(const char *log) {
  static const int ignored[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM };
  /* A service manager that stops everything at once means the daemon, which says so itself. */
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  log_to_stderr = strcmp(log, "stderr") == 0;
  if (!log_to_stderr) openlog(log, LOG_PID, LOG_DAEMON);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  if (chdir("/") < 0) say("Guardian cannot leave its directory");
  /* Whatever makes the kernel end the daemon must not end this. */
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd >= 0) {
    if (write(fd, "-1000", 5) < 0) { /* Not permitted: then it is as likely as any other. */
    }
    close(fd);
  }
  mlockall(MCL_CURRENT | MCL_FUTURE);
}

static int64_t patience_ends_at(void) {
  return orphaned_since + (newcomer >= 0 ? SHORT_PATIENCE : PATIENCE);
}

/* Sends what is due and returns the instant of the next work, -1 = none. Does not return when all is done. */
static int64_t work(void) {
  if (orphaned_since >= 0 && worker >= 0 && heir_patience > 0) {
    /* Everything is the new daemon's, which starts a guardian of its own. */
    if (newcomer >= 0) _exit(0);
    if (now() < orphaned_since + heir_patience) return orphaned_since + heir_patience;
    heir_patience = 0;
    orphaned_since = now();
  }
  if (orphaned_since >= 0 && worker >= 0) {
    if (now() < patience_ends_at()) return patience_ends_at();
    end_worker();
  }
  if (orphaned_since >= 0 && executing_since < 0) {
    if (!holds_anything()) _exit(0);
    say("The daemon is dead: its virtual addresses are given up in its place");
    executing_since = now();
  }
  if (executing_since < 0) return -1;
  /* A new daemon sets its own addresses soon: nothing may be removed after that. */
  int64_t next = execute(newcomer >= 0 ? UINT32_MAX - 1 : now() - executing_since);
  if (next != DONE) return executing_since + next;
  if (orphaned_since >= 0) _exit(0);
  executing_since = -1;
  will.used = 0;
  return -1;
}

int main(int count, char **words) {
  if (count == 2) return await_guardian(words[1]);
  if (count != 3) return 2;
  settle_in(words[2]);
  int listener = listen_as(words[1]);
  for (;;) {
    int64_t next = work();
    int64_t wait = next < 0 ? -1 : next - now();
    struct pollfd watched[] = {
      { .fd = orphaned_since < 0 ? 0 : -1, .events = POLLIN },
      { .fd = orphaned_since < 0 ? -1 : worker, .events = POLLIN },
      { .fd = newcomer >= 0 ? -1 : listener, .events = POLLIN },
    };
    if (poll(watched, 3, next >= 0 && wait < 0 ? 0 : (int)wait) <= 0) continue;
    if (watched[2].revents != 0) accept_newcomer(listener);
    if (watched[1].revents != 0) watch_worker(0);
    if (watched[0].revents != 0 && !read_input()) orphaned_since = now();
  }
}
