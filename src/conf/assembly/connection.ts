/** Where a checker connects and how often it runs: its own options, else the real server's, else the virtual server's. */

import { familyOf, isLinkLocal } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { seconds } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { CheckerConfig, ConnectionOptions } from '../../health/config-check.js';
import type { Word } from '../cst.js';
import type { commonOptions, scheduleOptions } from '../keywords/checker-options.js';
import { historyOf } from '../keywords/schema.js';
import type { Located, Values } from '../keywords/schema.js';
import type { realServer, virtualServer } from '../keywords/virtual-server.js';
import type { Build } from './context.js';

export type CommonValues = Values<typeof commonOptions>;
type ScheduleValues = Values<typeof scheduleOptions>;

/** What the checkers of one server inherit. */
export interface CheckerParents {
  readonly address: IpAddress;
  readonly port: number;
  readonly server: Values<(typeof realServer)['keywords']>;
  readonly service: Values<(typeof virtualServer)['keywords']>;
  readonly logAllFailures: boolean;
}

/**
 * `at` is the checker's block: what is wrong with inherited values is reported there. `reachesServer`: the address of the
 * server counts while connect_ip has not been read, as it does for all but an SMTP_CHECK around hosts.
 */
export function connectionOf(
  build: Build,
  at: Word,
  values: CommonValues,
  parents: CheckerParents,
  reachesServer = true,
): ConnectionOptions {
  const { findings } = build;
  const { connect, bind } = endsOf(build, values, reachesServer ? parents.address : undefined);
  const address = connect?.value ?? parents.address;
  const fits = bind === undefined || familyOf(bind.value) === familyOf(address);
  if (!fits) {
    const message = `bindto ${bind.value} is not of the family of ${address}: the check cannot connect from it, it is ignored`;
    findings.report('uselessLine', bind.at, message, 'write an address of the same family');
  }
  const bindAddress = fits ? bind?.value : undefined;
  if (values.bind_if === undefined) {
    reportScope(build, connect?.at ?? at, address);
    if (bind !== undefined && fits) reportScope(build, bind.at, bind.value);
  }
  return {
    address,
    port: values.connect_port?.value ?? parents.port,
    fwmark: values.fwmark?.value ?? 0,
    connectTimeout: inherited('connect_timeout', values.connect_timeout, parents) ?? seconds(5),
    ...(bindAddress === undefined ? {} : { bindAddress }),
    ...(values.bind_port === undefined ? {} : { bindPort: values.bind_port.value }),
    ...(values.bind_if === undefined ? {} : { bindInterface: values.bind_if.value }),
  };
}

type Ends = { readonly connect: Located<IpAddress> | undefined; readonly bind: Located<IpAddress> | undefined };

/** keepalived takes each line of the two only while it is of the family of what it has of the other one. */
function endsOf({ findings }: Build, { connect_ip: connects, bindto: binds }: CommonValues, server: IpAddress | undefined): Ends {
  const lines = [
    ...historyOf(connects).map((located) => ({ located, keyword: 'connect_ip' })),
    ...historyOf(binds).map((located) => ({ located, keyword: 'bindto' })),
  ].sort((a, b) => a.located.order - b.located.order);
  let connect: Located<IpAddress> | undefined;
  let bind: Located<IpAddress> | undefined;
  for (const { located, keyword } of lines) {
    const other = keyword === 'bindto' ? (connect?.value ?? server) : bind?.value;
    if (other !== undefined && familyOf(other) !== familyOf(located.value)) {
      const message = `${keyword} ${located.value} is not of the family of ${other}; it is ignored`;
      findings.report('wrongFamily', located.at, message, 'write an address of the same family');
    } else if (keyword === 'bindto') bind = located;
    else connect = located;
  }
  return { connect, bind };
}

function reportScope({ findings }: Build, at: Word, address: IpAddress): void {
  if (familyOf(address) === 'ipv4' || !isLinkLocal(address)) return;
  findings.report('badAddress', at, `${address} is link-local: without bind_if it leads nowhere`, 'write: bind_if INTERFACE');
}

/** What a kind of checker has of its own when nobody sets it. */
export interface ScheduleDefaults {
  readonly retry: number;
  readonly delayBeforeRetry: Micros | 'delayLoop';
}

export function scheduleOf(
  values: ScheduleValues,
  parents: CheckerParents,
  defaults: ScheduleDefaults = { retry: 1, delayBeforeRetry: seconds(1) },
): Omit<CheckerConfig, 'check'> {
  const { server, service } = parents;
  const delayLoop = inherited('delay_loop', values.delay_loop, parents) ?? seconds(60);
  const retryDelay = defaults.delayBeforeRetry === 'delayLoop' ? delayLoop : defaults.delayBeforeRetry;
  return {
    delayLoop,
    retry: values.retry?.value ?? server.retry?.value ?? service.retry?.value ?? defaults.retry,
    delayBeforeRetry: inherited('delay_before_retry', values.delay_before_retry, parents) ?? retryDelay,
    warmup: inherited('warmup', values.warmup, parents) ?? delayLoop,
    alpha: values.alpha?.value ?? server.alpha?.value ?? service.alpha !== undefined,
    logAllFailures: values.log_all_failures?.value ?? parents.logAllFailures,
  };
}

function inherited(
  name: 'connect_timeout' | 'delay_before_retry' | 'delay_loop' | 'warmup',
  own: Located<Micros> | undefined,
  { server, service }: CheckerParents,
): Micros | undefined {
  return own?.value ?? server[name]?.value ?? service[name]?.value;
}
