/** keepalived.conf texts of any size for benchmarks: ten real servers per virtual server, one check each. */

import { parseAddress } from '../../src/base/address.js';
import type { ServiceIdentity } from '../../src/ipvs/tables.js';

export interface LvsShape {
  readonly realServers: number;
  readonly perVirtualServer: number;
  /** Seconds. */
  readonly delayLoop: number;
  /** Default TCP_CHECK, on port 8080; HTTP_GET goes to 8081. */
  readonly check?: 'TCP_CHECK' | 'HTTP_GET';
  /** A file that the first server of each virtual server follows, too: any number but 0 in it takes them all out at once. */
  readonly file?: string;
}

/** Real server K is 127.1.x.y:8080 and virtual server I is 10.99.x.y:80, so that any number of listeners is one socket. */
export function lvsConfiguration({ realServers, perVirtualServer, delayLoop, check = 'TCP_CHECK', file }: LvsShape): string {
  const lines = ['global_defs {', '  router_id bench', '}', ...(file === undefined ? [] : ['track_file outage {', `  file ${file}`, '  weight 0', '}'])];
  for (let first = 0, i = 0; first < realServers; first += perVirtualServer, i += 1) {
    lines.push(`virtual_server 10.99.${i >> 8}.${i & 255} 80 {`, `  delay_loop ${delayLoop}`, '  lb_algo rr', '  lb_kind NAT', '  protocol TCP');
    for (let k = first; k < Math.min(realServers, first + perVirtualServer); k += 1) {
      lines.push(`  real_server 127.1.${k >> 8}.${k & 255} ${check === 'TCP_CHECK' ? 8080 : 8081} {`, '    weight 1', `    ${check} {`, '      connect_timeout 3');
      if (check === 'HTTP_GET') lines.push('      url {', '        path /', '        status_code 200', '      }');
      lines.push('      retry 1', '      delay_before_retry 1', '    }');
      if (file !== undefined && k === first) lines.push('    FILE_CHECK {', '      track_file outage', '    }');
      lines.push('  }');
    }
    lines.push('}');
  }
  return `${lines.join('\n')}\n`;
}

/** Virtual server `i` of that configuration, from 0 on, in the kernel's table. */
export function identityOf(i: number): ServiceIdentity {
  const address = parseAddress(`10.99.${i >> 8}.${i & 255}`);
  if (address === undefined) throw new Error(`no virtual server ${i}`);
  return { kind: 'address', protocol: 'tcp', address, port: 80 };
}
