/** lb_kind and its kin: how packets reach a real server, and what tunnels can be. */

import type { ForwardingMethod, Tunnel } from '../../ipvs/tables.js';
import type { Statement, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { readPort } from './arguments.js';
import { argument, custom } from './kinds.js';
import type { Keyword } from './schema.js';

export interface Forwarding {
  readonly method: ForwardingMethod;
  readonly tunnel?: Tunnel;
  /** FULLNAT: the client's address is translated too. */
  readonly fullNat?: true;
}

/** `NAT / DR / TUN [type ipip|gue|gre [port N]] [nocsum|csum|remcsum]`. */
export function forwarding(
  doc: string,
  fallback: string,
  aliases: readonly string[],
  bare: 'fatal' | 'ignored' = 'fatal',
): Keyword<Forwarding, 'last'> {
  return custom({
    doc,
    default: fallback,
    aliases,
    syntax: 'NAT / DR / FULLNAT / TUN [type T [port N]] [csum]',
    read(statement, { findings }) {
      const kind = argument(statement, findings, bare);
      if (kind === undefined) return undefined;
      if (kind.text === 'TUN') return readTunnel(statement, findings);
      const extra = statement.words[2];
      if (extra !== undefined) {
        findings.report(
          'badValue',
          extra,
          `'${extra.text}' after ${kind.text} has no effect`,
          'only TUN has options',
        );
      }
      if (kind.text === 'NAT') return { method: 'nat' };
      if (kind.text === 'DR') return { method: 'direct' };
      if (kind.text === 'FULLNAT') {
        const message = 'FULLNAT is a word of holdfast: keepalived does not know it, reports it and ignores the line';
        findings.report('ownValue', kind, message);
        return { method: 'nat', fullNat: true };
      }
      findings.report('badValue', kind, `${kind.text} is no forwarding method; the line is ignored`, 'write NAT, DR, TUN or FULLNAT');
      return undefined;
    },
  });
}

/** What keepalived makes of TUN with options it does not understand. */
const PLAIN_TUNNEL: Forwarding = { method: 'tunnel', tunnel: { type: 'ipip', port: 0, checksum: 'none' } };

function readTunnel(statement: Statement, findings: Findings): Forwarding {
  const words = statement.words.slice(2);
  let type: Tunnel['type'] = 'ipip';
  let port = 0;
  let checksum: Tunnel['checksum'] = 'none';
  const checksums: Readonly<Record<string, Tunnel['checksum']>> = { nocsum: 'none', csum: 'checksum', remcsum: 'remote' };
  for (let index = 0; index < words.length; index += 1) {
    const option = words[index];
    const value = words[index + 1];
    if (option === undefined) break;
    const asked = checksums[option.text];
    if (asked !== undefined) {
      checksum = asked;
    } else if (option.text === 'type' && (value?.text === 'ipip' || value?.text === 'gue' || value?.text === 'gre')) {
      type = value.text;
      index += 1;
    } else if (option.text === 'port' && value !== undefined) {
      port = readPort(value, 'port', findings) ?? 0;
      index += 1;
    } else {
      findings.report(
        'badValue',
        option,
        `TUN: '${option.text}' is not understood; plain IP in IP is used`,
        'write: TUN type gue port 6080 csum',
      );
      return PLAIN_TUNNEL;
    }
  }
  return checkTunnel({ type, port, checksum }, statement.words[1], findings);
}

function checkTunnel(tunnel: Tunnel, at: Word | undefined, findings: Findings): Forwarding {
  const { type, port, checksum } = tunnel;
  const wrong =
    type === 'gue' && port === 0
      ? 'gue needs a port'
      : type !== 'gue' && port !== 0
        ? `${type} has no port`
        : type === 'ipip' && checksum !== 'none'
          ? 'ipip has no checksum'
          : type === 'gre' && checksum === 'remote'
            ? 'gre has no remote checksum'
            : undefined;
  if (wrong === undefined) return { method: 'tunnel', tunnel };
  if (at !== undefined) {
    findings.report(
      'badValue',
      at,
      `TUN: ${wrong}; plain IP in IP is used`,
      'write: TUN type gue port 6080 csum',
    );
  }
  return PLAIN_TUNNEL;
}
