/** Texts of at most 1 MiB that are made to cost much: what they ask for must be refused, or be cheap. */

const MEBIBYTE = 1_048_576;

function upTo(line: string): string {
  return line.repeat(Math.floor(MEBIBYTE / line.length));
}

export const BOMBS: Readonly<Record<string, () => string>> = {
  braces: () => '{'.repeat(MEBIBYTE),
  closingBraces: () => upTo('}\n'),
  openBlocks: () => upTo('a {\n'),
  knownBlocks: () => upTo('virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.2 80 {\n'),
  quotes: () => '"'.repeat(MEBIBYTE),
  quotedLines: () => upTo('a "\n'),
  longLine: () => `global_defs {\nrouter_id ${'x'.repeat(MEBIBYTE - 40)}\n}\n`,
  longLineOfReferences: () => `$A=1\n${'$A '.repeat(300_000)}\n`,
  nonsense: () => upTo('virtual_serve 1 {\n'),
  unknownWords: () => upTo('prioritty 5\n'),
  self: () => `$A=$A\n${'router_id $A\n'.repeat(50_000)}`,
  circle: () => `$A=$B\n$B=$C\n$C=$A\n${'router_id $A\n'.repeat(50_000)}`,
  doubling: () => `${Array.from({ length: 60 }, (_, i) => `$A${i + 1}=\${A${i}}\${A${i}}\n`).join('')}$A0=xxxxxxxx\n${'$A60\n'.repeat(100_000)}`,
  doublingLines: () => `${Array.from({ length: 40 }, (_, i) => `$A${i + 1}=\\\n$A${i}\\\n$A${i}\n`).join('')}$A0=\\\nfoo\\\nbar\n$A40\n`,
  manyDefinitions: () => Array.from({ length: 60_000 }, (_, i) => `$N${i}=value\n`).join('') + '$N59999 x\n',
  sequence: () => '~SEQ(A,1,4000000000) x\n',
  sequences: () => '~SEQ(A,1,999)~SEQ(B,1,999)~SEQ(C,1,999) x\n',
  manySequences: () => upTo('~SEQ(A,1,99999) x${A}\n'),
  sequenceOfItself: () => '$M=\\\n~SEQ(A,1,9) $M\n$M\n',
  sequenceOfFiles: () => '~SEQ(A,1,100000) include k.conf\n',
  longList: () => `~LST(A,${'a,'.repeat(400_000)}a) x\n`,
  includes: () => upTo('include k.conf\n'),
  alternatives: () => `include ${'{a,b}'.repeat(40)}\n`.repeat(100),
  groupRanges: () => `virtual_server_group g {\n${'10.0.0.0/16 80\n'.repeat(60_000)}}\nvirtual_server group g {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.2 80 {\n}\nfoo\n}\n`,
  groupUsers: () => `virtual_server_group g {\n10.0.0.0/17 80\n}\n${'virtual_server group g {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.2 80 {\n}\n}\n'.repeat(10_000)}`,
  addresses: () => `vrrp_instance a {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n${Array.from({ length: 50_000 }, (_, i) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}\n`).join('')}}\n}\n`,
  instances: () => Array.from({ length: 15_000 }, (_, i) => `vrrp_instance n${i} {\n}\n`).join(''),
  replaced: () => `virtual_server 192.0.2.1 80 {\n${'lb_kind DR\nsorry_server 192.0.2.3\nsorry_server_inhibit\nreal_server 192.0.2.2 80 {\n}\n'.repeat(12_000)}}\n`,
  scriptUsers: () => `${'global_defs {\nscript_user x\n}\n'.repeat(20_000)}global_defs {\n${'script_user x\n'.repeat(25_000)}frobnicate\n}\n`,
  oneName: () => upTo('vrrp_instance a {\n}\n'),
  settings: () => upTo('global_defs {\ninclude_check +matches\n}\n'),
  statusCodes: () => `virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.2 80 {\nHTTP_GET {\nurl {\nstatus_code ${'200-299 '.repeat(100)}\n}\n}\n}\n}\n`.repeat(800),
};
