/* A file descriptor watched by the event loop: the lifetime that every handle of the addon shares.
 *
 * The structure is owned twice, by its JavaScript handle and by the loop, and is freed when both have let go, so that
 * closing twice, collecting an open handle and tearing down the environment are all safe. */
#ifndef HOLDFAST_WATCH_H
#define HOLDFAST_WATCH_H

#include "addon.h"
#include <uv.h>

typedef struct hf_watch hf_watch;

/* Called with an open handle scope. `failed`: poll reported an error condition; the watch has been re-armed. */
typedef void (*hf_watch_event)(hf_watch *watch, bool failed);

struct hf_watch {
  uv_poll_t poll;
  napi_env env;
  napi_ref listener;
  /* Kept alive while the watch runs: memory the kernel writes into. NULL when there is none. */
  napi_ref memory;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
  hf_watch_event on_event;
  const void *kind;
  int fd;
  int owners;
  bool watched;
};

/* A JavaScript handle for a structure made with calloc() whose first member is this watch. Owns `fd` from here on.
 * `kind` is any address that tells one type of handle from another. */
napi_value hf_watch_wrap(napi_env env, hf_watch *watch, const void *kind, int fd);

/* The structure behind a handle; NULL when it is not a handle of this kind. fd is -1 once it is closed. */
void *hf_watch_get(napi_env env, napi_value handle, const void *kind);

/* Starts waiting for readability. 0 or -errno. `memory` may be NULL. At most once per handle. */
int hf_watch_start(hf_watch *watch, napi_value listener, napi_value memory, const char *name, hf_watch_event on_event);

/* Whether the watch keeps the event loop alive. */
void hf_watch_ref(hf_watch *watch, bool keep_alive);

/* Calls the listener with one number. */
void hf_watch_notify(hf_watch *watch, int64_t value);

/* Stops waiting and closes the descriptor. Safe to call again. */
void hf_watch_close(hf_watch *watch);

#endif
