import assert from 'node:assert/strict';
import test from 'node:test';

import type { Options, Request } from '../../src/daemon/start/options.js';
import { parseOptions } from '../../src/daemon/start/options.js';

const parse = (...argv: string[]): Request => parseOptions(argv, 'VERSION');

function running(...argv: string[]): Extract<Request, { type: 'run' }> {
  const request = parse(...argv);
  assert.ok(request.type === 'run', JSON.stringify(request));
  return request;
}

const optionsOf = (...argv: string[]): Options => running(...argv).options;

function leaving(...argv: string[]): Extract<Request, { type: 'leave' }> {
  const request = parse(...argv);
  assert.ok(request.type === 'leave', JSON.stringify(request));
  return request;
}

test('without arguments both subsystems run in the background on the default file', () => {
  const options = optionsOf();
  assert.equal(options.configurationFile, '/etc/keepalived/keepalived.conf');
  assert.deepEqual([options.runVrrp, options.runCheckers, options.foreground], [true, true, false]);
  assert.deepEqual([options.syslog, options.logConsole, options.logDetail, options.respawn], [true, false, 0, true]);
  assert.deepEqual(options.pidFiles, {});
});

test('short options may be clustered, and a value may be attached or follow', () => {
  for (const argv of [
    ['-nlDP', '-f', 'x.conf'],
    ['-nlDPfx.conf'],
    ['-n', '-lD', '-P', '-fx.conf'],
    ['--dont-fork', '--log-console', '--log-detail', '--vrrp', '--use-file=x.conf'],
    ['--dont-fork', '--log-console', '--log-detail', '--vrrp', '--use-file', 'x.conf'],
  ]) {
    const options = optionsOf(...argv);
    assert.equal(options.configurationFile, 'x.conf', argv.join(' '));
    assert.deepEqual([options.foreground, options.logConsole, options.logDetail], [true, true, 1]);
    assert.deepEqual([options.runVrrp, options.runCheckers], [true, false]);
  }
});

test('-P and -C choose one subsystem each, together both', () => {
  const chosen = (...argv: string[]): boolean[] => [optionsOf(...argv).runVrrp, optionsOf(...argv).runCheckers];
  assert.deepEqual(chosen('-P'), [true, false]);
  assert.deepEqual(chosen('-C'), [false, true]);
  assert.deepEqual(chosen('-PC'), [true, true]);
});

test('BFD runs unless -B says otherwise, and -b names its pid file', () => {
  assert.deepEqual([optionsOf('-P').runBfd, optionsOf('-C').runBfd, optionsOf('-B').runBfd], [true, true, false]);
  assert.equal(optionsOf('-b', '/x.pid').pidFiles.bfd, '/x.pid');
});

test('-D counts', () => {
  assert.equal(optionsOf('-D', '-D').logDetail, 2);
  assert.equal(optionsOf('-DD').logDetail, 2);
});

test('pid files are taken in both spellings', () => {
  const expected = { supervisor: '/a', vrrp: '/b', checkers: '/c' };
  assert.deepEqual(optionsOf('-p/a', '-r', '/b', '-c/c').pidFiles, expected);
  assert.deepEqual(optionsOf('--pid=/a', '--vrrp_pid', '/b', '--checkers_pid=/c').pidFiles, expected);
});

test('an optional value counts only when it is attached', () => {
  assert.equal(optionsOf('-g').logFile, '/tmp/keepalived.log');
  assert.equal(optionsOf('-g/x.log').logFile, '/x.log');
  assert.equal(optionsOf('--log-file=/x.log').logFile, '/x.log');
  assert.equal(optionsOf().logFile, undefined);
  assert.deepEqual(running('-g', 'word', '-n').remarks, ['Unexpected argument(s): word']);
});

test('-t tests the configuration, with an attached log file or none', () => {
  const tested = (...argv: string[]): string | undefined => {
    const request = parse(...argv);
    assert.ok(request.type === 'test', argv.join(' '));
    return request.logFile;
  };
  assert.equal(tested('-t', '-f', 'x'), undefined);
  assert.equal(tested('-nt', '-f', 'x'), undefined);
  assert.equal(tested('-t/log', '-f', 'x'), '/log');
  assert.equal(tested('--config-test=/log'), '/log');
  assert.equal(tested('--config-test', '/log'), undefined);
});

test('long names may be shortened while they stay unique', () => {
  assert.equal(optionsOf('--log-con').logConsole, true);
  assert.equal(leaving('--log').errors, 'Unknown option --log\n');
  // An exact name wins over the longer names it begins.
  assert.equal(optionsOf('--vrrp').runCheckers, false);
});

test('what is no option is refused with status 1', () => {
  const refusals: readonly (readonly [argv: readonly string[], complaint: string])[] = [
    [['--bogus'], 'Unknown option --bogus'],
    [['-Z'], 'Unknown option -Z'],
    [['-nZ'], 'Unknown option -Z'],
    [['-f'], 'Missing parameter for option -f'],
    [['--use-file'], 'Missing parameter for option --use-file'],
    [['--vrrp=yes'], 'Unexpected value for option --vrrp'],
    [['-S9'], "Invalid log facility '9'"],
    [['-u999'], "Invalid umask '999'"],
    [['-u01777'], "Invalid umask '01777'"],
    [['--log-format=xml'], "Invalid log format 'xml', expected text or json"],
  ];
  for (const [argv, complaint] of refusals) {
    const { status, errors } = leaving(...argv);
    assert.deepEqual([status, errors], [1, `${complaint}\n`], argv.join(' '));
  }
});

test('--signum prints the number of a function, on standard output', () => {
  const numbers = { STOP: 15, RELOAD: 1, DATA: 10, STATS: 12, STATS_CLEAR: 63, JSON: 36 };
  for (const [name, number] of Object.entries(numbers)) {
    assert.deepEqual(leaving(`--signum=${name}`), { type: 'leave', status: 0, output: `${number}\n`, errors: '' });
    assert.equal(leaving('--signum', name).output, `${number}\n`);
  }
  assert.deepEqual(leaving('--signum=FOO'), { type: 'leave', status: 1, output: '', errors: 'Unknown sigfunc FOO\n' });
});

test('the version goes to standard error, as keepalived has it', () => {
  assert.deepEqual(leaving('-v'), { type: 'leave', status: 0, output: '', errors: 'VERSION\n' });
});

test('the help names every option and says which are without effect', () => {
  const { status, output } = leaving('--help');
  assert.equal(status, 0);
  for (const word of ['--use-file', '--dont-fork', '--config-test', '--checkers_pid', '--log-console', '--all-config', '--release-vips', '--genhash']) {
    assert.ok(output.includes(word), word);
  }
  assert.match(output, /--mem-check-log\s+understood without effect: memory is not\s+allocated\s+by hand/);
});

test('SNMP and its socket stand beside what the configuration says', () => {
  const { snmp, snmpSocket } = running('-x', '-A', 'tcp:localhost:705').options;
  assert.deepEqual([snmp, snmpSocket], [true, 'tcp:localhost:705']);
  assert.equal(running('-n').options.snmp, false);
});

test('core dumps and their pattern: -M alone asks for both', () => {
  assert.deepEqual([optionsOf().coreDumps, optionsOf('-m').coreDumps, optionsOf('-m').corePattern], [false, true, undefined]);
  assert.deepEqual([optionsOf('-M').coreDumps, optionsOf('-M').corePattern, optionsOf('-M/tmp/core.%p').corePattern], [true, 'core', '/tmp/core.%p']);
});

test('an option that has nothing to act on is answered and ignored', () => {
  assert.deepEqual(running('-nL', '--debug=v', '-a').remarks, [
    'Option -L (--mem-check-log) has nothing to act on: memory is not allocated by hand - ignoring',
    'Option --debug has nothing to act on: it names parts of a program in C; -D -D says more - ignoring',
  ]);
});

test('-e asks for every check of includes, -X for what is done anyway, -T stands first or nowhere', () => {
  assert.equal(optionsOf().includeCheck, false);
  assert.equal(optionsOf('-e').includeCheck, true);
  assert.deepEqual(running('-n', '-X').remarks, []);
  assert.deepEqual(leaving('-n', '-T').errors, 'Option -T (--genhash) must be the first word\n');
});

test('facility and umask are read as numbers', () => {
  assert.equal(optionsOf().logFacility, 3);
  assert.equal(optionsOf('-S', 'user').logFacility, 1);
  assert.equal(optionsOf('-S7').logFacility, 23);
  assert.equal(optionsOf('--log-facility=local0').logFacility, 16);
  assert.equal(optionsOf('-u', '022').umask, 0o22);
  assert.equal(optionsOf('-u18').umask, 18);
  assert.equal(optionsOf('-u', '0x12').umask, 0x12);
  assert.equal(optionsOf().umask, undefined);
});

test('words after -- are no options', () => {
  const { options, remarks } = running('-n', '--', '-P');
  assert.deepEqual(remarks, ['Unexpected argument(s): -P']);
  assert.equal(options.runCheckers, true);
});
