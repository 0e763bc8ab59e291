/** What strict_mode forbids, said in one form wherever it is found. The corrections stand with what they correct. */

import type { SourcePosition } from '../../base/source.js';
import type { Word } from '../cst.js';
import type { Build } from './context.js';

/** `rule` as a sentence without its end. What breaks it has no effect. */
export function breaksStrictMode(build: Build, name: Word, at: SourcePosition, rule: string, hint: string): void {
  build.findings.report('strictMode', at, `(${name.text}) strict mode: ${rule}; the line is ignored`, hint);
}
