/** Picks a role, nothing else. */

process.on('SIGUSR1', () => {
  // SIGUSR1 means "dump data" to keepalived's users; without a listener Node opens its debugger port instead.
});

export {};
