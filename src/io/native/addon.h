/* Shared by the addon's files: helpers of values.c, and one register_* function per file, which addon.c calls.
 * The addon knows system calls and no protocol: bytes are laid out in TypeScript. */
#ifndef HOLDFAST_ADDON_H
#define HOLDFAST_ADDON_H

#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers from JavaScript; 0 when the value is not a number. */
int32_t hf_int32(napi_env env, napi_value value);
int64_t hf_int64(napi_env env, napi_value value);
napi_value hf_number(napi_env env, int64_t value);

/* What a system call returned; -errno when that is negative. */
napi_value hf_answer(napi_env env, int64_t result);

/* The first `count` arguments of a call, as `arguments`; absent ones are undefined. */
#define HF_ARGUMENTS(count)    \
  size_t argc = count;         \
  napi_value arguments[count]; \
  napi_get_cb_info(env, info, &argc, arguments, NULL, NULL)

/* Bytes of a typed array; NULL and length 0 for anything else (null means "absent"). */
void *hf_bytes(napi_env env, napi_value value, size_t *length);

/* Adds a function to the module's exports. */
void hf_export(napi_env env, napi_value exports, const char *name, napi_callback function);

/* Calls a JavaScript function from the event loop. An exception becomes 'uncaughtException', never an abort. */
void hf_call(napi_env env, napi_ref function, napi_async_context context, size_t count, const napi_value *arguments);

void register_sockets(napi_env env, napi_value exports);
void register_timer(napi_env env, napi_value exports);
void register_process(napi_env env, napi_value exports);
void register_connect(napi_env env, napi_value exports);
void register_connector(napi_env env, napi_value exports);
void register_signals(napi_env env, napi_value exports);
void register_tcp_socket(napi_env env, napi_value exports);
void register_files(napi_env env, napi_value exports);
void register_scheduling(napi_env env, napi_value exports);
void register_inotify(napi_env env, napi_value exports);
void register_link_state(napi_env env, napi_value exports);
void register_confine(napi_env env, napi_value exports);
void register_memory(napi_env env, napi_value exports);

#endif
