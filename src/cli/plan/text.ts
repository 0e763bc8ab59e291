/** A plan for people: what comes, goes and changes, the roles that would be lost and the commands that the kernel would get. */

import type { PlanChange } from './change.js';
import type { FieldChange } from './fields.js';
import type { Plan } from './plan.js';

const SIGNS = { add: '+', remove: '-', change: '~' } as const;

const HEADINGS: Readonly<Record<PlanChange['subject'], string>> = {
  global: 'Settings of the daemon',
  process: 'Processes',
  instance: 'VRRP instances',
  group: 'Sync groups',
  vrrp: 'VRRP',
  address: 'Addresses',
  route: 'Routes',
  rule: 'Rules',
  bfdSession: 'BFD sessions',
  pool: 'LVS',
  virtualServer: 'Virtual servers',
  realServer: 'Real servers',
};

/** `title`: what is compared with what. */
export function planText(title: string, { refusal, changes, rolesLost, kernel }: Plan): string {
  if (refusal !== undefined) return `${title}\n\nThe reload would be refused: ${refusal}.\n`;
  if (changes.length === 0 && kernel.length === 0) return `${title}\n\nNothing would change.\n`;
  const subjects = (Object.keys(HEADINGS) as PlanChange['subject'][]).filter((subject) => changes.some((change) => change.subject === subject));
  const blocks = subjects.map((subject) => [HEADINGS[subject], ...changes.filter((change) => change.subject === subject).flatMap(changeLines)]);
  if (rolesLost.length > 0) blocks.push(['Roles that would be lost', ...rolesLost.map((name) => `  ${name} is MASTER`)]);
  blocks.push(kernel.length === 0 ? ['The kernel would be told nothing.'] : ['The kernel would be told', ...kernel.map((command) => `  ${command}`)]);
  return `${[title, ...blocks.map((lines) => lines.join('\n'))].join('\n\n')}\n`;
}

function changeLines({ change, name, of, fields, remark }: PlanChange): readonly string[] {
  const where = of === undefined ? '' : ` in ${of}`;
  const [only, another] = fields;
  const inline = change === 'add' && only !== undefined && another === undefined ? `, ${only.field} ${only.after ?? ''}` : '';
  return [
    `  ${SIGNS[change]} ${name}${where}${inline}${remark === undefined ? '' : `: ${remark}`}`,
    ...(inline === '' ? fields.map((field) => `      ${fieldText(field)}`) : []),
  ];
}

function fieldText({ field, before, after }: FieldChange): string {
  if (before === undefined) return `${field}: ${after ?? ''} (new)`;
  if (after === undefined) return `${field}: ${before} (gone)`;
  return before === after ? `${field}: another ${before.replace(/^\(a (.*)\)$/, '$1')}` : `${field}: ${before} -> ${after}`;
}
