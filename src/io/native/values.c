/* Values between JavaScript and C: what every file of the addon uses. */
#include "addon.h"

#include <errno.h>

int32_t hf_int32(napi_env env, napi_value value) {
  int32_t result = 0;
  napi_get_value_int32(env, value, &result);
  return result;
}

int64_t hf_int64(napi_env env, napi_value value) {
  int64_t result = 0;
  napi_get_value_int64(env, value, &result);
  return result;
}

napi_value hf_number(napi_env env, int64_t value) {
  napi_value result;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value hf_answer(napi_env env, int64_t result) { return hf_number(env, result < 0 ? -errno : result); }

void *hf_bytes(napi_env env, napi_value value, size_t *length) {
  bool is_typed_array = false;
  *length = 0;
  if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return NULL;
  napi_typedarray_type type;
  size_t elements, offset;
  void *data = NULL;
  napi_value buffer;
  if (napi_get_typedarray_info(env, value, &type, &elements, &data, &buffer, &offset) != napi_ok) return NULL;
  size_t width = 1;
  if (type == napi_int16_array || type == napi_uint16_array) width = 2;
  if (type == napi_int32_array || type == napi_uint32_array || type == napi_float32_array) width = 4;
  if (type == napi_float64_array || type == napi_bigint64_array || type == napi_biguint64_array) width = 8;
  *length = elements * width;
  return data;
}

void hf_export(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value);
  napi_set_named_property(env, exports, name, value);
}

void hf_call(napi_env env, napi_ref function, napi_async_context context, size_t count, const napi_value *arguments) {
  napi_value callee, receiver, result, error = NULL;
  if (napi_get_reference_value(env, function, &callee) != napi_ok || napi_get_global(env, &receiver) != napi_ok) return;
  if (napi_make_callback(env, context, receiver, callee, count, arguments, &result) != napi_pending_exception) return;
  /* No exception to be had means that the environment is shutting down. */
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok && error != NULL) napi_fatal_exception(env, error);
}
