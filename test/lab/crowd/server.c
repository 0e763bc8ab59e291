/*
 * A real server in one cheap process: `server PORT` answers what it is asked and closes. A connection that begins with ECHO stays
 * instead, and hears what it says. Says "ready" when it listens.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 65536, EVENTS = 256, BACKLOG = 65535, PAUSE_MICROSECONDS = 2000 };

/* What does not fit into an empty socket buffer means a client that has stopped reading: it is let go. */
static void hear(int fd) {
  char bytes[512];
  ssize_t length = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (length < 0 && errno == EAGAIN) return;
  if (length >= 4 && memcmp(bytes, "ECHO", 4) == 0) {
    if (send(fd, bytes, (size_t)length, MSG_NOSIGNAL) == length) return;
  } else if (length > 0) {
    send(fd, "answer\n", 7, MSG_NOSIGNAL);
  }
  close(fd);
}

int main(int count, char **words) {
  static struct epoll_event ready[EVENTS];
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(count == 2 ? atoi(words[1]) : 0))};
  struct rlimit limit = {CONNECTIONS, CONNECTIONS};
  int one = 1, events = epoll_create1(EPOLL_CLOEXEC), listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setrlimit(RLIMIT_NOFILE, &limit);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  if (bind(listener, (struct sockaddr *)&any, sizeof any) < 0 || listen(listener, BACKLOG) < 0 || epoll_ctl(events, EPOLL_CTL_ADD, listener, &event) < 0) {
    perror("server");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  for (;;) {
    // What comes within a moment is answered together: to be woken by each packet would take the processor that is measured.
    epoll_wait(events, ready, 1, -1);
    usleep(PAUSE_MICROSECONDS);
    int happened = epoll_wait(events, ready, EVENTS, 0);
    for (int i = 0; i < happened; i += 1) {
      if (ready[i].data.fd != listener) {
        hear(ready[i].data.fd);
        continue;
      }
      for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        struct epoll_event arrived = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(events, EPOLL_CTL_ADD, fd, &arrived);
      }
    }
  }
}
