/** The options that checkers share: how they connect and how often they run. */

import { readPort } from './arguments.js';
import { address, argument, bool, custom, integer, shortName, timer, TIMER_SECONDS, UINT32 } from './kinds.js';

const port = (doc: string, fallback: string): ReturnType<typeof custom<number>> =>
  custom({
    doc,
    default: fallback,
    min: 1,
    max: 65_535,
    example: 'connect_port 8080',
    syntax: 'PORT',
    read(statement, { findings }) {
      const value = argument(statement, findings);
      return value === undefined ? undefined : readPort(value, statement.words[0]?.text ?? '', findings);
    },
  });

/** Options of everything that connects to a server. */
export const connectionOptions = {
  connect_ip: address({ doc: 'Address to test.', default: 'the real server', example: 'connect_ip 192.0.2.10' }),
  connect_port: port('Port to test.', 'the real server'),
  bindto: address({ doc: 'Source address.', default: 'chosen by the kernel', example: 'bindto 192.0.2.1' }),
  bind_port: { ...port('Source port.', 'chosen by the kernel'), example: 'bind_port 5000' },
  bind_if: shortName({ doc: 'Interface the probe is bound to.', default: 'none', syntax: 'IF', example: 'bind_if eth0' }),
  connect_timeout: timer({
    doc: 'Time limit of each step on the network.',
    default: '5',
    min: 0.000001,
    max: TIMER_SECONDS,
  }),
  fwmark: integer({ doc: 'Firewall mark of the probe.', default: '0', min: 0, max: UINT32 }),
};

/** Options of every checker that runs by the clock. */
export const scheduleOptions = {
  retry: integer({
    doc: 'Further attempts before a healthy server is failed.',
    default: '1 (DNS_CHECK: 3, MISC_CHECK: 0)',
    min: 0,
    max: UINT32,
  }),
  delay_before_retry: timer({
    doc: 'Time between attempts.',
    default: '1 (HTTP_GET, SSL_GET: 3; DNS_CHECK: delay_loop)',
  }),
  warmup: timer({ doc: 'Longest random delay of the first check.', default: 'delay_loop' }),
  delay_loop: timer({ doc: 'Time between checks.', default: '60', min: 0.000001 }),
  alpha: bool({ doc: 'Down until the first check succeeds.', default: 'off' }),
  log_all_failures: bool({ doc: 'Log failures during retries too.', default: 'checker_log_all_failures' }),
};

export const commonOptions = { ...connectionOptions, ...scheduleOptions };
