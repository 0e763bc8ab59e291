/* Ten thousand real servers that cost next to nothing: accepts on port 8080 of every loopback address, a few milliseconds' worth of
 * connections at a time, and closes. A line read is answered with the number of connections accepted so far. After a line "watch"
 * the SYNs are listened to, each with the instant at which the kernel saw it, however late this process is run; the line after
 * that is answered with how far the time between two questions to one address was from a second meanwhile, in microseconds: p50,
 * p99 and the most. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT 8080
#define ADDRESSES 65536
#define INTERVAL 1000000
#define SAMPLES (1 << 20)
#define PAUSE 2000
#define BACKLOG 65535
#define TAP_BUFFER (64 << 20)

static _Atomic long accepted;
/* By the destination's last two bytes: the last question, microseconds. */
static int64_t last[ADDRESSES];
static int32_t samples[SAMPLES];
static long count;

static void *serve(void *data) {
  struct pollfd listener = { .fd = *(int *)data, .events = POLLIN };
  for (;;) {
    poll(&listener, 1, -1);
    usleep(PAUSE);
    for (int fd; (fd = accept(listener.fd, NULL, NULL)) >= 0; close(fd)) accepted++;
  }
  return NULL;
}

/* SYNs to the port, with their instants; they are read when it is over, so that nothing else is held up by them. -1 without the right. */
static int open_tap(void) {
  struct sock_filter steps[] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 6),
    BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
    BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PORT, 0, 3),
    BPF_STMT(BPF_LD | BPF_B | BPF_IND, 13),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 20),
    BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog filter = { .len = sizeof steps / sizeof *steps, .filter = steps };
  int one = 1, size = TAP_BUFFER;
  int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_ll where = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
  bool opened = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0
                && setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) == 0
                && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0
                && setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one) == 0
                && bind(fd, (struct sockaddr *)&where, sizeof where) == 0;
  if (opened || fd < 0) return fd;
  close(fd);
  return -1;
}

static void note(const uint8_t *packet, int64_t at) {
  uint16_t address = (uint16_t)(packet[18] << 8 | packet[19]);
  if (last[address] != 0 && count < SAMPLES) samples[count++] = (int32_t)llabs(at - last[address] - INTERVAL);
  last[address] = at;
}

/* All that has come; false when some was lost. */
static bool read_tap(int fd) {
  uint8_t packet[20];
  union {
    char bytes[CMSG_SPACE(sizeof(struct timespec))];
    struct cmsghdr aligned;
  } control;
  struct iovec piece = { packet, sizeof packet };
  struct tpacket_stats counted;
  socklen_t length = sizeof counted;
  for (;;) {
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    struct timespec at;
    if (recvmsg(fd, &message, 0) < (ssize_t)sizeof packet) break;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_type != SO_TIMESTAMPNS) continue;
    memcpy(&at, CMSG_DATA(header), sizeof at);
    note(packet, (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000);
  }
  return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &counted, &length) == 0 && counted.tp_drops == 0;
}

static int ascending(const void *a, const void *b) { return *(const int32_t *)a - *(const int32_t *)b; }

/* Of this network namespace. */
static bool set(const char *name, const char *value) {
  char path[64];
  snprintf(path, sizeof path, "/proc/sys/net/%s", name);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && write(fd, value, strlen(value)) > 0;
  if (fd >= 0) close(fd);
  return done;
}

int main(void) {
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
  int one = 1, tap = -1;
  if (!set("core/somaxconn", "65535")) return 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  char line[16];
  pthread_t thread;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&any, sizeof any) < 0 || listen(listener, BACKLOG) < 0) return 1;
  if (pthread_create(&thread, NULL, serve, &listener) != 0) return 1;
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (tap >= 0) {
      if (!read_tap(tap)) return 1;
      close(tap);
      tap = -1;
      qsort(samples, (size_t)count, sizeof *samples, ascending);
      printf("%d %d %d\n", count ? samples[count / 2] : 0, count ? samples[count * 99 / 100] : 0, count ? samples[count - 1] : 0);
    } else if (strcmp(line, "watch\n") == 0) {
      count = 0;
      memset(last, 0, sizeof last);
      tap = open_tap();
      if (tap < 0) return 1;
    } else {
      printf("%ld\n", accepted);
    }
    fflush(stdout);
  }
  return 0;
}
