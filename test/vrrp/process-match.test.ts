import assert from 'node:assert/strict';
import test from 'node:test';
import { isTrackedProcess } from '../../src/vrrp/tracking/process-match.js';

const daemon = { comm: 'a-daemon-with-a', argv: ['/usr/sbin/a-daemon-with-a-long-name', '-f', '/etc/config'] };
const program = '/usr/sbin/a-daemon-with-a-long-name';

test('by name, as much of it counts as the kernel keeps', () => {
  const named = (name: string) => isTrackedProcess({ program: name, parameters: [], wholeCommand: false }, daemon);
  assert.equal(named('a-daemon-with-a-long-name'), true);
  assert.equal(named('a-daemon-with-a'), true);
  assert.equal(named('a-daemon-with'), false);
  assert.equal(named(program), false);
});

test('by command line: the program, and its arguments all, the first ones, or the last one in part', () => {
  const cases = [
    [undefined, ['x'], true],
    ['exact', ['-f', '/etc/config'], true],
    ['exact', ['-f'], false],
    ['exact', [], false],
    ['partial', ['-f'], true],
    ['partial', [], true],
    ['partial', ['-f', '/etc'], false],
    ['partial', ['-f', '/etc/config', 'x'], false],
    ['initial', ['-f', '/etc'], true],
    ['initial', ['-f', '/etc/config'], true],
    ['initial', ['-', '/etc/config'], false],
  ] as const;
  for (const [match, parameters, expected] of cases) {
    const config = { program, parameters, wholeCommand: true, ...(match === undefined ? {} : { match }) };
    assert.equal(isTrackedProcess(config, daemon), expected, `${match ?? 'any'} ${parameters.join(' ')}`);
    assert.equal(isTrackedProcess({ ...config, program: 'a-daemon-with-a' }, daemon), false);
  }
});
