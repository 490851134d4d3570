import { open } from 'node:fs/promises';

const PIECE = Buffer.alloc(1_000_000);

/** Writes a .deb (deb(5)) with one file, not compressed, of a size in bytes (a multiple of a million) and with the last byte given. */
export async function writeLargeDeb(path: string, size: number, last: number): Promise<void> {
  const control = tarOf(
    './control',
    Buffer.from('Package: large\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: large\n'),
  );
  const header = tarHeader('./large', size);
  const end = Buffer.alloc(((512 - (size % 512)) % 512) + 1024);
  await using file = await open(path, 'w');
  await file.write(
    Buffer.concat([
      Buffer.from('!<arch>\n'),
      ar('debian-binary', Buffer.from('2.0\n')),
      ar('control.tar', control),
      arHeader('data.tar', header.length + size + end.length),
      header,
    ]),
  );
  for (let at = PIECE.length; at < size; at += PIECE.length) await file.write(PIECE);
  await file.write(Buffer.concat([PIECE.subarray(1), Buffer.from([last]), end]));
}

function ar(name: string, body: Buffer): Buffer {
  return Buffer.concat([arHeader(name, body.length), body, Buffer.alloc(body.length % 2, '\n')]);
}

function arHeader(name: string, size: number): Buffer {
  return Buffer.from(
    `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(size).padEnd(10)}\`\n`,
  );
}

function tarOf(name: string, body: Buffer): Buffer {
  return Buffer.concat([tarHeader(name, body.length), body, Buffer.alloc(((512 - (body.length % 512)) % 512) + 1024)]);
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(`${octal(0o644, 7)}${octal(0, 7)}${octal(0, 7)}${octal(size, 11)}${octal(0, 11)}        0`, 100);
  header.write('ustar\u000000', 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
    148,
  );
  return header;
}
