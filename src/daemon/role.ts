/**
 * Picks the role of a process of the daemon, nothing else. The first argument of a child process is its role; everything
 * else is an operator's command line. Roles are loaded on demand: the VRRP process never sees the parser or the HTTP client.
 */

import { awaitSettings } from './children/awaited-settings.js';

/** `words` is without interpreter and script; `commands` is what --help says of the commands that are no daemon. */
export async function runRole(words: readonly string[], commands: string): Promise<void> {
  holdSignals();
  const [role, settings] = words;
  switch (role) {
    case 'vrrp': {
      const { runVrrp } = await import('./vrrp.js');
      runVrrp(await awaitSettings());
      break;
    }
    case 'bfd': {
      const { runBfd } = await import('./bfd.js');
      runBfd(await awaitSettings());
      break;
    }
    case 'checkers': {
      const { runCheckers } = await import('./checkers.js');
      runCheckers(await awaitSettings());
      break;
    }
    case 'mailer': {
      const { runMailer } = await import('./mailer.js');
      runMailer(settings);
      break;
    }
    case 'control': {
      const { runControl } = await import('./control.js');
      runControl(settings);
      break;
    }
    default: {
      const { runCommand } = await import('./start/command.js');
      await runCommand(words, commands);
    }
  }
}

function holdSignals(): void {
  process.on('SIGUSR1', () => {
    // SIGUSR1 means "dump data" to keepalived's users; without a listener Node opens its debugger port instead.
  });
  process.on('SIGHUP', () => {
    // Whoever asks for a reload while the modules still load gets it: the configuration is read afterwards.
  });
}
