/** A configuration with most of what KEEPALIVED-MIB has a place for, VRRP only, which Debian's keepalived takes too. */

export function everythingOfVrrp(socket: string, folder: string): string {
  return `global_defs {
  router_id the-router
  enable_script_security
  script_user nobody
  enable_snmp_vrrp
  enable_snmp_rfc
  enable_traps
  snmp_socket ${socket}
  notification_email {
    a@example.com
    b@example.com
  }
  notification_email_from me@example.com
  smtp_server 127.0.0.1 2525
  smtp_connect_timeout 11
  smtp_alert_vrrp no
  dynamic_interfaces
}
vrrp_script good {
  script "/bin/true a b"
  interval 2
  weight -5
  rise 1
  fall 3
}
vrrp_script bad {
  script "/bin/false"
  interval 1
  weight 5
  init_fail
}
track_file number {
  file ${folder}/number
  weight 2
}
vrrp_track_process sleeper {
  process "/bin/sleep" "-f"
  param_match partial
  weight 4
  quorum 1
  quorum_max 3
  delay 1
}
static_ipaddress {
  192.0.2.200/24 dev eth0 scope link
  192.0.2.201 peer 192.0.2.202 dev eth0
  2001:db8::77/64 dev eth0
}
static_routes {
  198.51.100.0/24 via 10.9.9.2 dev eth0
  blackhole 198.51.101.0/24
  unreachable 2001:db8:77::/64
}
static_rules {
  from 198.51.100.0/24 table 100 priority 1000
  to 198.51.100.0/24 iif eth0 blackhole priority 1001
}
vrrp_sync_group G {
  group {
    A
    B
  }
  notify_master "/bin/true gm"
  notify_backup "/bin/true gb"
  notify_fault "/bin/true gf"
  notify_stop "/bin/true gs"
  notify "/bin/true ga"
  smtp_alert
  sync_group_tracking_weight
  track_script {
    good weight -3
  }
  track_interface {
    eth1 weight 6
  }
}
vrrp_instance A {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 200
  advert_int 1
  version 2
  garp_master_delay 7
  promote_secondaries
  authentication {
    auth_type PASS
    auth_pass CANARY
  }
  virtual_ipaddress {
    10.9.9.100/24 brd 10.9.9.255 dev eth0 label eth0:1
    10.9.9.101
    10.9.9.102 peer 10.9.9.103
  }
  virtual_ipaddress_excluded {
    10.9.9.110 scope link
    2001:db8::110/64
  }
  virtual_routes {
    203.0.113.0/24 via 10.9.9.2 dev eth0 metric 7 src 10.9.9.100 tos 0x10 mtu lock 1400 hoplimit 30 advmss lock 1300 rtt lock 400ms rttvar lock 300ms reordering lock 5 window 1000 cwnd lock 5 ssthresh lock 7 rto_min lock 250ms initcwnd 4 initrwnd 6 features ecn quickack 1 congctl lock cubic fastopen_no_cookie 1
    default via 10.9.9.2 table 200
    203.0.114.0/24 table 200 nexthop via 10.9.9.2 dev eth0 weight 3 nexthop via 10.9.9.3 dev eth0 weight 1 onlink
    prohibit 203.0.116.0/24
    throw 203.0.117.0/24 table 202
    2001:db8:5::/64 via 2001:db8::1 dev eth0 pref high expires 1000
  }
  virtual_rules {
    from 10.9.9.100 table 200 priority 2000
    not from 10.9.9.100/25 to 203.0.113.0/24 tos 0x10 fwmark 5/0xff iif eth0 oif eth0 goto 3000 priority 2001
    fwmark 7 realms 3/4 table 201 priority 2002 suppress_prefixlength 5 suppress_ifgroup 3
    to 203.0.113.0/24 uidrange 100-200 prohibit priority 2003 tunnel-id 77
    from 2001:db8::/64 table 300 priority 2004
    nop priority 3000
  }
  notify_master "/bin/true m"
  notify_backup "/bin/true b"
  notify_fault "/bin/true f"
  notify_stop "/bin/true s"
  notify_master_rx_lower_pri "/bin/true l"
  notify_deleted "/bin/true d"
  notify "/bin/true any"
}
vrrp_instance B {
  state BACKUP
  interface eth0
  virtual_router_id 52
  priority 200
  version 3
  accept
  virtual_ipaddress {
    fe80::100/64
    2001:db8::100/64
  }
  notify_deleted
}
vrrp_instance C {
  interface eth0
  virtual_router_id 53
  priority 90
  version 3
  nopreempt
  no_accept
  advert_int 0.5
  unicast_src_ip 10.9.9.1
  unicast_peer {
    10.9.9.2
  }
  track_script {
    good
    bad weight 3
  }
  track_file {
    number weight 2
  }
  track_process {
    sleeper
  }
  track_interface {
    eth1 weight 4 reverse
  }
  virtual_ipaddress {
    10.9.9.120/24
  }
}
vrrp_instance D {
  interface eth1
  virtual_router_id 54
  priority 100
  version 2
  mcast_dst_ip 224.0.0.99
  virtual_ipaddress {
    10.9.8.130/24
  }
}
`;
}
