#!/usr/bin/env node
/**
 * Picks a role, nothing else. The first argument of a child process is its role; everything else is an operator's command
 * line. Roles are loaded on demand: the VRRP process never sees the parser or the HTTP client.
 */

process.on('SIGUSR1', () => {
  // SIGUSR1 means "dump data" to keepalived's users; without a listener Node opens its debugger port instead.
});
process.on('SIGHUP', () => {
  // Whoever asks for a reload while the modules still load gets it: the configuration is read afterwards.
});

const [, , role, settings] = process.argv;

switch (role) {
  case 'vrrp': {
    const { runVrrp } = await import('./vrrp.js');
    runVrrp(settings);
    break;
  }
  case 'checkers': {
    const { runCheckers } = await import('./checkers.js');
    runCheckers(settings);
    break;
  }
  default: {
    const { runCommand } = await import('./command.js');
    await runCommand(process.argv.slice(2));
  }
}

export {};
