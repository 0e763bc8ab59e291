/* The thread of connector.h: the only one that touches its slots and sockets. */
#include "connector.h"
#include "tcp-socket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 256
/* So many begin before their answers are looked at. */
#define BEGUN 32
/* What is asked again and again begins at the nearest multiple of one of these, microseconds: starts that are close share a wake-up.
 * While few are asked, those of a longer time do. */
static const uint64_t GRIDS[] = { 100000, 20000, 4000 };
#define GRID_COUNT (sizeof GRIDS / sizeof *GRIDS)
/* So many questions of one wake-up do not wait for each other to speak of. */
#define FEW 32
/* An answer that is no later puts off nothing: the next question keeps the rhythm to the microsecond. */
#define IN_RHYTHM 20000
/* Of the time between two questions, what they may be moved or put off by without putting off the next: one part in so many. */
#define PARTS 10
/* A series that is so late was interrupted: beginning everything that is due at once would keep it all in step for ever. */
#define LATE_MICROS 1000000
/* How long a quiet answer may wait for JavaScript to come by. */
#define QUIET_MICROS 250000

/* What a slot waits for, where that is neither an answer (STEP_CONNECT) nor quiet answers (HF_TELLER): its instant, for the first
 * time or again. */
enum { PHASE_PLANNED = 0, PHASE_AGAIN = HF_TELLER - 1 };

static void fill(double *row, double id, int status, uint64_t started, uint64_t ended) {
  row[0] = id;
  row[1] = status;
  row[2] = (double)(ended - started);
  row[3] = (double)ended;
}

/* What a slot adds to the rate of all series. */
static uint64_t rate_of(const hf_slot *slot) {
  const hf_question *question = (const hf_question *)slot->request;
  return slot->quiet && question->every > 0 ? UINT64_C(1000000000) / question->every : 0;
}

static void let_go(hf_connector *shared, uint32_t number) {
  shared->series_rate -= rate_of(&shared->pending.slots[number]);
  hf_pending_release(&shared->pending, number);
}

/* The end of a question that began and ended at these instants. An answer that there is no memory for is lost: the asker gives up
 * by itself when its deadline has passed. */
static void tell_end(hf_connector *shared, uint32_t number, int status, uint64_t started, uint64_t ended, uint64_t now) {
  const hf_slot *slot = &shared->pending.slots[number];
  bool is_quiet = slot->quiet && status == 0 && ended == now;
  pthread_mutex_lock(&shared->lock);
  if (hf_connector_grow((void **)&shared->results, &shared->result_capacity, (shared->result_count + 1) * HF_CONNECTOR_RESULT_WIDTH, sizeof(double))) {
    if (shared->result_count == 0) shared->oldest = now;
    fill(shared->results + shared->result_count++ * HF_CONNECTOR_RESULT_WIDTH, slot->id, status, started, ended);
  }
  pthread_mutex_unlock(&shared->lock);
  let_go(shared, number);
  if (!is_quiet) hf_connector_signal(shared->told_fd);
  else if (!shared->tells) {
    shared->tells = true;
    hf_pending_postpone(&shared->pending, shared->teller, now + QUIET_MICROS);
  }
}

static void report(hf_connector *shared, uint32_t number, int status, uint64_t now) {
  tell_end(shared, number, status, shared->pending.slots[number].started, now, now);
}

/* The instant for a question that is asked every so many microseconds, or once. */
static uint64_t nearest(const hf_connector *shared, uint64_t instant, uint64_t every) {
  size_t i = 0;
  while (i + 1 < GRID_COUNT && (every < PARTS * GRIDS[i] || shared->series_rate * GRIDS[i] > FEW * UINT64_C(1000000000))) i++;
  uint64_t grid = GRIDS[i];
  return (instant + grid / 2) / grid * grid;
}

static uint64_t next_time(const hf_connector *shared, const hf_question *question, uint64_t now) {
  uint64_t late = now - question->planned;
  bool in_step = late <= IN_RHYTHM && late <= question->every / PARTS;
  return nearest(shared, (in_step ? question->planned : now) + question->every, question->every);
}

/* Whether the pass goes untold because the question is asked again. */
static bool goes_on(hf_connector *shared, uint32_t number, uint64_t now) {
  hf_slot *slot = &shared->pending.slots[number];
  hf_question *question = (hf_question *)slot->request;
  if (!slot->quiet || question->every == 0) return false;
  uint64_t next = next_time(shared, question, now);
  if (next > question->until) return false;
  question->planned = next;
  pthread_mutex_lock(&shared->lock);
  fill(shared->seen + slot->ticket * HF_CONNECTOR_RESULT_WIDTH, slot->id, 0, slot->started, now);
  pthread_mutex_unlock(&shared->lock);
  slot->phase = PHASE_AGAIN;
  hf_pending_rest(&shared->pending, number, next);
  return true;
}

/* The socket has something to say; no error in `events` is a connection. */
static void on_answer(hf_connector *shared, uint32_t number, uint32_t events, uint64_t now) {
  int error = 0;
  socklen_t length = sizeof error;
  if (events & (EPOLLERR | EPOLLHUP)) getsockopt(shared->pending.slots[number].fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) report(shared, number, -(STEP_CONNECT << 16 | error), now);
  else if (!goes_on(shared, number, now)) report(shared, number, 0, now);
}

/* Those that have just begun: the nearest servers have answered by the time the others have been asked. */
typedef struct {
  struct pollfd sockets[BEGUN];
  uint32_t slots[BEGUN];
  size_t count;
} hf_begun;

static void look_at_begun(hf_connector *shared, hf_begun *begun) {
  size_t count = begun->count;
  if (count == 0) return;
  begun->count = 0;
  poll(begun->sockets, count, 0);
  uint64_t now = hf_now_micros();
  for (size_t i = 0; i < count; i++) {
    uint32_t number = begun->slots[i];
    if (begun->sockets[i].revents != 0) on_answer(shared, number, (uint32_t)begun->sockets[i].revents, now);
    else if (!hf_pending_join(&shared->pending, number, EPOLLOUT)) report(shared, number, -(STEP_SOCKET << 16 | errno), now);
  }
}

/* Its time has come. */
static void begin(hf_connector *shared, uint32_t number, hf_begun *begun, uint64_t now) {
  hf_slot *slot = &shared->pending.slots[number];
  const hf_question *question = (const hf_question *)slot->request;
  const struct sockaddr *address = (const struct sockaddr *)&question->destination;
  const struct sockaddr *source = question->source.sin6_family == 0 ? NULL : (const struct sockaddr *)&question->source;
  socklen_t length = address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  slot->started = now;
  int fd = hf_tcp_socket(address->sa_family, source, length, question->mark, question->device_length ? question->device : NULL,
                         question->device_length);
  if (fd < 0) {
    report(shared, number, fd, now);
    return;
  }
  slot->fd = fd;
  slot->phase = STEP_CONNECT;
  if (connect(fd, address, length) < 0 && errno != EINPROGRESS) {
    report(shared, number, -(STEP_CONNECT << 16 | errno), now);
    return;
  }
  hf_pending_step(&shared->pending, number, now);
  begun->sockets[begun->count] = (struct pollfd){ .fd = fd, .events = POLLOUT };
  begun->slots[begun->count++] = number;
}

/* Its last pass is as old as it is: whoever asked hears of that one, and spreads what comes next. */
static bool was_interrupted(hf_connector *shared, uint32_t number, uint64_t now) {
  const hf_slot *slot = &shared->pending.slots[number];
  if (slot->phase != PHASE_AGAIN || now < slot->deadline + LATE_MICROS) return false;
  const double *last = shared->seen + slot->ticket * HF_CONNECTOR_RESULT_WIDTH;
  uint64_t ended = (uint64_t)last[3];
  tell_end(shared, number, 0, ended - (uint64_t)last[2], ended, now);
  return true;
}

static void tell(hf_connector *shared) {
  pthread_mutex_lock(&shared->lock);
  bool waiting = shared->result_count > 0;
  pthread_mutex_unlock(&shared->lock);
  if (waiting) hf_connector_signal(shared->told_fd);
}

/* Have they been taken meanwhile, it is the others' turn when their time comes. */
static void on_teller(hf_connector *shared, uint64_t now) {
  pthread_mutex_lock(&shared->lock);
  uint64_t due = shared->result_count > 0 ? shared->oldest + QUIET_MICROS : UINT64_MAX;
  pthread_mutex_unlock(&shared->lock);
  shared->tells = due > now && due != UINT64_MAX;
  hf_pending_postpone(&shared->pending, shared->teller, shared->tells ? due : UINT64_MAX);
  if (due <= now) hf_connector_signal(shared->told_fd);
}

static void on_due(hf_connector *shared, uint32_t number, hf_begun *begun) {
  hf_slot *slot = &shared->pending.slots[number];
  uint64_t now = hf_now_micros();
  struct pollfd question = { .fd = slot->fd, .events = POLLOUT };
  if (slot->phase == HF_TELLER) on_teller(shared, now);
  else if (slot->phase == PHASE_PLANNED || slot->phase == PHASE_AGAIN) {
    if (!was_interrupted(shared, number, now)) begin(shared, number, begun, now);
  } else if (poll(&question, 1, 0) > 0) on_answer(shared, number, (uint32_t)question.revents, now);
  else report(shared, number, -(STEP_CONNECT << 16 | ETIMEDOUT), now);
}

/* None that has just begun is overdue before it has been looked at. */
static void on_all_due(hf_connector *shared, hf_begun *begun, uint64_t now) {
  for (uint32_t number; (number = hf_pending_due(&shared->pending, now)) != HF_NO_SLOT;) {
    if (begun->count == BEGUN || (begun->count > 0 && shared->pending.slots[number].phase == STEP_CONNECT)) look_at_begun(shared, begun);
    else on_due(shared, number, begun);
  }
  look_at_begun(shared, begun);
}

/* The slot of a ticket while that is asked for this id. */
static uint32_t slot_of(const hf_connector *shared, const hf_command *command) {
  if (command->ticket >= shared->ticket_capacity) return HF_NO_SLOT;
  uint32_t number = shared->slots[command->ticket];
  if (number >= shared->pending.capacity) return HF_NO_SLOT;
  const hf_slot *slot = &shared->pending.slots[number];
  return slot->request != NULL && slot->id == command->id ? number : HF_NO_SLOT;
}

static bool reserve_seen(hf_connector *shared, uint32_t ticket) {
  pthread_mutex_lock(&shared->lock);
  size_t before = shared->seen_capacity;
  bool reserved = hf_connector_grow((void **)&shared->seen, &shared->seen_capacity, ((size_t)ticket + 1) * HF_CONNECTOR_RESULT_WIDTH, sizeof(double));
  for (size_t i = before; i < shared->seen_capacity; i++) shared->seen[i] = 0;
  pthread_mutex_unlock(&shared->lock);
  return reserved;
}

static void plan(hf_connector *shared, const hf_command *command) {
  uint64_t now = hf_now_micros();
  hf_slot slot = { .id = command->id, .ticket = command->ticket, .fd = -1, .phase = PHASE_PLANNED, .quiet = command->quiet, .step = command->timeout };
  slot.started = slot.deadline = command->at > now ? nearest(shared, command->at, command->question.every) : now;
  slot.limit = UINT64_MAX;
  slot.request = malloc(sizeof command->question);
  size_t before = shared->ticket_capacity;
  if (slot.request == NULL || !hf_pending_reserve(&shared->pending) || !reserve_seen(shared, command->ticket)
      || !hf_connector_grow((void **)&shared->slots, &shared->ticket_capacity, command->ticket + 1, sizeof *shared->slots)) {
    free(slot.request);
    return; /* As in report(). */
  }
  for (size_t i = before; i < shared->ticket_capacity; i++) shared->slots[i] = HF_NO_SLOT;
  memcpy(slot.request, &command->question, sizeof command->question);
  ((hf_question *)slot.request)->planned = slot.deadline;
  shared->series_rate += rate_of(&slot);
  shared->slots[command->ticket] = hf_pending_add(&shared->pending, slot, 0);
}

/* What is only asked again later is asked now. */
static void attend(hf_connector *shared, uint32_t number) {
  hf_slot *slot = &shared->pending.slots[number];
  shared->series_rate -= rate_of(slot);
  slot->quiet = false;
  if (slot->phase == PHASE_AGAIN) {
    slot->phase = PHASE_PLANNED;
    hf_pending_rest(&shared->pending, number, hf_now_micros());
  }
}

static void obey(hf_connector *shared, const hf_command *command) {
  if (command->kind == HF_START) {
    plan(shared, command);
    return;
  }
  uint32_t number = slot_of(shared, command);
  if (number != HF_NO_SLOT && command->kind == HF_CANCEL) let_go(shared, number);
  else if (number != HF_NO_SLOT) attend(shared, number);
  else if (command->kind == HF_ATTEND) tell(shared);
}

/* Everything that has been asked for, in order; false when the thread shall end. */
static bool obey_all(hf_connector *shared, hf_command **spare, size_t *spare_capacity) {
  pthread_mutex_lock(&shared->lock);
  hf_command *commands = shared->commands;
  size_t count = shared->command_count, capacity = shared->command_capacity;
  shared->commands = *spare;
  shared->command_capacity = *spare_capacity;
  shared->command_count = 0;
  bool goes_on = !shared->stopping;
  shared->turns++;
  pthread_mutex_unlock(&shared->lock);
  *spare = commands;
  *spare_capacity = capacity;
  for (size_t i = 0; i < count; i++) obey(shared, &commands[i]);
  return goes_on;
}

/* From here on who brings an earlier start must poke; false when somebody brought one meanwhile. */
static bool may_sleep(hf_connector *shared) {
  pthread_mutex_lock(&shared->lock);
  bool idle = shared->command_count == 0 && !shared->stopping;
  shared->wakes_at = idle ? shared->pending.armed : 0;
  pthread_mutex_unlock(&shared->lock);
  return idle;
}

void *hf_connector_run(void *data) {
  hf_connector *shared = data;
  struct epoll_event ready[BATCH];
  hf_begun begun = { .count = 0 };
  hf_command *spare = NULL;
  size_t spare_capacity = 0;
  bool fired = false;
  while (obey_all(shared, &spare, &spare_capacity)) {
    uint64_t now = hf_now_micros();
    on_all_due(shared, &begun, now);
    hf_pending_arm(&shared->pending, fired);
    fired = false;
    int found = epoll_wait(shared->pending.epoll_fd, ready, BATCH, may_sleep(shared) ? -1 : 0);
    now = hf_now_micros();
    for (int i = 0; i < found; i++) {
      uint64_t event = ready[i].data.u64, times;
      if (event == HF_TIMER) fired = true;
      else if (event != HF_COMMANDS) {
        uint32_t number = hf_pending_ready(&shared->pending, event);
        if (number != HF_NO_SLOT) on_answer(shared, number, ready[i].events, now);
      } else if (read(shared->wake_fd, &times, sizeof times) < 0) { /* Nothing any more: the commands are looked at anyway. */
      }
    }
  }
  free(spare);
  return NULL;
}
