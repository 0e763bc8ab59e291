/** Keywords of global_defs, all of them our own, about asking the running daemon. */

import { quote } from './arguments.js';
import { custom, word } from './kinds.js';

/** sun_path of <sys/un.h> has 108 bytes with the one that ends it. */
const LONGEST_PATH = 107;

export const controlDefinitions = {
  control_socket: {
    ...custom({
      doc: 'Opens a socket on which programs of this machine, holdfast status among them, ask what the daemon does.',
      default: 'no socket; without a path /run/holdfast/control.sock',
      syntax: '[PATH]',
      example: 'control_socket /run/holdfast/control.sock',
      read({ words: [, path] }, { findings }): string | undefined {
        if (path === undefined || (path.text.startsWith('/') && path.text.length <= LONGEST_PATH)) return path?.text ?? '';
        const message = `control_socket: ${quote(path.text)} is no absolute path of at most ${LONGEST_PATH} characters; the line is ignored`;
        findings.report('badValue', path, message, 'write it like /run/holdfast/control.sock');
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
