/** Words of older keepalived releases that still stand in configurations, with what to write today. */

export interface ObsoleteKeyword {
  readonly blocks: readonly string[];
  /** Until when, or where, it was a keyword. */
  readonly until: string;
  readonly instead: string;
}

export const OBSOLETE: ReadonlyMap<string, ObsoleteKeyword> = new Map<string, ObsoleteKeyword>([
  [
    'nat_mask',
    {
      blocks: ['virtual_server'],
      until: 'a keyword up to keepalived 1.2.19',
      instead: 'remove the line: nothing replaces it, the kernel needs no mask',
    },
  ],
  [
    'nb_get_retry',
    {
      blocks: ['TCP_CHECK', 'SMTP_CHECK', 'DNS_CHECK', 'MISC_CHECK', 'UDP_CHECK', 'PING_CHECK', 'real_server', 'virtual_server'],
      until: 'a keyword of HTTP_GET and SSL_GET only',
      instead: 'write: retry N',
    },
  ],
  [
    'real_server_group',
    {
      blocks: ['top-level', 'virtual_server'],
      until: 'a keyword up to keepalived 1.0.0',
      instead: 'write the real_server blocks into the virtual_server',
    },
  ],
  [
    'real_group',
    {
      blocks: ['top-level', 'virtual_server'],
      until: 'a keyword up to keepalived 1.0.0',
      instead: 'write the real_server blocks into the virtual_server',
    },
  ],
  [
    'sync_instance',
    {
      blocks: ['vrrp_instance'],
      until: 'a keyword up to keepalived 0.5.9',
      instead: 'put the instances into a vrrp_sync_group',
    },
  ],
  ['lvs_id', { blocks: ['global_defs'], until: 'a keyword up to keepalived 1.1.7', instead: 'write: router_id NAME' }],
  ['plugin_dir', { blocks: ['global_defs'], until: 'a keyword up to keepalived 1.2.19', instead: 'remove the line' }],
]);
