/** Files that hold a secret and are read by the process that needs it: whether they are there, and who else may read them. */

import type { Located } from '../keywords/schema.js';
import type { Build } from './context.js';

const OTHERS_READ = 0o044;

/** Without a machine to ask (an offline check) the file is taken on trust. */
export function judgeSecretFile({ host, findings }: Build, keyword: string, { value: path, at }: Located<string>): void {
  if (host === undefined) return;
  const facts = host.path(path);
  if (facts === undefined || host.content(path) === undefined) {
    findings.report('badValue', at, `${keyword}: ${path} cannot be read`, 'name a file that the daemon may read');
    return;
  }
  if (facts.kind !== 'link' && (facts.mode & OTHERS_READ) !== 0) {
    findings.report('keyFileReadable', at, `${keyword}: ${path} can be read by others than its owner`, `chmod 600 ${path}`);
  }
}
