/** BFD_CHECK and FILE_CHECK: checkers that ask nothing and follow what is defined elsewhere, above them. */

import { given } from '../../base/given.js';
import type { FollowerConfig } from '../../health/config-check.js';
import type { CheckerParents } from './connection.js';
import type { Build } from './context.js';

/** In file order; those that follow nothing are left out and reported. */
export function buildFollowers(build: Build, parents: CheckerParents): readonly FollowerConfig[] {
  return [...buildSessions(build, parents), ...buildFiles(build, parents)];
}

function buildSessions({ bfdSessions, findings }: Build, { server, service }: CheckerParents): readonly FollowerConfig[] {
  const followed = new Map<string, FollowerConfig>();
  for (const { at, order, value } of server.BFD_CHECK) {
    const { name, alpha } = value.values;
    if (name === undefined) {
      findings.report('checkerInvalid', at, 'BFD_CHECK without name is ignored: the server counts as up', 'write: name BFD_INSTANCE');
      continue;
    }
    const session = bfdSessions.get(name.value.text);
    if (session === undefined || session.order > order) {
      const message = `BFD_CHECK: there is no bfd_instance ${name.value.text}${session === undefined ? '' : ' above'}; the check is ignored`;
      const hint = session === undefined ? undefined : `move bfd_instance ${name.value.text} before the virtual_server`;
      findings.report('trackerUnknown', name.value, message, hint);
    } else if (followed.has(name.value.text)) {
      const message = `BFD_CHECK: the server follows ${name.value.text} already; the check is ignored`;
      findings.report('checkerInvalid', name.value, message, 'remove one of them');
    } else {
      followed.set(name.value.text, {
        check: { type: 'BFD_CHECK', session: name.value.text },
        alpha: alpha?.value ?? server.alpha?.value ?? service.alpha !== undefined,
      });
    }
  }
  return [...followed.values()];
}

function buildFiles({ findings, trackFiles }: Build, { server }: CheckerParents): readonly FollowerConfig[] {
  return server.FILE_CHECK.flatMap(({ at, order, value }): readonly FollowerConfig[] => {
    const { track_file: name, weight } = value.values;
    if (name === undefined) {
      findings.report('checkerInvalid', at, 'FILE_CHECK without track_file is ignored: the server counts as up', 'write: track_file NAME');
      return [];
    }
    const file = trackFiles.get(name.value.text);
    if (file === undefined || file.order > order) {
      const message = `FILE_CHECK: there is no track_file ${name.value.text}${file === undefined ? '' : ' above'}; the check is ignored`;
      const hint = file === undefined ? undefined : `move track_file ${name.value.text} before the virtual_server`;
      findings.report('trackerUnknown', name.value, message, hint);
      return [];
    }
    const { path, initial } = file.config;
    const check = { type: 'FILE_CHECK', file: name.value.text, path, ...given({ initial }), ...file.weight, ...weight?.value } as const;
    return [{ check, alpha: false }];
  });
}
