/** Keywords of global_defs, all of them our own, about asking the running daemon. */

import { parseAddress } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { quote } from './arguments.js';
import type { MetricsNames } from '../model.js';
import type { Statement } from '../cst.js';
import type { Reading } from './schema.js';
import { custom, nameOf, wholeSeconds, word } from './kinds.js';

/** What control_socket says when there shall be none. */
export const NO_SOCKET = 'off';

/** sun_path of <sys/un.h> has 108 bytes with the one that ends it; the socket for commands has a longer name (.admin). */
const LONGEST_PATH = 101;

/** mehdy/keepalived-exporter and gen2brain/keepalived_exporter. */
const METRICS_NAMES = ['keepalived_exporter', 'gen2brain_exporter'] as const;

/** Where control_http listens. */
export interface LoopbackPort {
  readonly address: IpAddress;
  readonly port: number;
}

/** `127.0.0.1:9650`, `[::1]:9650` or a port by itself. */
function readLoopbackPort(text: string): LoopbackPort | undefined {
  const [, six, four = '127.0.0.1', digits] = /^(?:(?:\[(.+)\]|([\d.]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const address = parseAddress(six ?? four);
  const port = Number(digits);
  const isLoopback = address !== undefined && (address === '::1' || address.startsWith('127.'));
  return isLoopback && port > 0 && port < 65_536 ? { address, port } : undefined;
}

function readTokenPath(statement: Statement, { findings }: Reading): string | undefined {
  const [keyword, path] = statement.words;
  if (path?.text.startsWith('/') === true) return path.text;
  const at = path ?? keyword;
  if (at !== undefined) findings.report('badValue', at, `${keyword?.text ?? ''}: no absolute path is given; the line is ignored`, 'write it like /etc/holdfast/token');
  return undefined;
}

export const controlDefinitions = {
  control_socket: {
    ...custom({
      doc: 'Where programs of this machine, holdfast status among them, ask what the daemon does; off: nowhere, and no process answers.',
      default: '/run/holdfast/control.sock; with a pid file of its own (-p) beside that',
      syntax: '[PATH / off]',
      example: 'control_socket /run/lb/control.sock',
      read({ words: [, path] }, { findings }): string | undefined {
        if (path === undefined || path.text === NO_SOCKET || (path.text.startsWith('/') && path.text.length <= LONGEST_PATH)) return path?.text;
        const message = `control_socket: ${quote(path.text)} is no absolute path of at most ${LONGEST_PATH} characters; the line is ignored`;
        findings.report('badValue', path, message, 'write it like /run/lb/control.sock, or off');
        return undefined;
      },
    }),
    own: true as const,
  },
  control_group: {
    ...word({ doc: 'Group whose members may use the control socket, beside root.', default: 'holdfast; root where there is no such group', syntax: 'GROUP', example: 'control_group adm' }, 'ignored'),
    own: true as const,
  },
  control_http: {
    ...custom({
      doc: 'Loopback address and port on which the control API and the dashboard answer over HTTP, to whoever has the token of control_token_file. Other machines reach it through a tunnel (ssh -L).',
      default: 'not over HTTP',
      syntax: '[ADDRESS:PORT / PORT]',
      example: 'control_http 127.0.0.1:9650',
      read({ words: [keyword, where] }, { findings }): LoopbackPort | undefined {
        const found = where === undefined ? undefined : readLoopbackPort(where.text);
        if (found !== undefined) return found;
        const message = `control_http: ${where === undefined ? 'no address is given' : `${quote(where.text)} is no port of the loopback interface`}; the line is ignored`;
        const at = where ?? keyword;
        if (at !== undefined) findings.report('badValue', at, message, 'write it like 127.0.0.1:9650 or [::1]:9650; for other machines put a proxy with TLS, or ssh -L, in front');
        return undefined;
      },
    }),
    own: true as const,
  },
  control_token_file: {
    ...custom({
      doc: 'File with the token that control_http asks for: one word of 32 characters or more, for root and control_group alone (0640).',
      default: 'none: without it control_http is not opened',
      syntax: 'PATH',
      example: 'control_token_file /etc/holdfast/token',
      read: readTokenPath,
    }),
    own: true as const,
  },
  control_admin_token_file: {
    ...custom({
      doc: 'File with another token, with which commands are taken over HTTP too; for root and control_admin_group alone.',
      default: 'none: HTTP is for reading',
      syntax: 'PATH',
      example: 'control_admin_token_file /etc/holdfast/admin-token',
      read: readTokenPath,
    }),
    own: true as const,
  },
  metrics_names: {
    ...custom({
      doc: 'Adds to /metrics the names and labels of exporters for keepalived, so that dashboards drawn for them show holdfast unchanged.',
      default: "holdfast's own names only",
      syntax: METRICS_NAMES.join(' / '),
      example: 'metrics_names keepalived_exporter',
      read(statement, { findings }): readonly MetricsNames[] | undefined {
        const [, ...names] = statement.words;
        const wrong = names.find(({ text }) => !isMetricsNames(text));
        if (names.length > 0 && wrong === undefined) return names.map(({ text }) => text).filter(isMetricsNames);
        const fault = wrong === undefined ? 'no exporter is named' : `${quote(wrong.text)} is no exporter whose names are known`;
        findings.report('badValue', wrong ?? nameOf(statement), `metrics_names: ${fault}; the line is ignored`, `write one or both of ${METRICS_NAMES.join(' ')}`);
        return undefined;
      },
    }),
    own: true as const,
  },
  lvs_statistics_interval: {
    ...wholeSeconds(
      {
        doc: "How often the kernel's counters of connections and traffic are read while somebody looks at them (holdfast status, /metrics, the dashboard); 0: never. While nobody does they are read once a minute.",
        default: '5',
        example: 'lvs_statistics_interval 2',
        min: 0,
        max: 3_600,
      },
      'exact',
      'ignored',
    ),
    own: true as const,
  },
  control_admin_group: {
    ...word({ doc: 'Group whose members may give commands (holdfast rs, holdfast vrrp), beside root.', default: 'root alone', syntax: 'GROUP', example: 'control_admin_group adm' }, 'ignored'),
    own: true as const,
  },
} as const;

function isMetricsNames(text: string): text is MetricsNames {
  return METRICS_NAMES.some((each) => each === text);
}
