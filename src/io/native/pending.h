/* Sockets that wait for something until a deadline: one epoll set, one timerfd in it, the deadlines in a heap. */
#ifndef HOLDFAST_PENDING_H
#define HOLDFAST_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HF_NO_SLOT UINT32_MAX
/* The epoll data of the timer; for every other see hf_pending_ready. */
#define HF_TIMER UINT64_MAX

typedef struct {
  double id;
  uint64_t started, deadline; /* microseconds, CLOCK_MONOTONIC */
  uint64_t step, limit;       /* each step's span, and the instant no step may pass */
  uint8_t *request;           /* to be sent once connected, NULL = it was sent; or what is to be asked */
  uint32_t request_length;
  uint32_t ticket; /* whoever asked counts its questions by it */
  int phase;
  bool late;           /* its deadline was put off once */
  bool quiet;          /* a pass may be told later */
  int fd;              /* -1 when the slot is free or waits for its time alone */
  uint32_t heap_index; /* when free: the next free slot */
  uint32_t generation; /* how many sockets it has closed */
} hf_slot;

typedef struct {
  int epoll_fd, timer_fd;
  hf_slot *slots;
  uint32_t *heap; /* slot numbers, earliest deadline first; same capacity as slots */
  uint32_t capacity, count, first_free;
  uint64_t armed; /* what the timerfd is set to; 0 = disarmed */
} hf_pending;

uint64_t hf_now_micros(void);

/* 0 or -errno. */
int hf_pending_open(hf_pending *pending);

/* Makes room, so that the next hf_pending_add cannot fail for lack of memory. */
bool hf_pending_reserve(hf_pending *pending);

/* Watches `slot.fd` unless that is -1; the slot's number, or HF_NO_SLOT with errno set: the descriptor is still the caller's. */
uint32_t hf_pending_add(hf_pending *pending, hf_slot slot, uint32_t events);

/* Watches the descriptor of a slot that had none; false with errno set. */
bool hf_pending_join(hf_pending *pending, uint32_t slot, uint32_t events);

/* Waits for other events from now on. */
void hf_pending_watch(hf_pending *pending, uint32_t slot, uint32_t events);

/* A new step begins: its deadline is `now` + step, and never later than the limit. */
void hf_pending_step(hf_pending *pending, uint32_t slot, uint64_t now);

/* Puts the deadline of the step off, once, and never beyond the limit. */
void hf_pending_postpone(hf_pending *pending, uint32_t slot, uint64_t until);

/* Closes the socket if there is one: the slot waits for that instant alone. */
void hf_pending_rest(hf_pending *pending, uint32_t slot, uint64_t until);

/* The slot that an event of the epoll set is about, or HF_NO_SLOT when it is about a socket that the slot has closed. That stays
 * in the set while another process has it too: each program that is being started does until it has begun. */
uint32_t hf_pending_ready(const hf_pending *pending, uint64_t event);

/* Closes the socket and frees the slot. */
void hf_pending_release(hf_pending *pending, uint32_t slot);

/* The slot whose deadline is reached, or HF_NO_SLOT. */
uint32_t hf_pending_due(const hf_pending *pending, uint64_t now);

/* Sets the timer for the earliest deadline; `fired`: it has gone off. */
void hf_pending_arm(hf_pending *pending, bool fired);

/* Closes everything but the epoll descriptor, which belongs to the event loop's watch. */
void hf_pending_close(hf_pending *pending);

#endif
