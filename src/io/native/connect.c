#include "addon.h"

void register_connect(napi_env env, napi_value exports) {
  (void)env;
  (void)exports;
}
