/*
 * A client of the failover benchmark: asks an IPv4 address for an echo every 2 ms until TERM, then prints the longest time in
 * milliseconds from a question to the next answer. Prints "answered" at the first answer. Not ping: that spins for such
 * intervals, and as many clients as there are pairs would take the processors that they measure.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_NANOSECONDS = 2000000, SEQUENCES = 65536 };

static double sent[SEQUENCES];
static volatile sig_atomic_t is_over;

static void end(int signal) {
  (void)signal;
  is_over = 1;
}

static double milliseconds(struct timespec at) {
  return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  return milliseconds(at);
}

static uint16_t checksum(const uint8_t *bytes, size_t length) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < length; i += 2) sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons((uint16_t)~sum);
}

static void ask(int raw, const struct sockaddr_in *to, uint16_t sequence) {
  struct icmphdr question = {.type = ICMP_ECHO};
  question.un.echo.id = htons((uint16_t)getpid());
  question.un.echo.sequence = htons(sequence);
  question.checksum = checksum((const uint8_t *)&question, sizeof question);
  sent[sequence] = now();
  // What cannot be sent is a question without an answer.
  if (sendto(raw, &question, sizeof question, 0, (const struct sockaddr *)to, sizeof *to) < 0) return;
}

/* The number of the question that was answered, or -1 when nothing is there; `at` is when the kernel had the answer. */
static int hear(int raw, double *at) {
  uint8_t packet[256], control[128];
  struct iovec part = {packet, sizeof packet};
  for (;;) {
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(raw, &message, MSG_DONTWAIT);
    if (length < 0) return -1;
    size_t header = (packet[0] & 15u) * 4;
    struct icmphdr answer;
    if ((size_t)length < header + sizeof answer) continue;
    memcpy(&answer, packet + header, sizeof answer);
    if (answer.type != ICMP_ECHOREPLY || answer.un.echo.id != htons((uint16_t)getpid())) continue;
    *at = now();
    for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each != NULL; each = CMSG_NXTHDR(&message, each)) {
      struct timespec stamp;
      if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SO_TIMESTAMPNS) continue;
      memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
      *at = milliseconds(stamp);
    }
    return ntohs(answer.un.echo.sequence);
  }
}

int main(int count, char **words) {
  struct sockaddr_in to = {.sin_family = AF_INET};
  int on = 1;
  int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec period = {{0, PERIOD_NANOSECONDS}, {0, PERIOD_NANOSECONDS}};
  if (count != 2 || inet_pton(AF_INET, words[1], &to.sin_addr) != 1 || raw < 0 || timer < 0) {
    fprintf(stderr, "usage: client ADDRESS, as root\n");
    return 1;
  }
  setsockopt(raw, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  timerfd_settime(timer, 0, &period, NULL);
  struct sigaction action = {.sa_handler = end};
  sigaction(SIGTERM, &action, NULL);

  double longest = 0, waiting_since = 0, at = 0;
  int has_answer = 0;
  uint16_t next = 0;
  while (!is_over) {
    struct pollfd events[] = {{timer, POLLIN, 0}, {raw, POLLIN, 0}};
    if (poll(events, 2, -1) < 0) continue;
    for (int answered = hear(raw, &at); answered >= 0; answered = hear(raw, &at)) {
      if (!has_answer) {
        printf("answered\n");
        fflush(stdout);
      } else if (waiting_since > 0 && at - waiting_since > longest) {
        longest = at - waiting_since;
      }
      has_answer = 1;
      uint16_t following = (uint16_t)(answered + 1);
      waiting_since = following == next ? 0 : sent[following];
    }
    if ((events[0].revents & POLLIN) == 0) continue;
    uint64_t expirations;
    if (read(timer, &expirations, sizeof expirations) < 0 && errno != EINTR) return 1;
    ask(raw, &to, next);
    if (waiting_since == 0) waiting_since = sent[next];
    next += 1;
  }
  if (waiting_since > 0 && now() - waiting_since > longest) longest = now() - waiting_since;
  printf("%.3f\n", longest);
  return 0;
}
