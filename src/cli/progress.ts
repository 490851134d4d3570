import { createLogUpdate } from 'log-update';
import { escapeControl } from '../base/escape.ts';
import type { Notice } from '../base/running.ts';
import type { Paint } from '../report/paint.ts';
import { bytesText, secondsText } from '../report/units.ts';

type Options = {
  readonly stream: NodeJS.WriteStream;
  readonly interactive: boolean; // a person at a terminal: live lines; else plain lines as things happen
  readonly paint: Paint;
  readonly detail: 'quiet' | 'normal' | 'all'; // all: every line that a step prints
  readonly nowMs: () => number;
};

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const PLAIN_BYTES_EVERY_MS = 5000;

/** Writes notices for people: live lines on a terminal, plain ones elsewhere. `pause` takes the live lines away so that others can print. */
export function progressWriter(options: Options): { tell(notice: Notice): void; pause(): void } {
  const { stream, paint, detail, interactive, nowMs } = options;
  const live = interactive && detail !== 'quiet' ? createLogUpdate(stream, { showCursor: true }) : undefined;
  let stage = '';
  let bytes: (Notice & { kind: 'bytes' }) | undefined;
  let bytesSinceMs = 0;
  let bytesShownMs = 0;
  const builds = new Map<string, { step: string; sinceMs: number; line: string }>();
  let timer: NodeJS.Timeout | undefined;
  let frame = 0;

  const print = (text: string): void => {
    live?.clear();
    stream.write(`${text}\n`);
  };
  const bytesLine = (): string => {
    if (!bytes) return '';
    const elapsed = Math.max(0.001, (nowMs() - bytesSinceMs) / 1000);
    const rate = bytes.done / elapsed;
    const left = rate > 0 ? (bytes.total - bytes.done) / rate : 0;
    const timeLeft = bytes.done < bytes.total && elapsed > 1 ? `, ${secondsText(left)} left` : '';
    return `${escapeControl(bytes.label)} ${bytesText(bytes.done)} of ${bytesText(bytes.total)} (${bytesText(rate)}/s${timeLeft})`;
  };
  const render = (): void => {
    if (!live) return;
    frame = (frame + 1) % FRAMES.length;
    const width = Math.max(20, (stream.columns || 80) - 1);
    const lines: string[] = [];
    if (bytes) lines.push(bytesLine());
    else if (builds.size === 0 && stage !== '') lines.push(stage);
    for (const [build, { step, sinceMs, line }] of builds) {
      lines.push(`${build} ${step} ${secondsText((nowMs() - sinceMs) / 1000)}  ${line}`);
    }
    if (lines.length === 0) live.clear();
    else live(lines.map((line) => `${paint.dim(FRAMES[frame] ?? '')} ${line.slice(0, width - 2)}`).join('\n'));
  };
  const pause = (): void => {
    live?.clear();
    clearInterval(timer);
    timer = undefined;
  };
  const wake = (): void => {
    if (!live || timer) return;
    timer = setInterval(render, 120);
    timer.unref(); // the live lines never keep the process alive
  };

  const tell = (notice: Notice): void => {
    if (detail === 'quiet' && notice.kind !== 'warning') return;
    switch (notice.kind) {
      case 'stage':
        stage = escapeControl(notice.text);
        bytes = undefined;
        if (!live) print(stage);
        break;
      case 'note':
        print(escapeControl(notice.text));
        break;
      case 'warning':
        print(`${paint.yellow('warning:')} ${escapeControl(notice.text)}`);
        break;
      case 'bytes': {
        if (!bytes || bytes.label !== notice.label) {
          bytesSinceMs = nowMs();
          bytesShownMs = bytesSinceMs;
        }
        bytes = notice;
        const done = notice.done >= notice.total;
        if (!live && (done || nowMs() - bytesShownMs >= PLAIN_BYTES_EVERY_MS)) {
          bytesShownMs = nowMs();
          print(bytesLine());
        }
        if (done) bytes = undefined;
        break;
      }
      case 'step':
        if (notice.state === 'started') {
          builds.set(notice.build, { step: notice.step, sinceMs: nowMs(), line: '' });
          if (!live) print(`${notice.build}: ${notice.step}`);
        } else {
          builds.delete(notice.build);
          if (notice.state === 'failed')
            print(`${paint.red('✗')} ${notice.build}: ${notice.step} failed after ${secondsText(notice.seconds)}`);
          else print(`${paint.dim('✓')} ${notice.build}: ${notice.step} ${paint.dim(secondsText(notice.seconds))}`);
        }
        break;
      case 'output': {
        const line = escapeControl(notice.line);
        const build = builds.get(notice.build);
        if (build) build.line = line;
        if (detail === 'all') print(`${paint.dim(`${notice.build} ${notice.step} |`)} ${line}`);
        break;
      }
      default:
        notice satisfies never;
    }
    wake();
  };
  return { tell, pause };
}
