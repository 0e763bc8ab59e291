/** Examples of the manual in their places: the blocks around them, and what must stand elsewhere in the file. */

import { BLOCK_EXAMPLES } from '../../src/cli/block-examples.js';
import type { LanguageBlock } from '../../src/cli/language.js';

/** What the example refers to by name, and what scripts and groups need to be in order. */
export function definitionsFor(outermost: string, placed: string): string {
  const instance = (name: string, id: number): string =>
    `vrrp_instance ${name} {\n interface eth0\n virtual_router_id ${id}\n virtual_ipaddress {\n 192.0.2.${id}/24\n }\n}\n`;
  const parts: string[] = [];
  if (/notify|script|misc_path|quorum_up|quorum_down|MISC_CHECK/.test(placed)) parts.push('global_defs {\nenable_script_security\n}\n');
  if (outermost === 'vrrp_sync_group') parts.push(instance('VI_1', 61), instance('VI_2', 62));
  if (outermost === 'global_defs' && placed.includes('VI_1')) parts.push(instance('VI_1', 61));
  for (const tracker of ['vrrp_script', 'track_file', 'vrrp_track_process']) {
    const text = BLOCK_EXAMPLES[tracker] ?? '';
    if (/^vrrp_(instance|sync_group)$/.test(outermost) && new RegExp(`\\b${text.split(' ')[1] ?? ''}\\b`).test(placed)) parts.push(`${text}\n`);
  }
  if (outermost === 'track_group') parts.push(instance('VI_1', 61), instance('VI_2', 62));
  if (outermost !== 'bfd_instance') {
    for (const [i, name] of ['gateway', 'session1', 'session'].entries()) {
      if (new RegExp(`\\b${name}\\b`).test(placed)) parts.push(`bfd_instance ${name} {\n neighbor_ip 192.0.2.25${i}\n}\n`);
    }
  }
  for (const [, name = ''] of placed.matchAll(/FILE_CHECK \{\s*track_file (\w+)/g)) parts.push(`track_file ${name} {\n file /run/${name}\n}\n`);
  if (placed.includes('track_virtual_server')) parts.push(`${BLOCK_EXAMPLES['virtual_server'] ?? ''}\n`);
  if (outermost === 'virtual_server_group') {
    parts.push((BLOCK_EXAMPLES['virtual_server'] ?? '').replace('192.0.2.100 80', 'group web'), '\n');
  }
  return parts.join('');
}

/** Whoever needs the example: a script that nobody tracks is told of. */
export function usesOf(outermost: string): string {
  if (outermost !== 'vrrp_script') return '';
  return (BLOCK_EXAMPLES['vrrp_instance'] ?? '').replace('priority 100', 'track_script {\n check_proxy\n }');
}

/** Lines without those whose keyword the example gives itself, blocks as a whole. */
function withoutKeywords(lines: readonly string[], keywords: ReadonlySet<string>): readonly string[] {
  const kept: string[] = [];
  let depth = 0;
  let dropping = false;
  for (const line of lines) {
    if (depth === 0) dropping = keywords.has(line.trim().split(/\s+/)[0] ?? '');
    depth += (line.match(/\{/g)?.length ?? 0) - (line.match(/\}/g)?.length ?? 0);
    if (!dropping) kept.push(line);
  }
  return kept;
}

/** The example inside the example of its block, and that inside the one around it. */
export function inPlace({ path }: LanguageBlock, example: string): string {
  let text = example;
  for (const name of [...path].reverse()) {
    const lines = (BLOCK_EXAMPLES[name] ?? `${name} {\n}`).split('\n');
    const given = new Set(withoutKeywords(text.split('\n'), new Set()).map((line) => line.trim().split(/\s+/)[0] ?? ''));
    text = [lines[0] ?? '', ...withoutKeywords(lines.slice(1, -1), given), text, '}'].join('\n');
  }
  return text;
}
