/** The supervisor's own part of SIGUSR1's dump. */

import type { GlobalConfig } from '../../conf/model.js';
import type { ChildrenState } from '../../runtime/children-state.js';
import { section } from '../../runtime/dump-lines.js';
import { globalLines } from '../../runtime/global-text.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import { dumpFilePath } from '../start/process-names.js';
import { renderDump, writeDump } from './dump.js';

export function dumpSupervisor({ config, ...children }: ChildrenState, global: GlobalConfig, tell: (note: LifecycleNote) => void): void {
  tell({ type: 'dumping', subject: 'parent', pid: process.pid });
  const sections = [
    { title: 'Settings', content: config },
    { title: 'Child processes', content: children },
  ];
  writeDump(dumpFilePath('supervisor', global), `${section('Global definitions', globalLines(global)).join('\n')}\n${renderDump(sections)}`, tell);
}
