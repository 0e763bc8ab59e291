/**
 * One route as the kernel is asked for it (linux/rtnetlink.h struct rtmsg and RTA_*): the value that virtual_routes and
 * static_routes become. Neither a line of a file nor bytes.
 */

import type { Cidr, Family, IpAddress } from '../../base/address.js';

/** linux/rtnetlink.h RTN_*; nat and xresolve are names that kernels of today refuse. */
export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw'
  | 'nat'
  | 'xresolve';

/** linux/rtnetlink.h RTAX_*, by iproute2's words. Times in the kernel's own units: rtt 1/8 ms, rttvar 1/4 ms, rto_min ms. */
export type RouteMetric =
  | 'mtu'
  | 'window'
  | 'rtt'
  | 'rttvar'
  | 'ssthresh'
  | 'cwnd'
  | 'advmss'
  | 'reordering'
  | 'hoplimit'
  | 'initcwnd'
  | 'features'
  | 'rto_min'
  | 'initrwnd'
  | 'quickack'
  | 'congctl'
  | 'fastopen_no_cookie';

export interface RouteMetricValue {
  readonly metric: RouteMetric;
  /** The name of an algorithm for congctl, else an unsigned 32-bit number. */
  readonly value: number | string;
  /** `lock`: the kernel does not learn a better one (RTAX_LOCK). */
  readonly locked: boolean;
}

/** Light-weight tunnels (linux/lwtunnel.h, mpls_iptunnel.h, ila.h). */
export type Encapsulation =
  /** LWTUNNEL_ENCAP_IP and IP6. */
  | {
      readonly type: 'ip' | 'ip6';
      /** 64-bit tunnel key in decimal. */
      readonly id?: string;
      readonly destination?: IpAddress;
      readonly source?: IpAddress;
      /** TOS or traffic class, 0-255. */
      readonly typeOfService?: number;
      /** TTL or hop limit, 0-255. */
      readonly hopLimit?: number;
      readonly flags?: number;
    }
  /** Outermost label first, each of 20 bits. */
  | { readonly type: 'mpls'; readonly labels: readonly number[] }
  /** 64-bit locator in hexadecimal, 16 digits. */
  | { readonly type: 'ila'; readonly locator: string };

/** linux/rtnetlink.h RTA_FLOW: realm of the source in the upper half, of the destination in the lower one. */
export interface Realms {
  /** 0-65535; 0 = none. */
  readonly source: number;
  /** 0-65535. */
  readonly destination: number;
}

/** Where a route leads: of the route itself, or one of several (RTA_MULTIPATH). */
export interface NextHop {
  /** RTA_GATEWAY, or RTA_VIA when it is of the other family. */
  readonly gateway?: IpAddress;
  readonly interface?: string;
  /** RTNH_F_ONLINK: the gateway counts as reachable on the interface, whatever its address. */
  readonly onLink: boolean;
  readonly encapsulation?: Encapsulation;
  readonly realms?: Realms;
}

export interface WeightedNextHop extends NextHop {
  /** Share of the traffic, 1-256. */
  readonly weight: number;
}

export interface Route extends NextHop {
  readonly family: Family;
  readonly type: RouteType;
  /** `default` is 0.0.0.0/0 or ::/0. */
  readonly destination: Cidr;
  /** IPv6: the route is for packets from there only (RTA_SRC). */
  readonly source?: Cidr;
  /** RTA_PREFSRC. */
  readonly preferredSource?: IpAddress;
  /** rtm_tos, 0-255. */
  readonly typeOfService: number;
  /** 1-4294967295. Default 254 (main); undefined while only the VRF is known. */
  readonly table: number;
  /** Name of a VRF device whose table is meant instead. */
  readonly vrf?: string;
  /** rtm_protocol, 0-255. Default 18 (keepalived). */
  readonly protocol: number;
  /** rtm_scope, 0-255; undefined = as the kernel's users derive it from the type and the gateway. */
  readonly scope?: number;
  /** RTA_PRIORITY, 0-4294967295; undefined = none given. */
  readonly metric?: number;
  /** RTA_EXPIRES in seconds; IPv6 only. */
  readonly expires?: number;
  /** RFC 4191 preference (RTA_PREF): 0 medium, 1 high, 3 low; IPv6 only. */
  readonly preference?: number;
  /** MPLS: copies the TTL into the packet's header (RTA_TTL_PROPAGATE). */
  readonly ttlPropagate?: boolean;
  /** In RTAX order of the file. */
  readonly metrics: readonly RouteMetricValue[];
  /** Several ways; then the route itself has no gateway. */
  readonly nextHops: readonly WeightedNextHop[];
  /** NLM_F_EXCL, none, or NLM_F_APPEND. Default prepend. */
  readonly placement: 'add' | 'prepend' | 'append';
  /** False with `no_track`: deletion by somebody else is ignored. */
  readonly tracked: boolean;
}
