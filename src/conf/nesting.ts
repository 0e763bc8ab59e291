/** Which block stands in which: what the lexer needs to tell where a brace was forgotten. Not a list of all keywords. */

const CHECKERS = [
  'TCP_CHECK',
  'HTTP_GET',
  'SSL_GET',
  'SMTP_CHECK',
  'DNS_CHECK',
  'MISC_CHECK',
  'BFD_CHECK',
  'UDP_CHECK',
  'PING_CHECK',
  'FILE_CHECK',
  'GRPC_CHECK',
  'MYSQL_CHECK',
  'PGSQL_CHECK',
  'REDIS_CHECK',
];

const IN_INSTANCE = [
  'virtual_ipaddress',
  'virtual_ipaddress_excluded',
  'virtual_routes',
  'virtual_rules',
  'authentication',
  'unicast_peer',
];

/** Blocks of which nothing stands between keyword and brace. */
export const WITHOUT_NAME: ReadonlySet<string> = new Set([...IN_INSTANCE, ...CHECKERS, 'url', 'global_defs']);

/**
 * Block keyword to the blocks that may hold it; '' is the outermost level. Only keywords that always open a block and mean
 * one thing wherever they stand.
 */
export const NESTING: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...[
    'global_defs',
    'static_ipaddress',
    'static_routes',
    'static_rules',
    'vrrp_sync_group',
    'garp_group',
    'vrrp_instance',
    'vrrp_script',
    'vrrp_track_process',
    'bfd_instance',
    'virtual_server_group',
    'virtual_server',
  ].map((name): [string, readonly string[]] => [name, ['']]),
  ...IN_INSTANCE.map((name): [string, readonly string[]] => [name, ['vrrp_instance']]),
  ['real_server', ['virtual_server']],
  ...CHECKERS.map((name): [string, readonly string[]] => [name, ['real_server']]),
  ['url', ['HTTP_GET', 'SSL_GET']],
]);
