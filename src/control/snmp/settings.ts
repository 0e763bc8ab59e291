/** What the control process is told about SNMP. */

export interface SnmpSettings {
  /** Of the AgentX master, as snmp_socket has it. */
  readonly master: string;
  /** KEEPALIVED-MIB: what concerns VRRP. */
  readonly vrrp: boolean;
  /** KEEPALIVED-MIB: what concerns virtual servers. */
  readonly checkers: boolean;
  readonly rfc2787: boolean;
  readonly rfc6527: boolean;
  readonly traps: boolean;
}
