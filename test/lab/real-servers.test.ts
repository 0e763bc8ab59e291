/** `holdfast realserver` on a host that has nothing yet, and a director that forwards to it. */

import { proveInLab } from './proof.js';

proveInLab('a bare host becomes a real server by every way of forwarding', 'scripts/real-servers.js', {
  timeout: 400,
  kernel: 'uml',
  modules: ['ipv6', 'veth', 'bridge', 'ip_vs', 'ipip', 'ip_gre', 'fou', 'ip6_tunnel', 'ip6_gre', 'fou6'],
});
