import assert from 'node:assert/strict';
import test from 'node:test';
import { AttributeWriter } from '../../src/base/attribute-writer.js';
import { cstring, decodeFields, encodeAttributes, encodeFields, field, findAttribute, nested, rawBytes, u16be, u32 } from '../../src/base/attributes.js';

const TABLE = { number: field(1, u32), port: field(2, u16be), name: field(3, cstring), bytes: field(4, rawBytes(6)) } as const;
const VALUES = { number: 70_000, port: 8080, name: 'wrr', bytes: Uint8Array.of(1, 2, 3) };

test('thousands of messages, one behind the other, are what each would be by itself', () => {
  const writer = new AttributeWriter();
  const alone = encodeAttributes([nested(7, encodeFields(TABLE, VALUES)), ...encodeFields(TABLE, { number: 5 })]);
  const messages = Array.from({ length: 3000 }, () => {
    writer.nested(7, () => writer.fields(TABLE, VALUES));
    writer.fields(TABLE, { number: 5, name: undefined });
    return writer.take();
  });
  for (const message of messages) assert.deepEqual([...message], [...alone]);
});

test('a message longer than the memory there is moves, with what surrounds it', () => {
  const writer = new AttributeWriter();
  const name = 'x'.repeat(40_000);
  writer.nested(7, () => {
    writer.fields(TABLE, { number: 1 });
    writer.fields(TABLE, { name });
  });
  const content = findAttribute(writer.take(), 7);
  assert.ok(content.ok && content.value !== undefined);
  assert.deepEqual(decodeFields(TABLE, content.value), { ok: true, value: { number: 1, name } });
});
