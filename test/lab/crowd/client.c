/*
 * Clients of one address in one cheap process: `client ADDRESS PORT KEPT LINES NEW`. KEPT connections stay; LINES times a second the
 * next of them says a line and hears it back. NEW others a second ask once and are closed by their server. Says "kept" once all
 * that stay are open. The line "report" on stdin is answered with a line of JSON (CrowdReport in crowd.ts) when every new connection
 * begun before it is answered or given up. The clock stops when the kernel has the answer, however late this process is run.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 65536, ERRORS = 134, BURST = 64, EVENTS = 256, TICK_NANOSECONDS = 2000000, PATIENCE = 15000, FIRST_PORT = 1024, LAST_PORT = 65535 };
/* Not error numbers of the kernel: closed before an answer, and without an answer for PATIENCE milliseconds. */
enum { CLOSED = ERRORS - 2, NOT_ANSWERED };

enum state { NONE, KEPT, CONNECTING, ASKED, ANSWERED };

struct connection {
  enum state state;
  /* Milliseconds since 1970 at which the line that has not come back was said, or the new connection begun; 0: none. */
  double since;
  double answered;
  int period;
};

/* What happened to connections that were begun between two reports. */
struct period {
  long asked, under_way;
  double slowest;
  long failed[ERRORS];
};

static struct sockaddr_in to = {.sin_family = AF_INET};
static struct connection connections[CONNECTIONS];
static struct period periods[2];
static int *kept, kept_count, events, current, port = FIRST_PORT;
static bool is_report_due;
static double now, longest;
static long lost[ERRORS];

static double milliseconds(struct timespec at) {
  return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

/* A system call in user-mode Linux, where the clock is not read without one: once a turn. */
static void look_at_clock(void) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  now = milliseconds(at);
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static const char *name_of(int error) {
  if (error == CLOSED) return "CLOSED";
  if (error == NOT_ANSWERED) return "NOT_ANSWERED";
  const char *name = strerrorname_np(error);
  return name == NULL ? "UNKNOWN" : name;
}

/* Each new connection has the next port: the kernel's choice comes round early, and IPVS takes a SYN from a port that it
 * remembers to the server of then. A port that is taken is passed over. */
static int connect_from_next_port(int flags) {
  for (;;) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0 || fd >= CONNECTIONS) fail("socket");
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    port = port == LAST_PORT ? FIRST_PORT : port + 1;
    if (bind(fd, (struct sockaddr *)&from, sizeof from) == 0 &&
        (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 || (errno != EADDRINUSE && errno != EADDRNOTAVAIL))) return fd;
    close(fd);
  }
}

static void watch(int fd, enum state state, uint32_t wanted) {
  struct epoll_event event = {.events = wanted, .data.fd = fd};
  if (epoll_ctl(events, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
  connections[fd] = (struct connection){.state = state, .period = current};
}

static void say(int fd) {
  if (connections[fd].state != KEPT || connections[fd].since != 0) return;
  connections[fd].since = now;
  // What cannot be said is a line that does not come back.
  if (write(fd, "ECHO\n", 5) < 0) return;
}

static void begin_new(void) {
  int fd = connect_from_next_port(SOCK_NONBLOCK);
  watch(fd, CONNECTING, EPOLLIN | EPOLLOUT | EPOLLET);
  connections[fd].since = now;
  periods[current].asked++;
  periods[current].under_way++;
}

static void end_kept(int fd, int error) {
  lost[error > 0 && error < ERRORS ? error : CLOSED]++;
  connections[fd].state = NONE;
  close(fd);
}

/* `error` 0: answered. */
static void end_new(int fd, int error) {
  struct connection *each = &connections[fd];
  struct period *period = &periods[each->period];
  double took = (error == 0 ? each->answered : now) - each->since;
  if (took > period->slowest) period->slowest = took;
  if (error != 0) period->failed[error > 0 && error < ERRORS ? error : CLOSED]++;
  period->under_way--;
  each->state = NONE;
  close(fd);
}

/* Bytes that were there, 0 at the end, -1 with errno; `at` is when the kernel had them. */
static ssize_t hear(int fd, double *at) {
  char bytes[512], control[128];
  struct iovec part = {bytes, sizeof bytes};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
  *at = now;
  if (length <= 0) return length;
  for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each != NULL; each = CMSG_NXTHDR(&message, each)) {
    struct timespec stamp;
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SO_TIMESTAMPNS) continue;
    memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
    *at = milliseconds(stamp);
  }
  return length;
}

static void hear_kept(int fd) {
  struct connection *each = &connections[fd];
  double at;
  ssize_t length = hear(fd, &at);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) {
    end_kept(fd, length < 0 ? errno : CLOSED);
    return;
  }
  if (each->since != 0 && at - each->since > longest) longest = at - each->since;
  each->since = 0;
}

/* Told once of whatever happens to it, so that it must be heard until it has no more to say. */
static void hear_new(int fd) {
  struct connection *each = &connections[fd];
  if (each->state == CONNECTING) {
    // Fails with the reason for which the connection was not established.
    if (write(fd, "ASK\n", 4) == 4) each->state = ASKED;
    else if (errno != EAGAIN) end_new(fd, errno);
    return;
  }
  for (;;) {
    double at;
    ssize_t length = hear(fd, &at);
    if (length < 0 && errno == EAGAIN) return;
    if (length <= 0) {
      end_new(fd, length < 0 ? errno : each->state == ANSWERED ? 0 : CLOSED);
      return;
    }
    each->state = ANSWERED;
    each->answered = at;
  }
}

static void give_up_what_is_late(void) {
  for (int fd = 0; fd < CONNECTIONS; fd += 1) {
    if (connections[fd].state > KEPT && now - connections[fd].since > PATIENCE) end_new(fd, NOT_ANSWERED);
  }
}

static void print_errors(const char *name, const long *counts) {
  const char *comma = "";
  printf(",\"%s\":{", name);
  for (int error = 0; error < ERRORS; error += 1) {
    if (counts[error] == 0) continue;
    printf("%s\"%s\":%ld", comma, name_of(error), counts[error]);
    comma = ",";
  }
  printf("}");
}

static void report(const struct period *over) {
  long open = 0;
  for (int i = 0; i < kept_count; i += 1) {
    const struct connection *each = &connections[kept[i]];
    if (each->state != KEPT) continue;
    open += 1;
    if (each->since != 0 && now - each->since > longest) longest = now - each->since;
  }
  printf("{\"kept\":%ld,\"longest\":%.1f,\"asked\":%ld,\"slowest\":%.1f", open, longest, over->asked, over->slowest);
  print_errors("lost", lost);
  print_errors("failed", over->failed);
  printf("}\n");
  fflush(stdout);
  longest = 0;
}

/* How many of what happens `each_second` times a second since `from` are due beyond `done`. Of what was missed while the machine was
 * busy no more than a burst is made up for. */
static long due(double from, double each_second, long *done) {
  long wanted = (long)((now - from) / 1000 * each_second);
  long missing = wanted - *done;
  *done = wanted;
  return missing > BURST ? BURST : missing;
}

static void keep(int count) {
  kept = calloc((size_t)count + 1, sizeof *kept);
  for (kept_count = 0; kept_count < count; kept_count += 1) {
    char echo[8];
    int one = 1, fd = connect_from_next_port(0);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    if (write(fd, "ECHO\n", 5) != 5 || read(fd, echo, sizeof echo) <= 0) fail("a connection to be kept");
    kept[kept_count] = fd;
    watch(fd, KEPT, EPOLLIN);
  }
  printf("kept\n");
  fflush(stdout);
}

static void read_command(void) {
  char line[64];
  if (fgets(line, sizeof line, stdin) == NULL) exit(0);
  if (strcmp(line, "report\n") != 0 || is_report_due) return;
  is_report_due = true;
  current = 1 - current;
  periods[current] = (struct period){0};
}

/* What has happened since the last tick is handled together: to be woken by each packet would take the processor that is measured. */
static void turn(int timer) {
  static struct epoll_event ready[EVENTS];
  uint64_t expirations;
  if (read(timer, &expirations, sizeof expirations) < 0 && errno != EINTR) fail("timer");
  look_at_clock();
  int count;
  do {
    count = epoll_wait(events, ready, EVENTS, 0);
    for (int i = 0; i < count; i += 1) {
      int fd = ready[i].data.fd;
      if (fd == STDIN_FILENO) read_command();
      else if (connections[fd].state == KEPT) hear_kept(fd);
      else if (connections[fd].state != NONE) hear_new(fd);
    }
  } while (count == EVENTS);
}

int main(int count, char **words) {
  if (count != 6 || inet_pton(AF_INET, words[1], &to.sin_addr) != 1) {
    fprintf(stderr, "usage: client ADDRESS PORT KEPT LINES NEW\n");
    return 1;
  }
  to.sin_port = htons((uint16_t)atoi(words[2]));
  double lines_each_second = atof(words[4]), new_each_second = atof(words[5]);
  struct rlimit limit = {CONNECTIONS, CONNECTIONS};
  struct itimerspec period = {{0, TICK_NANOSECONDS}, {0, TICK_NANOSECONDS}};
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  events = epoll_create1(EPOLL_CLOEXEC);
  if (timer < 0 || events < 0) fail("timer or epoll");
  setrlimit(RLIMIT_NOFILE, &limit);
  setvbuf(stdin, NULL, _IONBF, 0);
  watch(STDIN_FILENO, NONE, EPOLLIN);
  keep(atoi(words[3]));
  timerfd_settime(timer, 0, &period, NULL);

  look_at_clock();
  double from = now, looked = from;
  long said = 0, begun = 0, next = 0;
  for (;;) {
    turn(timer);
    for (long left = kept_count > 0 ? due(from, lines_each_second, &said) : 0; left > 0; left -= 1) say(kept[next++ % kept_count]);
    for (long left = due(from, new_each_second, &begun); left > 0; left -= 1) begin_new();
    if (now - looked > 1000) {
      looked = now;
      give_up_what_is_late();
    }
    struct period *over = &periods[1 - current];
    if (is_report_due && over->under_way == 0) {
      is_report_due = false;
      report(over);
    }
  }
}
