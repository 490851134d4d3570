import { open, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { $ } from 'zx';
import { type Bench, timed } from './project.ts';
import { median, type Row } from './table.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SIZE = 1_000_000_000; // bytes of the large .deb's content
const PIECE = Buffer.alloc(1_000_000);

/** What the tool itself takes: its start, its set-up when there is nothing to do, its memory with a large package. */
export async function toolRows(bench: Bench): Promise<readonly Row[]> {
  const help: number[] = [];
  const setup: number[] = [];
  for (let run = 0; run < bench.runs + 2; run += 1) {
    help.push((await bench.twinbuild('warm', '--help')).seconds);
    setup.push((await timed($({ cwd: ROOT })`scripts/setup.sh`)).seconds);
  }
  const [first, second] = [join(bench.scratch, 'first.deb'), join(bench.scratch, 'second.deb')];
  await writeDeb(first, 0);
  await writeDeb(second, 1);
  const { stderr, seconds } = await timed(
    $({
      nothrow: true,
      env: { ...process.env, NODE_OPTIONS: `--import=${join(ROOT, 'bench/peak-memory.ts')}` },
    })`${join(ROOT, 'bin/twinbuild')} diff ${first} ${second}`,
  );
  const peak = /peak memory (\d+) kB/.exec(stderr)?.[1];
  await Promise.all([rm(first), rm(second)]);
  return [
    { what: 'twinbuild --help', ours: median(help), unit: 's', goal: 0.2 },
    { what: 'set-up with nothing to do', ours: median(setup), unit: 's', goal: 2 },
    peak === undefined
      ? { what: 'memory while comparing two .debs of 1 GB', ours: undefined, unit: 'MB', goal: 300, note: 'the process did not say' }
      : {
          what: 'memory while comparing two .debs of 1 GB',
          ours: Number(peak) / 1000,
          unit: 'MB',
          goal: 300,
          note: `in ${seconds.toFixed(1)} s`,
        },
  ];
}

/** A .deb (deb(5)) with one file of 1 GB, not compressed, whose last byte is given. */
async function writeDeb(path: string, last: number): Promise<void> {
  const control = tarOf(
    './control',
    Buffer.from('Package: large\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: large\n'),
  );
  const header = tarHeader('./large', SIZE);
  const end = Buffer.alloc(((512 - (SIZE % 512)) % 512) + 1024);
  await using file = await open(path, 'w');
  await file.write(
    Buffer.concat([
      Buffer.from('!<arch>\n'),
      ar('debian-binary', Buffer.from('2.0\n')),
      ar('control.tar', control),
      arHeader('data.tar', header.length + SIZE + end.length),
      header,
    ]),
  );
  for (let at = PIECE.length; at < SIZE; at += PIECE.length) await file.write(PIECE);
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
