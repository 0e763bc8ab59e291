#include "pending.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

uint64_t hf_now_micros(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_nsec / 1000u;
}

int hf_pending_open(hf_pending *pending) {
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = HF_TIMER };
  *pending = (hf_pending){ .first_free = HF_NO_SLOT };
  pending->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (pending->timer_fd < 0) return -errno;
  pending->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (pending->epoll_fd >= 0 && epoll_ctl(pending->epoll_fd, EPOLL_CTL_ADD, pending->timer_fd, &event) == 0) return 0;
  int error = errno;
  close(pending->timer_fd);
  if (pending->epoll_fd >= 0) close(pending->epoll_fd);
  return -error;
}

static uint64_t deadline_at(const hf_pending *pending, uint32_t index) {
  return pending->slots[pending->heap[index]].deadline;
}

static void put(hf_pending *pending, uint32_t index, uint32_t slot) {
  pending->heap[index] = slot;
  pending->slots[slot].heap_index = index;
}

/* Of equal deadlines the lower number's is first: those that come about together again and again do so in the same order. */
static bool is_before(const hf_pending *pending, uint32_t one, uint32_t other) {
  uint64_t first = pending->slots[one].deadline, second = pending->slots[other].deadline;
  return first != second ? first < second : one < other;
}

/* Puts `slot` where its deadline belongs, starting from the hole at `index`. */
static void settle(hf_pending *pending, uint32_t index, uint32_t slot) {
  for (uint32_t parent; index > 0 && is_before(pending, slot, pending->heap[parent = (index - 1) / 2]); index = parent)
    put(pending, index, pending->heap[parent]);
  for (uint32_t child; (child = index * 2 + 1) < pending->count; index = child) {
    if (child + 1 < pending->count && is_before(pending, pending->heap[child + 1], pending->heap[child])) child++;
    if (!is_before(pending, pending->heap[child], slot)) break;
    put(pending, index, pending->heap[child]);
  }
  put(pending, index, slot);
}

/* What epoll says of a slot. */
static struct epoll_event event_of(const hf_pending *pending, uint32_t slot, uint32_t events) {
  return (struct epoll_event){ .events = events, .data.u64 = (uint64_t)pending->slots[slot].generation << 32 | slot };
}

uint32_t hf_pending_ready(const hf_pending *pending, uint64_t event) {
  uint32_t slot = (uint32_t)event;
  return slot < pending->capacity && pending->slots[slot].generation == event >> 32 ? slot : HF_NO_SLOT;
}

bool hf_pending_reserve(hf_pending *pending) {
  if (pending->first_free != HF_NO_SLOT) return true;
  uint32_t capacity = pending->capacity ? pending->capacity * 2 : 64;
  hf_slot *slots = realloc(pending->slots, capacity * sizeof *slots);
  if (slots == NULL) return false;
  pending->slots = slots;
  uint32_t *heap = realloc(pending->heap, capacity * sizeof *heap);
  if (heap == NULL) return false;
  pending->heap = heap;
  for (uint32_t i = capacity; i-- > pending->capacity;) {
    slots[i] = (hf_slot){ .fd = -1, .heap_index = pending->first_free };
    pending->first_free = i;
  }
  pending->capacity = capacity;
  return true;
}

uint32_t hf_pending_add(hf_pending *pending, hf_slot slot, uint32_t events) {
  uint32_t number = pending->first_free;
  struct epoll_event event = event_of(pending, number, events);
  if (slot.fd >= 0 && epoll_ctl(pending->epoll_fd, EPOLL_CTL_ADD, slot.fd, &event) < 0) return HF_NO_SLOT;
  pending->first_free = pending->slots[number].heap_index;
  slot.generation = pending->slots[number].generation;
  pending->slots[number] = slot;
  /* The end of the heap is a hole until the slot has settled there or above. */
  settle(pending, pending->count++, number);
  return number;
}

bool hf_pending_join(hf_pending *pending, uint32_t slot, uint32_t events) {
  struct epoll_event event = event_of(pending, slot, events);
  return epoll_ctl(pending->epoll_fd, EPOLL_CTL_ADD, pending->slots[slot].fd, &event) == 0;
}

void hf_pending_watch(hf_pending *pending, uint32_t slot, uint32_t events) {
  struct epoll_event event = event_of(pending, slot, events);
  epoll_ctl(pending->epoll_fd, EPOLL_CTL_MOD, pending->slots[slot].fd, &event);
}

static void set_deadline(hf_pending *pending, uint32_t slot, uint64_t deadline) {
  hf_slot *entry = &pending->slots[slot];
  entry->deadline = deadline < entry->limit ? deadline : entry->limit;
  settle(pending, entry->heap_index, slot);
}

void hf_pending_step(hf_pending *pending, uint32_t slot, uint64_t now) {
  pending->slots[slot].late = false;
  set_deadline(pending, slot, now + pending->slots[slot].step);
}

void hf_pending_postpone(hf_pending *pending, uint32_t slot, uint64_t until) {
  pending->slots[slot].late = true;
  set_deadline(pending, slot, until);
}

void hf_pending_rest(hf_pending *pending, uint32_t slot, uint64_t until) {
  hf_slot *entry = &pending->slots[slot];
  if (entry->fd >= 0) close(entry->fd);
  entry->fd = -1;
  entry->generation++;
  entry->late = false;
  set_deadline(pending, slot, until);
}

void hf_pending_release(hf_pending *pending, uint32_t slot) {
  hf_slot *entry = &pending->slots[slot];
  uint32_t hole = entry->heap_index;
  uint32_t last = pending->heap[--pending->count];
  if (last != slot) settle(pending, hole, last);
  if (entry->fd >= 0) close(entry->fd);
  free(entry->request);
  *entry = (hf_slot){ .fd = -1, .heap_index = pending->first_free, .generation = entry->generation + 1 };
  pending->first_free = slot;
}

uint32_t hf_pending_due(const hf_pending *pending, uint64_t now) {
  return pending->count > 0 && deadline_at(pending, 0) <= now ? pending->heap[0] : HF_NO_SLOT;
}

/* Only ever moved to an earlier time or after it fired: a wake-up too many is cheaper than a system call per check. */
void hf_pending_arm(hf_pending *pending, bool fired) {
  uint64_t next = pending->count ? deadline_at(pending, 0) : 0;
  if (!fired && (next == 0 || (pending->armed != 0 && pending->armed <= next))) return;
  struct itimerspec when = { { 0, 0 }, { (time_t)(next / 1000000u), (long)(next % 1000000u) * 1000 } };
  timerfd_settime(pending->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
  pending->armed = next;
}

void hf_pending_close(hf_pending *pending) {
  while (pending->count) hf_pending_release(pending, pending->heap[0]);
  free(pending->slots);
  free(pending->heap);
  close(pending->timer_fd);
}
