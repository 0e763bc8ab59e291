/* A stand-in for the kernel's IPVS, so that keepalived's checker runs (and can be timed) on a kernel without ip_vs.
 * Preloaded into keepalived only: every message it sends through libnl is acknowledged at once.
 * Build: cc -O2 -shared -fPIC -o standin-ipvs.so standin-ipvs.c */
#include <linux/netlink.h>
#include <stddef.h>

enum { CALLBACK_FINISH = 1, CALLBACK_ACK = 4 };
typedef int (*callback)(void *message, void *argument);

extern struct nlmsghdr *nlmsg_hdr(void *message);

static callback on_ack, on_finish;
static void *ack_argument, *finish_argument;
static int last_was_dump;

int genl_connect(void *socket) { (void)socket; return 0; }

int genl_ctrl_resolve(void *socket, const char *name) { (void)socket; (void)name; return 99; }

int nl_socket_modify_cb(void *socket, int type, int kind, callback function, void *argument) {
  (void)socket;
  (void)kind;
  if (type == CALLBACK_ACK) on_ack = function, ack_argument = argument;
  if (type == CALLBACK_FINISH) on_finish = function, finish_argument = argument;
  return 0;
}

int nl_send_auto(void *socket, void *message) {
  (void)socket;
  last_was_dump = nlmsg_hdr(message)->nlmsg_flags & NLM_F_DUMP;
  return (int)nlmsg_hdr(message)->nlmsg_len;
}

int nl_send_auto_complete(void *socket, void *message) { return nl_send_auto(socket, message); }

int nl_recvmsgs_default(void *socket) {
  (void)socket;
  if (last_was_dump && on_finish != NULL) on_finish(NULL, finish_argument);
  else if (on_ack != NULL) on_ack(NULL, ack_argument);
  return 0;
}
