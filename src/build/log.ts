import { createWriteStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { Tell } from '../base/running.ts';

const LAST_LINES = 30;
const LONGEST_LINE = 16_384; // signs; build.log has it whole

/** The build.log of one build, and the lines that people watch. */
export type Log = AsyncDisposable & {
  /** Begins the part of a step. */
  readonly begin: (step: string, heading: string) => StepLog;
};

export type StepLog = {
  readonly write: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
  /** Gives out a last line without its end. */
  readonly end: () => void;
  /** Up to 30 lines, unescaped. */
  readonly lastLines: () => readonly string[];
};

/** Opens a new build.log. The file has every byte as it came; lines go to `tell` without their ends. */
export function openLog(path: string, build: string, tell: Tell): Log {
  const file = createWriteStream(path, { flags: 'w' });
  let broken: Error | undefined;
  file.on('error', (error) => {
    broken ??= error;
  });
  let atLineStart = true;
  const put = (bytes: Uint8Array | string) => {
    if (broken === undefined) file.write(bytes);
  };
  return {
    begin(step, heading) {
      put(`${atLineStart ? '' : '\n'}==> ${heading}\n`);
      atLineStart = true;
      const last: string[] = [];
      const line = (text: string) => {
        const cut = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)} …` : text;
        last.push(cut);
        if (last.length > LAST_LINES) last.shift();
        tell({ kind: 'output', build, step, line: cut });
      };
      const streams = { stdout: splitter(line), stderr: splitter(line) };
      return {
        write(stream, bytes) {
          put(bytes);
          if (bytes.length > 0) atLineStart = bytes.at(-1) === 0x0a;
          streams[stream].write(bytes);
        },
        end() {
          streams.stdout.end();
          streams.stderr.end();
        },
        lastLines: () => last,
      };
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        if (broken !== undefined || file.closed) return resolve();
        file.on('close', resolve);
        file.on('error', () => resolve());
        file.end();
      });
    },
  };
}

/** Cuts a stream of bytes into lines of text. A carriage return ends a line too: progress bars are made of them. */
function splitter(line: (text: string) => void): { readonly write: (bytes: Uint8Array) => void; readonly end: () => void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string) => {
    const parts = `${rest}${text}`.split(/\r?\n|\r(?!$)/);
    rest = parts.pop() ?? '';
    for (const part of parts) line(part);
    // A line without an end must not fill the memory.
    if (rest.length > 4 * LONGEST_LINE) {
      line(rest);
      rest = '';
    }
  };
  return {
    write: (bytes) => take(decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))),
    end() {
      take(decoder.end());
      const left = rest.replace(/\r$/, '');
      rest = '';
      if (left !== '') line(left);
    },
  };
}
