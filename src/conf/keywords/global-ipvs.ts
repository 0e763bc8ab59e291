/** Keywords of global_defs about IPVS and the checkers. */

import { bool, custom, flag } from './kinds.js';

export const ipvsDefinitions = {
  lvs_flush: flag({ doc: 'Remove every IPVS service at start, whoever made it.', default: 'off' }),
  lvs_flush_on_stop: custom({
    doc: 'At stop remove every IPVS service at once; with VS, our services without their servers one by one.',
    default: 'off',
    aliases: ['lvs_flush_onstop'],
    syntax: '[VS]',
    read(statement, { findings }) {
      const [, how] = statement.words;
      if (how === undefined) return 'all' as const;
      if (how.text === 'VS') return 'services' as const;
      findings.report(
        'badValue',
        how,
        `lvs_flush_on_stop: ${how.text} is not known; the line is ignored`,
        'write VS or nothing',
      );
      return undefined;
    },
  }),
  checker_log_all_failures: bool({
    doc: 'Log every failed check, not only the one that takes a server down.',
    default: 'off',
  }),
} as const;
