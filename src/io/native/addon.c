/* Module entry: every file of the addon adds its functions. */
#include "addon.h"

NAPI_MODULE_INIT() {
  register_sockets(env, exports);
  register_timer(env, exports);
  register_process(env, exports);
  register_connect(env, exports);
  register_connector(env, exports);
  register_signals(env, exports);
  register_tcp_socket(env, exports);
  register_files(env, exports);
  register_scheduling(env, exports);
  register_inotify(env, exports);
  register_link_state(env, exports);
  register_confine(env, exports);
  register_memory(env, exports);
  return exports;
}
