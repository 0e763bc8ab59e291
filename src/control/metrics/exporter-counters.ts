/** What exporters for keepalived count, each under its own name. */

interface ExporterCounter {
  /** Of vrrp/instance/statistics.ts. */
  readonly counter: string;
  readonly keepalivedExporter: string;
  readonly gen2brainExporter: string;
  readonly help: string;
}

export const EXPORTER_COUNTERS: readonly ExporterCounter[] = [
  { counter: 'advertsReceived', keepalivedExporter: 'keepalived_advertisements_received_total', gen2brainExporter: 'keepalived_vrrp_advert_rcvd', help: 'Adverts received' },
  { counter: 'advertsSent', keepalivedExporter: 'keepalived_advertisements_sent_total', gen2brainExporter: 'keepalived_vrrp_advert_sent', help: 'Adverts sent' },
  { counter: 'becameMaster', keepalivedExporter: 'keepalived_become_master_total', gen2brainExporter: 'keepalived_vrrp_become_master', help: 'Times it became master' },
  { counter: 'releasedMaster', keepalivedExporter: 'keepalived_release_master_total', gen2brainExporter: 'keepalived_vrrp_release_master', help: 'Times it stopped being master' },
  { counter: 'lengthErrors', keepalivedExporter: 'keepalived_packet_length_errors_total', gen2brainExporter: 'keepalived_vrrp_packet_len_err', help: 'Wrong length' },
  { counter: 'advertIntervalErrors', keepalivedExporter: 'keepalived_advertisements_interval_errors_total', gen2brainExporter: 'keepalived_vrrp_advert_interval_err', help: 'Wrong interval' },
  { counter: 'hopLimitErrors', keepalivedExporter: 'keepalived_ip_ttl_errors_total', gen2brainExporter: 'keepalived_vrrp_ip_ttl_err', help: 'Wrong TTL' },
  { counter: 'packetTypeErrors', keepalivedExporter: 'keepalived_invalid_type_received_total', gen2brainExporter: 'keepalived_vrrp_invalid_type_rcvd', help: 'Wrong kind of packet' },
  { counter: 'addressListErrors', keepalivedExporter: 'keepalived_address_list_errors_total', gen2brainExporter: 'keepalived_vrrp_addr_list_err', help: 'Wrong list of addresses' },
  { counter: 'authenticationTypeErrors', keepalivedExporter: 'keepalived_authentication_invalid_total', gen2brainExporter: 'keepalived_vrrp_invalid_authtype', help: 'Unknown authentication' },
  { counter: 'authenticationMismatches', keepalivedExporter: 'keepalived_authentication_mismatch_total', gen2brainExporter: 'keepalived_vrrp_authtype_mismatch', help: 'Other authentication' },
  { counter: 'authenticationFailures', keepalivedExporter: 'keepalived_authentication_failure_total', gen2brainExporter: 'keepalived_vrrp_auth_failure', help: 'Wrong secret' },
  { counter: 'priorityZeroReceived', keepalivedExporter: 'keepalived_priority_zero_received_total', gen2brainExporter: 'keepalived_vrrp_pri_zero_rcvd', help: 'Goodbyes heard' },
  { counter: 'priorityZeroSent', keepalivedExporter: 'keepalived_priority_zero_sent_total', gen2brainExporter: 'keepalived_vrrp_pri_zero_sent', help: 'Goodbyes sent' },
];
