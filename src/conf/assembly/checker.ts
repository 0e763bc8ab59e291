/** The checkers of one real server, their options inherited: checker, real server, virtual server, built in. */

import { familyOf, isLinkLocal } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { seconds } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { Check, CheckerConfig, ConnectionOptions, HttpProtocol, HttpUrl } from '../../health/config-check.js';
import type { httpGet, tcpCheck } from '../keywords/checkers.js';
import type { Section } from '../keywords/kinds.js';
import type { Located, Values } from '../keywords/schema.js';
import type { realServer, virtualServer } from '../keywords/virtual-server.js';
import type { Build } from './context.js';

type TcpValues = Values<(typeof tcpCheck)['keywords']>;
type HttpKeywords = (typeof httpGet)['keywords'];
type HttpValues = Values<HttpKeywords>;

/** What the checkers of one server inherit. */
export interface CheckerParents {
  readonly address: IpAddress;
  readonly port: number;
  readonly server: Values<(typeof realServer)['keywords']>;
  readonly service: Values<(typeof virtualServer)['keywords']>;
  readonly logAllFailures: boolean;
}

/** In file order, whatever their kinds. */
export function buildCheckers(build: Build, parents: CheckerParents): readonly CheckerConfig[] {
  const { TCP_CHECK: tcp, HTTP_GET: http, SSL_GET: tls } = parents.server;
  const found: { readonly order: number; readonly checker: CheckerConfig }[] = [];
  for (const located of tcp) {
    const { order, value } = located;
    const connection = connectionOf(build, value.values, parents);
    const schedule = scheduleOf(value.values, parents, seconds(1));
    const checker: CheckerConfig = { check: { type: 'TCP_CHECK', connection }, ...schedule };
    build.origins?.checkers.set(checker, located);
    found.push({ order, checker });
  }
  for (const located of http) addHttp(build, parents, 'HTTP_GET', located, found);
  for (const located of tls) addHttp(build, parents, 'SSL_GET', located, found);
  return found.sort((a, b) => a.order - b.order).map(({ checker }) => checker);
}

function addHttp(
  build: Build,
  parents: CheckerParents,
  type: 'HTTP_GET' | 'SSL_GET',
  located: Located<Section<HttpKeywords>>,
  found: { readonly order: number; readonly checker: CheckerConfig }[],
): void {
  const { values } = located.value;
  const urls = values.url.flatMap((url) => buildUrl(build, parents, values, url) ?? []);
  if (urls.length === 0) {
    build.findings.report(
      'checkerInvalid',
      located.at,
      `${type} without a usable url is ignored: the server counts as up`,
      'write: url { path / }',
    );
    return;
  }
  const schedule = scheduleOf(values, parents, seconds(3));
  // The old spelling sets the same thing: whichever stands last counts.
  const old = values.nb_get_retry;
  const retry = old !== undefined && old.order > (values.retry?.order ?? 0) ? old.value : schedule.retry;
  const names = urls.map((url) => url.serverName);
  const check: Check = {
    type,
    connection: connectionOf(build, values, parents),
    urls: urls.map((url) => url.url),
    protocol: protocolOf(values.http_protocol?.value),
    serverNames: values.enable_sni?.value === true ? names : names.map(() => undefined),
    fastRecovery: values.fast_recovery?.value ?? false,
  };
  const checker: CheckerConfig = { check, ...schedule, retry };
  build.origins?.checkers.set(checker, located);
  found.push({ order: located.order, checker });
}

function buildUrl(
  build: Build,
  parents: CheckerParents,
  checker: HttpValues,
  located: HttpValues['url'][number],
): { readonly url: HttpUrl; readonly serverName: string | undefined } | undefined {
  const { path, digest, status_code: codes, virtualhost } = located.value.values;
  if (path === undefined) {
    build.findings.report('checkerInvalid', located.at, 'a url without path is ignored', 'write: path /');
    return undefined;
  }
  const own = virtualhost?.value ?? checker.virtualhost?.value;
  const host = own ?? parents.server.virtualhost?.value ?? parents.service.virtualhost?.value;
  const url: HttpUrl = {
    path: path.value,
    statusCodes: codes?.value ?? [],
    ...(host === undefined ? {} : { virtualHost: host }),
    ...(digest === undefined ? {} : { digest: digest.value }),
  };
  // The real server's virtualhost is not consulted for SNI.
  return { url, serverName: own ?? parents.service.virtualhost?.value };
}

function protocolOf(text: HttpProtocol | '1.0c' | undefined): HttpProtocol {
  return text === '1.0c' ? '1.0C' : (text ?? '1.0');
}

function connectionOf(build: Build, values: TcpValues, parents: CheckerParents): ConnectionOptions {
  const { findings } = build;
  const address = values.connect_ip?.value ?? parents.address;
  const port = values.connect_port?.value ?? parents.port;
  let bindAddress = values.bindto?.value;
  if (values.bindto !== undefined && bindAddress !== undefined && familyOf(bindAddress) !== familyOf(address)) {
    findings.report(
      'wrongFamily',
      values.bindto.at,
      `bindto ${bindAddress} is not of the family of ${address}; it is ignored`,
    );
    bindAddress = undefined;
  }
  if (values.connect_ip !== undefined && values.bind_if === undefined && familyOf(address) === 'ipv6' && isLinkLocal(address)) {
    findings.report(
      'badAddress',
      values.connect_ip.at,
      `connect_ip ${address} is link-local and needs bind_if`,
      'write: bind_if INTERFACE',
    );
  }
  return {
    address,
    port,
    fwmark: values.fwmark?.value ?? 0,
    connectTimeout: inherited('connect_timeout', values, parents) ?? seconds(5),
    ...(bindAddress === undefined ? {} : { bindAddress }),
    ...(values.bind_port === undefined ? {} : { bindPort: values.bind_port.value }),
    ...(values.bind_if === undefined ? {} : { bindInterface: values.bind_if.value }),
  };
}

function inherited(
  name: 'connect_timeout' | 'delay_before_retry' | 'delay_loop' | 'warmup',
  values: TcpValues,
  { server, service }: CheckerParents,
): Micros | undefined {
  return values[name]?.value ?? server[name]?.value ?? service[name]?.value;
}

function scheduleOf(values: TcpValues, parents: CheckerParents, retryDelay: Micros): Omit<CheckerConfig, 'check'> {
  const { server, service } = parents;
  const delayLoop = inherited('delay_loop', values, parents) ?? seconds(60);
  return {
    delayLoop,
    retry: values.retry?.value ?? server.retry?.value ?? service.retry?.value ?? 1,
    delayBeforeRetry: inherited('delay_before_retry', values, parents) ?? retryDelay,
    warmup: inherited('warmup', values, parents) ?? delayLoop,
    alpha: values.alpha?.value ?? server.alpha?.value ?? service.alpha !== undefined,
    logAllFailures: values.log_all_failures?.value ?? parents.logAllFailures,
  };
}
