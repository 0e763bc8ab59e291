/* TCP sockets for probes: source address, mark and device set before anything is sent. */
#ifndef HOLDFAST_TCP_SOCKET_H
#define HOLDFAST_TCP_SOCKET_H

#include "addon.h"

#include <sys/socket.h>

/* Where opening or connecting failed; JavaScript gets -(step << 16 | errno). */
enum { STEP_SOCKET = 1, STEP_BIND = 2, STEP_CONNECT = 3 };

/* Closes fd (unless negative) and encodes errno with the step. */
int hf_socket_failure(int fd, int step);

/* AF_INET or AF_INET6 with enough bytes. */
bool hf_is_address(const struct sockaddr *address, size_t length);

/* A non-blocking TCP socket; source and device may be NULL, mark 0 = none. Negative: see above. */
int hf_tcp_socket(int family, const struct sockaddr *source, socklen_t source_length, uint32_t mark,
                  const char *device, size_t device_length);

#endif
