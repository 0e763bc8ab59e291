/** HTTP_GET and SSL_GET with their urls. */

import { seconds } from '../../base/time.js';
import type { CheckerConfig, HttpCheck, HttpProtocol, HttpUrl } from '../../health/config-check.js';
import type { Section } from '../keywords/kinds.js';
import type { Located, Values } from '../keywords/schema.js';
import type { httpGet, sslGet } from '../keywords/web-checks.js';
import { bodyPattern } from './body-pattern.js';
import { certificateOf, requestOf } from './own-web.js';
import { connectionOf, scheduleOf } from './connection.js';
import type { CheckerParents } from './connection.js';
import type { Build } from './context.js';

type WebValues = Values<(typeof httpGet)['keywords']> | Values<(typeof sslGet)['keywords']>;
type UrlValues = WebValues['url'][number];
type WebSection = Located<Section<(typeof httpGet)['keywords']>> | Located<Section<(typeof sslGet)['keywords']>>;

/** Undefined when no url is left: keepalived ignores the checker. */
export function buildWebChecker(
  build: Build,
  parents: CheckerParents,
  type: HttpCheck['type'],
  { at, value }: WebSection,
): CheckerConfig<HttpCheck> | undefined {
  const values: WebValues = value.values;
  const urls = values.url.flatMap((url) => buildUrl(build, parents, values, url) ?? []);
  if (urls.length === 0) {
    build.findings.report(
      'checkerInvalid',
      at,
      `${type} without a usable url is ignored: the server counts as up`,
      'write: url { path / }',
    );
    return undefined;
  }
  const schedule = scheduleOf(values, parents, { retry: 1, delayBeforeRetry: seconds(3) });
  // The old spelling sets the same thing: whichever stands last counts.
  const old = values.nb_get_retry;
  const retry = old !== undefined && old.order > (values.retry?.order ?? 0) ? old.value : schedule.retry;
  const names = urls.map((url) => url.serverName);
  const connection = connectionOf(build, at, values, parents);
  const check: HttpCheck = {
    type,
    connection,
    urls: urls.map((url) => url.url),
    protocol: protocolOf(values.http_protocol?.value),
    serverNames: values.enable_sni?.value === true ? names : names.map(() => undefined),
    fastRecovery: values.fast_recovery?.value ?? false,
    ...(values.http2 === undefined ? {} : { http2: true as const }),
    ...('tls_verify' in values ? certificateOf(build, values, urls.map(({ certificateName }) => certificateName ?? connection.address)) : {}),
  };
  return { check, ...schedule, retry };
}

function buildUrl(
  build: Build,
  parents: CheckerParents,
  checker: WebValues,
  { at, value }: UrlValues,
): { readonly url: HttpUrl; readonly serverName: string | undefined; readonly certificateName: string | undefined } | undefined {
  const { path, digest, status_code: codes, virtualhost } = value.values;
  if (path === undefined) {
    build.findings.report('checkerInvalid', at, 'a url without path is ignored', 'write: path /');
    return undefined;
  }
  const own = virtualhost?.value ?? checker.virtualhost?.value;
  const host = own ?? parents.server.virtualhost?.value ?? parents.service.virtualhost?.value;
  const body = bodyPattern(build, value.values);
  const closeNotify = closesWithNotify(value.values) ?? closesWithNotify(checker);
  const url: HttpUrl = {
    path: path.value,
    statusCodes: codes?.value ?? [],
    ...(host === undefined ? {} : { virtualHost: host }),
    ...(digest === undefined ? {} : { digest: digest.value }),
    ...(body === undefined ? {} : { body }),
    ...(closeNotify === true ? { closeNotify } : {}),
    ...requestOf(build, value.values),
  };
  // The real server's virtualhost is not consulted for SNI.
  const serverName = checker.sni_name?.value ?? own ?? parents.service.virtualhost?.value;
  return { url, serverName, certificateName: serverName ?? host };
}

function closesWithNotify(values: WebValues | UrlValues['value']['values']): boolean | undefined {
  return 'tls_compliant' in values ? values.tls_compliant?.value : undefined;
}

function protocolOf(text: HttpProtocol | '1.0c' | undefined): HttpProtocol {
  return text === '1.0c' ? '1.0C' : (text ?? '1.0');
}
