/**
 * Messages between a daemon and a control service over a stream: two lengths (32 bits, high byte first), the message as JSON and
 * its `text` as it is. Pictures are long texts: they are neither quoted here nor taken apart there.
 */

const LENGTHS = 8;

export function frameOf(message: object): Buffer {
  const { text, ...rest } = message as { readonly text?: unknown };
  const isApart = typeof text === 'string';
  const head = Buffer.from(JSON.stringify(isApart ? { ...rest, textApart: true } : message));
  const tail = Buffer.from(isApart ? text : '');
  const lengths = Buffer.alloc(LENGTHS);
  lengths.writeUInt32BE(head.length, 0);
  lengths.writeUInt32BE(tail.length, 4);
  return Buffer.concat([lengths, head, tail]);
}

/**
 * Takes what comes, in whatever pieces, and hands on whole messages: JSON objects of unknown shape. It answers false, and nothing
 * more comes, when one is longer than `most` bytes or no JSON.
 */
export function createFrameReader(most: number, onMessage: (message: object) => void): (bytes: Buffer) => boolean {
  let pieces: Buffer[] = [];
  let held = 0;
  let needed = LENGTHS;
  let broken = false;
  const next = (): void => {
    const all = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    const head = all.readUInt32BE(0);
    const end = LENGTHS + head + all.readUInt32BE(4);
    pieces = [all];
    needed = end;
    if (end > most) broken = true;
    if (broken || held < end) return;
    const message = messageOf(all.toString('utf8', LENGTHS, LENGTHS + head), () => all.toString('utf8', LENGTHS + head, end));
    pieces = [all.subarray(end)];
    held -= end;
    needed = LENGTHS;
    if (message === undefined) broken = true;
    else onMessage(message);
  };
  return (bytes) => {
    pieces.push(bytes);
    held += bytes.length;
    while (!broken && held >= needed) next();
    return !broken;
  };
}

function messageOf(head: string, text: () => string): object | undefined {
  try {
    const value = JSON.parse(head) as unknown;
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('textApart' in value)) return value;
    const { textApart, ...rest } = value;
    return textApart === true ? { ...rest, text: text() } : undefined;
  } catch {
    return undefined;
  }
}
