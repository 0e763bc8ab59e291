import assert from 'node:assert/strict';
import test from 'node:test';
import { resolveFamily } from '../../src/io/netlink/generic-netlink.js';
import { KernelError } from '../../src/io/kernel-error.js';
import { FLAG, type NetlinkRequest } from '../../src/io/netlink/netlink-messages.js';
import { PROTOCOL } from '../../src/io/netlink/netlink-socket.js';
import { AnswerLost, NetlinkRequester, type QueryResult } from '../../src/io/netlink/netlink.js';
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

test('what is more urgent goes first: questions beside it wait until it is done, and are then answered', async () => {
  const urgent = new NetlinkRequester(PROTOCOL.route, { turn: 0 });
  const other = new NetlinkRequester(PROTOCOL.route, { givesWayTo: urgent });
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    const answered = (who: string) => (): void => {
      if (order.push(who) === 6) resolve();
    };
    // One answer of the urgent ones a turn of the loop.
    urgent.query(links, () => {
      for (let i = 0; i < 3; i += 1) urgent.query(links, answered('urgent'));
      for (let i = 0; i < 3; i += 1) other.query(links, answered('other'));
    });
  });
  assert.deepEqual(order, ['urgent', 'urgent', 'urgent', 'other', 'other', 'other']);
  urgent.close();
  other.close();
});

test('closing what is more urgent lets others go on', async () => {
  const urgent = new NetlinkRequester(PROTOCOL.route, { turn: 0 });
  const other = new NetlinkRequester(PROTOCOL.route, { givesWayTo: urgent });
  const answer = await new Promise<QueryResult>((resolve) => {
    // Before the next turn of the urgent one.
    setImmediate(() => urgent.close());
    urgent.query(links, () => {
      urgent.query(links, () => undefined);
      other.query(links, resolve);
    });
  });
  assert.ok(answer.ok);
  other.close();
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

/** More than one send's worth of commands, all of which the kernel refuses in words. */
const refused: readonly NetlinkRequest[] = Array.from({ length: 3000 }, () => ({
  type: RTM.deleteAddress,
  flags: 0,
  payload: new Uint8Array(8),
  operation: 'remove nothing',
}));
/** Room for a few refusals. */
const SMALL = { bytes: 2048, force: false } as const;

test('answers that find no room are known to be lost before the batch returns: nothing is waited for', () => {
  const requester = new NetlinkRequester(PROTOCOL.route);
  requester.setReceiveBuffer(SMALL);
  // A row of portions gives way to the event loop only after some milliseconds: the first one is seen on its own.
  const answers: (readonly (KernelError | undefined)[])[] = [];
  requester.batch(refused.slice(0, 1000), (errors) => void answers.push(errors));
  const [first = []] = answers;
  assert.equal(first.length, 1000);
  const words = first.filter((error) => error !== undefined && !(error instanceof AnswerLost));
  const lost = first.filter((error) => error instanceof AnswerLost);
  assert.ok(words.length > 0, 'what was refused before there was no room is told');
  assert.ok(lost.length > 0 && words.length + lost.length === 1000, `${words.length} refused, ${lost.length} lost`);
  assert.deepEqual([...new Set(lost.map((error) => error.code))], ['ENOBUFS']);
  requester.close();
});

test('each portion of a batch tells of its own overrun, and what is asked afterwards is answered', async () => {
  const requester = new NetlinkRequester(PROTOCOL.route);
  requester.setReceiveBuffer(SMALL);
  const errors = await new Promise<readonly (KernelError | undefined)[]>((resolve) => requester.batch(refused, resolve));
  assert.ok([999, 1999, 2999].every((i) => errors[i] instanceof AnswerLost));
  assert.ok([0, 1024, 2048].every((i) => errors[i] !== undefined && !(errors[i] instanceof AnswerLost)));
  const small = await query(requester, links);
  assert.ok(small.ok && small.messages.some(({ data }) => decodeLink(data)?.name === 'lo'));
  requester.setReceiveBuffer(undefined);
  const again = await new Promise<readonly (KernelError | undefined)[]>((resolve) => requester.batch(refused, resolve));
  assert.ok(again.every((error) => error !== undefined && !(error instanceof AnswerLost)));
  requester.close();
});

test('nothing comes between the portions of a batch, and commands are made portion by portion, also by whoever is closed', async () => {
  const requester = new NetlinkRequester(PROTOCOL.route);
  const told: string[] = [];
  function* made(): Generator<NetlinkRequest, undefined> {
    for (const [i, request] of refused.entries()) {
      if (i % 1000 === 0) told.push(`made ${i}`);
      yield request;
    }
    return undefined;
  }
  await new Promise<void>((resolve) => {
    requester.query(links, () => {
      requester.batch(made(), (errors) => void told.push(`${errors.length} refused`));
      requester.query(links, (result) => {
        told.push(result.ok ? 'answered' : result.error.code);
        resolve();
      });
      told.push('asked');
    });
  });
  const makings = Array.from({ length: refused.length / 1000 }, (_, i) => `made ${i * 1000}`);
  const [first = '', second = '', ...later] = makings;
  assert.deepEqual(told, [first, second, 'asked', ...later, `${refused.length} refused`, 'answered']);
  requester.close();
  const errors = await new Promise<readonly (KernelError | undefined)[]>((resolve) => requester.batch(made(), resolve));
  assert.equal(errors.length, refused.length);
  assert.ok(errors.every((error) => error?.code === 'ECANCELED'));
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
