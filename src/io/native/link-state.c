/* The state of a link as its driver tells it when asked, for drivers that do not tell the kernel by themselves. */
#include "addon.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/mii.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ASK_MII, ASK_ETHTOOL, ASK_FLAGS };

/* The transceiver's status register; all ones when nothing is there. */
static int mii_link(int fd, struct ifreq *request) {
  struct mii_ioctl_data *mii = (struct mii_ioctl_data *)(void *)&request->ifr_ifru;
  if (ioctl(fd, SIOCGMIIPHY, request) < 0) return -1;
  mii->reg_num = MII_BMSR;
  if (ioctl(fd, SIOCGMIIREG, request) < 0) return -1;
  if (mii->val_out == 0xffff || mii->val_out == 0) {
    errno = EIO;
    return -1;
  }
  return (mii->val_out & BMSR_LSTATUS) != 0;
}

static int ethtool_link(int fd, struct ifreq *request) {
  struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
  request->ifr_data = (void *)&link;
  return ioctl(fd, SIOCETHTOOL, request) < 0 ? -1 : link.data != 0;
}

static int flags_link(int fd, struct ifreq *request) {
  return ioctl(fd, SIOCGIFFLAGS, request) < 0 ? -1 : (request->ifr_flags & IFF_RUNNING) != 0;
}

/* linkState(name: bytes with NUL, how) -> 1 up | 0 down | -errno: 0 MII, 1 ETHTOOL, 2 the interface's flags */
static napi_value link_state(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  size_t length;
  const char *name = hf_bytes(env, arguments[0], &length);
  struct ifreq request = {0};
  if (length == 0 || length > sizeof request.ifr_name || name[length - 1] != 0) return hf_number(env, -EINVAL);
  memcpy(request.ifr_name, name, length);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return hf_number(env, -errno);
  int how = hf_int32(env, arguments[1]);
  int state = how == ASK_MII ? mii_link(fd, &request) : how == ASK_ETHTOOL ? ethtool_link(fd, &request) : flags_link(fd, &request);
  napi_value answer = hf_answer(env, state);
  close(fd);
  return answer;
}

void register_link_state(napi_env env, napi_value exports) {
  hf_export(env, exports, "linkState", link_state);
}
