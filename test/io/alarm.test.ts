import assert from 'node:assert/strict';
import test from 'node:test';
import { after, micros, milliseconds } from '../../src/base/time.js';
import { openAlarm } from '../../src/io/alarm.js';
import { openClock } from '../../src/io/clock.js';

const clock = openClock();

test('an alarm expires at its deadline and never before', async () => {
  for (const span of [0, 300, 1_700, 5_300]) {
    const deadline = after(clock.now(), milliseconds(span / 1000));
    const expiredAt = await new Promise<number>((resolve) => {
      const alarm = openAlarm(() => {
        alarm.close();
        resolve(clock.now());
      });
      alarm.set(deadline);
    });
    assert.ok(expiredAt >= deadline, `${expiredAt} is before ${deadline}`);
  }
});

test('a deadline in the past expires at once, and once', async () => {
  let expirations = 0;
  const alarm = openAlarm(() => {
    expirations += 1;
  });
  alarm.set(milliseconds(1));
  await eventLoopTurns(20);
  assert.equal(expirations, 1);
  alarm.set(milliseconds(1));
  await eventLoopTurns(20);
  assert.equal(expirations, 2);
  alarm.close();
});

test('a moved alarm forgets its first deadline, a disarmed one both', async () => {
  let expirations = 0;
  const alarm = openAlarm(() => {
    expirations += 1;
  });
  alarm.set(milliseconds(1));
  alarm.set(after(clock.now(), milliseconds(60_000)));
  await eventLoopTurns(20);
  assert.equal(expirations, 0);
  alarm.set(milliseconds(1));
  alarm.set(undefined);
  await eventLoopTurns(20);
  assert.equal(expirations, 0);
  alarm.close();
  alarm.close();
  alarm.set(milliseconds(1));
  await eventLoopTurns(20);
  assert.equal(expirations, 0);
});

test('the clock runs beside process.hrtime', () => {
  const before = Math.floor(Number(process.hrtime.bigint()) / 1000);
  const now = clock.now();
  const later = Math.ceil(Number(process.hrtime.bigint()) / 1000);
  assert.ok(Number.isInteger(now) && before <= now && now <= later, `${before} ${now} ${later}`);
});

async function eventLoopTurns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

test('with a granularity a deadline is put off to the next multiple, so that neighbours share one expiry', async () => {
  const granularity = milliseconds(20);
  const multiple = (Math.floor(clock.now() / granularity) + 1) * granularity;
  const expiredAt = await new Promise<number>((resolve) => {
    const alarm = openAlarm(() => {
      alarm.close();
      resolve(clock.now());
    }, granularity);
    alarm.set(micros(multiple - 100));
    alarm.set(micros(multiple - 19_000));
  });
  assert.ok(expiredAt >= multiple, `${expiredAt} is before ${multiple}`);
});
