#include "addon.h"

void register_timer(napi_env env, napi_value exports) {
  (void)env;
  (void)exports;
}
