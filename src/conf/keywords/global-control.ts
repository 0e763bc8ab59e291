/** Keywords of global_defs, all of them our own, about asking the running daemon. */

import { quote } from './arguments.js';
import { custom, word } from './kinds.js';

/** What control_socket says when there shall be none. */
export const NO_SOCKET = 'off';

/** sun_path of <sys/un.h> has 108 bytes with the one that ends it. */
const LONGEST_PATH = 107;

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
} as const;
