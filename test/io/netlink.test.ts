import assert from 'node:assert/strict';
import test from 'node:test';
import { resolveFamily } from '../../src/io/netlink/generic-netlink.js';
import { KernelError } from '../../src/io/kernel-error.js';
import { FLAG, type NetlinkRequest } from '../../src/io/netlink/netlink-messages.js';
import { PROTOCOL } from '../../src/io/netlink/netlink-socket.js';
import { NetlinkRequester, type QueryResult } from '../../src/io/netlink/netlink.js';
import { RTM, allAddresses, allLinks, decodeLink } from '../../src/io/netlink/rtnetlink.js';

const links: NetlinkRequest = { type: RTM.getLink, flags: FLAG.dump, payload: allLinks(), operation: 'list links' };

function query(requester: NetlinkRequester, request: NetlinkRequest): Promise<QueryResult> {
  return new Promise((resolve) => requester.query(request, resolve));
}

test('a dump answers with every message of it', async () => {
  const requester = new NetlinkRequester(PROTOCOL.route);
  const result = await query(requester, links);
  assert.ok(result.ok && result.messages.some(({ data }) => decodeLink(data)?.name === 'lo'));
  requester.close();
});

test('questions asked from an answer, and many at once, are answered in the order asked', async () => {
  const requester = new NetlinkRequester(PROTOCOL.route);
  const order: number[] = [];
  await new Promise<void>((resolve) => {
    for (let i = 0; i < 500; i++) {
      requester.query(links, (result) => {
        order.push(result.ok ? i : -1);
        if (i === 0) requester.query({ ...links, type: RTM.getAddress, payload: allAddresses() }, () => resolve());
      });
    }
  });
  assert.deepEqual(order, Array.from({ length: 500 }, (_, i) => i));
  requester.close();
});

test('a refusal names operation, code and errno', async () => {
  const requester = new NetlinkRequester(PROTOCOL.route);
  const payload = new Uint8Array(8);
  const errors = await new Promise<readonly (KernelError | undefined)[]>((resolve) => {
    const request = { type: RTM.newAddress, flags: 0, payload, operation: 'add nothing' };
    requester.batch([request, { ...request, type: RTM.deleteAddress, operation: 'remove nothing' }], resolve);
  });
  assert.deepEqual(
    errors.map((error) => error?.operation),
    ['add nothing', 'remove nothing'],
  );
  for (const error of errors) assert.ok(error instanceof KernelError && error.errno > 0 && /^E[A-Z]+$/.test(error.code));
  requester.close();
});

test('an empty batch is done', () => {
  const requester = new NetlinkRequester(PROTOCOL.route);
  const answers: unknown[] = [];
  requester.batch([], (errors) => answers.push(errors));
  assert.deepEqual(answers, [[]]);
  requester.close();
});

test('closing answers what is open with ECANCELED, also what is asked afterwards', () => {
  const requester = new NetlinkRequester(PROTOCOL.route);
  const codes: string[] = [];
  const note = (result: QueryResult): void => void codes.push(result.ok ? 'ok' : result.error.code);
  requester.query(links, (result) => {
    note(result);
    requester.query(links, note);
    requester.close();
    requester.close();
    requester.query(links, note);
  });
  assert.deepEqual(codes, ['ok', 'ECANCELED', 'ECANCELED']);
});

test('a generic netlink family is found by name, an unknown one is ENOENT', async () => {
  const requester = new NetlinkRequester(PROTOCOL.generic);
  const find = (name: string): Promise<number | KernelError> =>
    new Promise((resolve) => resolveFamily(requester, name, resolve));
  assert.equal(await find('nlctrl'), 16);
  const absent = await find('HOLDFAST_NONE');
  assert.ok(absent instanceof KernelError && absent.code === 'ENOENT');
  requester.close();
});
