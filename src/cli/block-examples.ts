/**
 * Examples that no row of a table can say alone: whole blocks as they stand in a file, which every other example stands in,
 * and lines that need each other.
 */

/** By the keyword that opens the block. */
export const BLOCK_EXAMPLES: Readonly<Record<string, string>> = {
  global_defs: 'global_defs {\n    router_id director1\n}',
  bfd_instance: 'bfd_instance gateway {\n    neighbor_ip 192.0.2.254\n}',
  vrrp_script: 'vrrp_script check_proxy {\n    script "/usr/bin/pgrep -x haproxy"\n    interval 2\n}',
  track_file: 'track_file maintenance {\n    file /run/maintenance\n}',
  vrrp_track_file: 'vrrp_track_file maintenance {\n    file /run/maintenance\n}',
  vrrp_track_process: 'vrrp_track_process haproxy {\n    process haproxy\n}',
  track_group: 'track_group edge {\n    group {\n        VI_1\n        VI_2\n    }\n}',
  garp_group: 'garp_group {\n    garp_interval 0.01\n    interface eth1\n}',
  vrrp_instance:
    'vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    priority 100\n    virtual_ipaddress {\n        192.0.2.100/24\n    }\n}',
  vrrp_sync_group: 'vrrp_sync_group VG_1 {\n    group {\n        VI_1\n        VI_2\n    }\n}',
  group: 'group {\n    VI_1\n    VI_2\n}',
  authentication: 'authentication {\n    auth_type PASS\n    auth_pass secret\n}',
  auth_hmac: 'auth_hmac {\n    key 1 0123456789abcdef0123456789abcdef\n    active_key 1\n}',
  unicast_peer: 'unicast_peer {\n    192.0.2.2\n}',
  virtual_ipaddress: 'virtual_ipaddress {\n    192.0.2.100/24\n    192.0.2.101/24 dev eth1\n}',
  virtual_ipaddress_excluded: 'virtual_ipaddress_excluded {\n    192.0.2.200/24\n}',
  track_interface: 'track_interface {\n    eth1 weight -20\n}',
  virtual_server_group: 'virtual_server_group web {\n    192.0.2.100 80\n    192.0.2.101-110 80\n    fwmark 7\n}',
  virtual_server:
    'virtual_server 192.0.2.100 80 {\n    lb_algo rr\n    lb_kind NAT\n    protocol TCP\n    real_server 192.0.2.11 80 {\n        TCP_CHECK {\n            connect_timeout 3\n        }\n    }\n}',
  real_server: 'real_server 192.0.2.11 80 {\n    TCP_CHECK {\n        connect_timeout 3\n    }\n}',
  backup_server: 'backup_server 192.0.2.13 80 {\n    TCP_CHECK {\n        connect_timeout 3\n    }\n}',
  TCP_CHECK: 'TCP_CHECK {\n    connect_timeout 3\n}',
  HTTP_GET: 'HTTP_GET {\n    url {\n        path /health\n        status_code 200\n    }\n}',
  SSL_GET: 'SSL_GET {\n    enable_sni\n    url {\n        path /health\n        virtualhost www.example.com\n    }\n}',
  url: 'url {\n    path /health\n    status_code 200\n}',
  SMTP_CHECK: 'SMTP_CHECK {\n    connect_timeout 3\n}',
  GRPC_CHECK: 'GRPC_CHECK {\n    service shop.Orders\n}',
  DNS_CHECK: 'DNS_CHECK {\n    name www.example.com\n}',
  UDP_CHECK: 'UDP_CHECK {\n    connect_timeout 3\n}',
  PING_CHECK: 'PING_CHECK {\n    connect_timeout 3\n}',
  MISC_CHECK: 'MISC_CHECK {\n    misc_path /usr/local/bin/check\n}',
  BFD_CHECK: 'BFD_CHECK {\n    name gateway\n}',
  FILE_CHECK: 'FILE_CHECK {\n    track_file maintenance\n}',
};

const PEER = 'unicast_peer {\n    192.0.2.2\n}';
const PATTERN = 'regex "^ready"';

/** Keywords that mean something beside another line only: both of them. */
export const LINE_EXAMPLES: Readonly<Record<string, string>> = {
  notify_fifo_script: 'notify_fifo /run/events.fifo\nnotify_fifo_script /usr/local/bin/events',
  vrrp_notify_fifo_script: 'vrrp_notify_fifo /run/vrrp.fifo\nvrrp_notify_fifo_script /usr/local/bin/events',
  lvs_notify_fifo_script: 'lvs_notify_fifo /run/lvs.fifo\nlvs_notify_fifo_script /usr/local/bin/events',
  vrrp_mcast_group4: 'vrrp_mcast_group4 224.0.0.19',
  vrrp_mcast_group6: 'vrrp_mcast_group6 ff02::13',
  track_bfd: 'track_bfd {\n    gateway weight -20\n}',
  auth_pass: 'auth_type PASS\nauth_pass secret',
  timer_expired_backup: 'nopreempt\ntimer_expired_backup 100',
  thread_timer_expired: 'nopreempt\nthread_timer_expired 100',
  native_ipv6: 'native_ipv6\nvirtual_ipaddress {\n    2001:db8::100/64\n}',
  unicast_src_ip: `unicast_src_ip 192.0.2.1\n${PEER}`,
  check_unicast_src: `check_unicast_src\n${PEER}`,
  unicast_ttl: `unicast_ttl 64\n${PEER}`,
  old_unicast_checksum: `old_unicast_checksum never\n${PEER}`,
  track_src_ip: 'mcast_src_ip 192.0.2.1\ntrack_src_ip',
  vmac_xmit_base: 'use_vmac\nvmac_xmit_base',
  hashed: 'lb_algo sh\nhashed',
  ops: 'protocol UDP\nops',
  'sh-port': 'lb_algo sh\nsh-port',
  'sh-fallback': 'lb_algo sh\nsh-fallback',
  'mh-port': 'lb_algo mh\nmh-port',
  'mh-fallback': 'lb_algo mh\nmh-fallback',
  hysteresis: 'quorum 3\nhysteresis 1\nweight 3',
  sorry_server_inhibit: 'sorry_server 192.0.2.12 80\nsorry_server_inhibit',
  sorry_server_lvs_method: 'sorry_server 192.0.2.12 80\nsorry_server_lvs_method NAT',
  regex_no_match: `${PATTERN}\nregex_no_match`,
  regex_options: `${PATTERN}\nregex_options caseless`,
  regex_min_offset: `${PATTERN}\nregex_min_offset 10`,
  regex_max_offset: `${PATTERN}\nregex_max_offset 1000`,
  regex_stack: `${PATTERN}\nregex_stack 1 2`,
  min_reply_length: 'require_reply\nmin_reply_length 10',
  max_reply_length: 'require_reply\nmax_reply_length 100',
};
