/** Lines of static_ipaddress, static_routes, static_rules and bfd_instance, each with one thing worth a verdict. */

/** Entries of static_ipaddress. */
export const ADDRESS_LINES = [
  '10.0.0.5', '10.0.0.5/24 dev eth0', '10.0.0.5/24 dev nope', '10.0.0.5/24 dev eth0 track_group x', '10.0.0.5/24 dev eth0 use_vmac',
  '10.0.0.5/24 dev eth0 scope foo', '10.0.0.5/24 dev eth0 scope site', '10.0.0.5/24 dev eth0 scope 0x10', '10.0.0.5/24 dev',
  '10.0.0.5/24 dev eth0 label', '10.0.0.5/24 dev eth0 10.0.0.6', '10.0.0.5/24 dev eth0 peer 10.0.0.6/24', '10.0.0.5 dev eth0 no_track',
  '10.0.0.5 dev eth0 preferred_lft', '10.0.0.5 dev eth0 preferred_lft 5', '10.0.0.5 dev eth0 preferred_lft x', '10.0.0.5 dev eth0 home',
  '10.0.0.5 dev eth0\n 10.0.0.5 dev eth0', '10.0.0.5/33 dev eth0', 'foo', '10.0.0.5/24 brd +', '10.0.0.5/31 brd +', '10.0.0.5/24 brd x',
  '2001:db8::5/64 dev eth0 -nodad home mngtmpaddr noprefixroute autojoin', '2001:db8::5/64 scope link', '2001:db8::5/64 brd +',
  '2001:db8::5/64 label a', '10.0.0.5/24 dev eth0 dev eth1', '10.0.0.5/24 label aaaaaaaaaaaaaaaa', '10.0.0.5 peer 2001:db8::1',
] as const;

const D = '10.9.0.0/16 dev eth0';
const S = '2001:db8::/32 dev eth0';

/** Entries of static_routes; of virtual_routes too unless they name a track_group. */
export const ROUTE_LINES = [
  '10.9.0.0/16 via 192.0.2.254', 'default via 192.0.2.254', 'default6 dev eth0', 'blackhole 10.9.0.0/16', 'to 10.9.0.0/16 dev eth0',
  'to blackhole 10.9.0.0/16', 'foo 10.9.0.0/16', '10.9.0.0/16', 'dev eth0', 'via 192.0.2.254', '10.9.0.0/33 dev eth0',
  '10.9.0.1/16 dev eth0', '10.9.0.0/16 dev nope', `${D} table 0`, `${D} table main`, `${D} table foo`, `${D} table 4294967296`,
  `${D} table -1`, `${D} table 0x10`, `${D} table 5x`, `${D} protocol static`, `${D} protocol static no_track`, `${D} protocol bgp no_track`,
  `${D} protocol 300 no_track`, `${D} protocol 18`, `${D} scope link`, `${D} scope 300`, `${D} scope foo`, `${D} scope 0x10`, `${S} scope link`,
  `${D} metric 5`, `${D} metric x`, `${D} metric 4294967296`, `${D} preference 5 priority 6`, `${D} dev eth1`, `${D} oif eth0`, `${D} foo`,
  `${D} via`, '10.9.0.0/16 dev', '10.9.0.0/16 via foo', '10.9.0.0/16 via inet6 fe80::1 dev eth0', '10.9.0.0/16 via fe80::1 dev eth0',
  '10.9.0.0/16 via inet 192.0.2.3 dev eth0', '2001:db8::/32 via 10.0.0.1', '10.9.0.0/16 gw 192.0.2.254', '10.9.0.0/16 via 192.0.2.254 or 192.0.2.253',
  'inet 10.9.0.0/16 dev eth0', '10.9.0.0/16 inet dev eth0', 'inet6 2001:db8::/32 dev eth0', '10.9.0.0/16 from 10.0.0.0/8 dev eth0',
  '2001:db8::/32 from 2001:db8:1::/48 dev eth0', '2001:db8::/32 src 10.0.0.1 dev eth0', '10.9.0.0/16 src 192.0.2.1/32 dev eth0',
  `${D} src 192.0.2.1`, `${D} tos 0x10`, `${D} tos 256`, `${D} tos AF11`, `${D} dsfield CS1`, `${S} tos 4`, `${D} onlink`, `${S} onlink`,
  `${D} expires 10`, `${S} expires 10`, `${S} expires x`, `${D} mtu 1400`, `${D} mtu lock 1400`, `${D} mtu lock`, `${D} mtu x`, `${D} mtu 0`,
  `${D} mtu 4294967296`, `${D} mtu -1`, `${D} hoplimit 256`, `${D} hoplimit 64`, `${D} advmss lock 100`, `${D} rtt 100`, `${D} rtt 100ms`,
  `${D} rtt 1s`, `${D} rtt 1.5s`, `${D} rtt lock 10`, `${D} rtt 1x`, `${D} rtt 0`, `${D} rtt 0.01`, `${D} rtt 250.5ms`, `${D} rtt 1.2345s`,
  `${D} rttvar 5000s`, `${D} rttvar 480s`, `${D} rttvar 481s`, `${D} rtt 480001ms`, `${D} rto_min 5ms`, `${D} rto_min 0.001`, `${D} reordering lock 3`,
  `${D} window 5`, `${D} window lock 5`, `${D} cwnd lock 5`, `${D} ssthresh 5`, `${D} realms 1/2`, `${D} realms cosmos`, `${D} realms 5`,
  `${D} realms foo`, `${D} realms 1/`, `${D} realms 70000`, `${S} realms 5`, `${D} initcwnd 10`, `${D} initrwnd 10`, `${D} features ecn`, `${D} features foo`,
  `${D} quickack 1`, `${D} quickack 2`, `${D} congctl cubic`, `${D} congctl lock reno`, `${D} congctl foo`, `${D} pref low`, `${S} pref low`,
  `${S} pref 3`, `${S} pref 5`, `${S} pref x`, `${S} pref 256`, `${D} ttl-propagate enabled`, `${D} ttl-propagate foo`, `${D} fastopen_no_cookie 1`,
  `${D} fastopen_no_cookie 2`, `${D} add`, `${D} prepend`, `${D} append`, `${D} add append`, `${D} no_track`, `${D} vrf x`, `${D} as to 10.0.0.1`,
  `${D} as 10.0.0.1`, '10.9.0.0/16 nexthop via 192.0.2.3 dev eth0 nexthop via 192.0.2.4 dev eth0', `${D} nexthop dev eth0 weight 5`,
  `${D} nexthop dev eth0 weight 0`, `${D} nexthop dev eth0 weight 256`, `${D} nexthop dev eth0 weight 257`, `${D} nexthop dev eth0 foo`,
  `${D} nexthop dev eth0 metric 5`, `${D} nexthop`, `${D} nexthop via`, `${D} nexthop nexthop`, `${D} nexthop dev nope`,
  `${D} nexthop via inet6 fe80::1 dev eth0`, `${D} nexthop via fe80::1 dev eth0`, `${D} nexthop dev eth0 onlink`, `${D} nexthop dev eth0 realms 3`,
  `${S} nexthop dev eth0 realms 3`, `${D} nexthop dev eth0 as to 10.0.0.1`, `${D} nexthop dev eth0 encap mpls 100`, `${D} nexthop dev eth1`,
  `${D} nexthop dev eth0 no_track`, `${D} nexthop dev eth0 weight x`, `${D} nexthop via foo dev eth0`, `${D} encap mpls 100`, `${D} encap mpls 100/200`,
  `${D} encap mpls x`, `${D} encap mpls 1048576`, `${D} encap mpls`, `${D} encap ip id 5 dst 10.0.0.1`,
  `${D} encap ip dst 10.0.0.1 src 10.0.0.2 tos 5 ttl 6`, `${D} encap ip dst foo`, `${D} encap ip dst ::1`, `${D} encap ip6 dst ::1`,
  `${D} encap ip6 dst ::1 src ::2 tc 5 hoplimit 6`, `${D} encap ip6 dst 10.0.0.1`, `${D} encap ip ttl 256`, `${D} encap ip flags 1`,
  `${D} encap ip id x`, `${D} encap ip`, `${D} encap ila 1:2:3:4`, `${D} encap ila foo`, `${D} encap foo`, `${D} encap`, `${D} encap ip tos x`,
  `${D} encap ip dst 10.0.0.1 metric 5`, `${D} encap ip id 0x10 dst 10.0.0.1`, `${D} encap ip csum dst 10.0.0.1`,
  `${S} encap ip6 id 18446744073709551616 dst ::1`, '10.50.20.0/24 dev eth0 10.60.0.0/16', '10.9.0.0/16 blackhole', 'local 10.9.0.1 dev eth0',
  'unreachable 10.9.0.0/16 dev eth0', 'throw 10.9.0.0/16 dev eth0', 'brd 10.9.0.0/16 dev eth0', 'nat 10.9.0.0/16 dev eth0', '10.9.0.0/16 via 192.0.2.3 no_track',
] as const;

const F = 'from 10.0.0.0/8 table 100 preference 100';

/** Entries of static_rules and virtual_rules. */
export const RULE_LINES = [
  F, 'from 10.0.0.0/8 table 100', 'from 10.0.0.0/8', 'table 100', 'from 10.0.0.0/8 preference 100', `${F} foo`, `${F} not`, `${F} to all`,
  'from all table 100 preference 1', 'from default table 100 preference 1', 'from ::/0 to 10.0.0.0/8 table 100 preference 1',
  'inet6 table 100 preference 1', 'inet table 100 preference 1', 'from 2001:db8::/32 table 100 preference 1', 'from 10.0.0.0/8 table 0 preference 1',
  'from 10.0.0.0/8 table foo preference 1', 'from 10.0.0.0/8 lookup main preference 1 iif eth0', `${F} order 5`, `${F} priority 6`,
  `${F} preference 0x10`, `${F} preference x`, `${F} preference 4294967296`, `${F} tos 5`, `${F} tos foo`, `${F} tos 256`, `${F} fwmark 5`,
  `${F} fwmark 0x5/0xff`, `${F} fwmark x`, `${F} fwmark 5/x`, `${F} fwmark 5/`, `${F} realms 1/2`, `${F} realms foo`, `${F} realms 70000`,
  'from 2001:db8::/32 table 100 preference 1 realms 5', `${F} suppress_prefixlength 0`, `${F} suppress_prefixlength x`, `${F} suppress_prefixlength -1`,
  `${F} suppress_prefixlength 129`, `${F} sup_pl 5`, `${F} suppress_ifgroup 5`, `${F} suppress_ifgroup default`, `${F} sup_group foo`,
  `${F} oif eth0`, `${F} oif nope`, `${F} dev nope`, `${F} tunnel-id 5`, `${F} tunnel-id x`, `${F} tunnel-id 0`, `${F} uidrange 0-99`,
  `${F} uidrange 5`, `${F} uidrange 99-0`, `${F} uidrange x-y`, 'iif eth0 l3mdev preference 100', `${F} l3mdev`, 'iif eth0 l3mdev preference 100 goto 200',
  `${F} protocol 5`, `${F} protocol 5 no_track`, `${F} protocol kernel no_track`, `${F} protocol 300 no_track`, `${F} ipproto tcp`, `${F} ipproto 6`,
  `${F} ipproto foo`, `${F} ipproto 256`, `${F} sport 80`, `${F} sport 80-81`, `${F} dport 81-80`, `${F} dport 0-65536`, `${F} dport 80-`, `${F} no_track`,
  'from 10.0.0.0/8 type blackhole preference 5', 'from 10.0.0.0/8 blackhole preference 5', 'from 10.0.0.0/8 nop preference 5',
  'from 10.0.0.0/8 unreachable preference 5', 'from 10.0.0.0/8 prohibit preference 5', 'from 10.0.0.0/8 goto 200 preference 5',
  'from 10.0.0.0/8 goto 5 preference 5', 'from 10.0.0.0/8 goto 200', 'from 10.0.0.0/8 type foo preference 5', 'from 10.0.0.0/8 type goto 200 preference 5',
  'from 10.0.0.0/8 goto x preference 5', 'from foo table 5 preference 5', 'from 10.0.0.0/33 table 5 preference 5', 'from', 'from 10.0.0.0/8 table',
  `${F} blackhole`, 'from 10.0.0.0/8 blackhole realms 5 preference 5', 'from 10.0.0.0/8 blackhole sup_pl 5 preference 5',
  'from 10.0.0.0/8 blackhole sup_group 5 preference 5', 'from 10.0.0.0/8 table 5 table 6 preference 5', 'not table 100 preference 5',
  'from 10.0.0.0/8 blackhole prohibit preference 5', 'from 10.0.0.0/8 table local preference 5 iif eth0', 'inet6 from all table 100 preference 5',
  'from 10.0.0.0/8 table 4294967296 preference 5', 'from any table 100 preference 5', 'from 10.1 table 100 preference 5',
  'from all to 2001:db8::/32 table 60 preference 5', 'from 2001:db8::/32 to all table 60 preference 5', 'from 10.0.0.0/8 type',
] as const;

/** Lines of a bfd_instance; its neighbour stands before them. */
export const BFD_LINES = [
  '', 'min_rx 0', 'min_rx 1.5', 'min_tx 2.1234', 'idle_tx 100', 'idle_tx 2000', 'multiplier 300', 'multiplier 20', 'ttl 0', 'hoplimit 9', 'max_hops 300',
  'ttl 5\n max_hops 7', 'max_hops -1', 'weight 253', 'weight 254', 'weight -254 reverse', 'weight 5 reverse', 'weight 5 foo', 'weight x', 'source_ip ::1',
  'source_ip 10.0.0.1', 'passive', 'vrrp', 'checker', 'min_rx 10ms', 'min_rx 20000', 'neighbor_ip foo', 'unknown 5',
] as const;
