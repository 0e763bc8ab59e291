/** global_defs, put together from its parts, and the plain keywords of the outermost level. */

import { controlDefinitions } from './global-control.js';
import { fileDefinitions } from './global-files.js';
import { firewallDefinitions } from './global-firewall.js';
import { interfaceDefinitions } from './global-interfaces.js';
import { lvsDefinitions } from './global-lvs.js';
import { mailDefinitions } from './global-mail.js';
import { processDefinitions } from './global-process.js';
import { scriptDefinitions } from './global-scripts.js';
import { socketDefinitions } from './global-sockets.js';
import { vrrpDefinitions } from './global-vrrp.js';
import { webhookDefinitions } from './webhook.js';
import { custom, flag, UINT32, wholeSeconds, word } from './kinds.js';
import { blockTable, first } from './schema.js';

export const globalDefinitions = blockTable('global_defs', {
  ...processDefinitions,
  ...mailDefinitions,
  ...scriptDefinitions,
  ...fileDefinitions,
  ...socketDefinitions,
  ...interfaceDefinitions,
  ...lvsDefinitions,
  ...vrrpDefinitions,
  ...firewallDefinitions,
  ...controlDefinitions,
  ...webhookDefinitions,
});

/** Keywords that stand outside every block and open none. */
export const topLevelWords = {
  instance: first(word({ doc: 'Names this daemon in pid files and syslog; pid files go to the pid directory.', default: 'none' }, 'ignored')),
  use_pid_dir: flag({ doc: 'Put pid files into the pid directory of keepalived.', default: 'off' }),
  net_namespace: first(
    word({ doc: 'Network namespace (by its name in /run/netns) that the daemon works in.', default: 'that of its start' }, 'ignored'),
  ),
  net_namespace_ipvs: first(
    custom({
      doc: 'Network namespace whose IPVS is programmed; without a name that of the first process of the machine.',
      default: 'that of the daemon',
      syntax: '[NAME]',
      read: ({ words: [, name] }): { readonly name?: string } => (name === undefined ? {} : { name: name.text }),
    }),
  ),
  namespace_with_ipsets: flag({ doc: 'Ipsets together with net_namespace, which kernels since 3.13 always allow: nothing to do.', default: 'off' }),
  child_wait_time: wholeSeconds(
    {
      doc: 'How long a child may take to stop before it is killed.',
      default: '5',
      min: 0,
      max: UINT32,
    },
    'exact',
  ),
} as const;
