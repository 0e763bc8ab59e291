/** holdfast's own words of web checks: what is asked beyond a GET, and what the certificate must be. */

import { given } from '../../base/given.js';
import type { CertificateDemand, HttpUrl } from '../../health/config-check.js';
import type { certificateWords, requestWords } from '../keywords/own-web.js';
import type { Values } from '../keywords/schema.js';
import type { Build } from './context.js';

export function requestOf(
  { findings }: Build,
  { request_method: method, request_header: headers, request_body: content, json_path: path, json_value: value }: Values<typeof requestWords>,
): Pick<HttpUrl, 'method' | 'headers' | 'content' | 'json'> {
  if (path === undefined && value !== undefined) {
    findings.report('uselessLine', value.at, 'json_value means something with json_path only', 'write: json_path status.state');
  }
  return {
    ...given({ method: method?.value, content: content?.value }),
    ...(headers.length === 0 ? {} : { headers: headers.map((header) => header.value) }),
    ...(path === undefined ? {} : { json: { path: path.value, ...given({ value: value?.value }) } }),
  };
}

/** `names`: the host of each question. Nothing when nothing of the certificate is looked at. */
export function certificateOf(
  { findings }: Build,
  { tls_verify: verify, tls_ca: authority, tls_expiry_warning: days }: Values<typeof certificateWords>,
  names: readonly string[],
): { readonly certificate?: CertificateDemand; readonly certificateNames?: readonly string[] } {
  const mode = verify?.value ?? 'none';
  if (mode === 'none' && authority !== undefined) {
    findings.report('uselessLine', authority.at, 'tls_ca means something with tls_verify only', 'write: tls_verify chain');
  }
  const warnBelow = days === undefined || days.value === 0 ? undefined : days.value;
  if (mode === 'none' && warnBelow === undefined) return {};
  return { certificate: { verify: mode, ...given({ authorityFile: authority?.value, warnBelow }) }, certificateNames: names };
}
