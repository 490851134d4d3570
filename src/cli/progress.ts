import type { createLogUpdate } from 'log-update';
import { escapeControl } from '../base/escape.ts';
import type { Notice } from '../base/running.ts';
import type { Paint } from '../report/paint.ts';
import { bytesText, secondsText } from '../report/units.ts';

type Options = {
  readonly stream: NodeJS.WriteStream;
  readonly live: typeof createLogUpdate | undefined; // for a person at a terminal: lines that change; else plain lines as things happen
  readonly paint: Paint;
  readonly detail: 'quiet' | 'normal' | 'all'; // all: every line that a step prints
  readonly nowMs: () => number;
};

type Of<K extends Notice['kind']> = Extract<Notice, { readonly kind: K }>;

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;
const PLAIN_BYTES_EVERY_MS = 5000;

/** CPU seconds from which a step is worth more than its time. */
const LONG_SECONDS = 30;

/** Writes notices for people: live lines on a terminal, plain ones elsewhere. */
export class ProgressWriter {
  readonly #options: Options;
  readonly #live: ReturnType<typeof createLogUpdate> | undefined;
  readonly #builds = new Map<string, { step: string; sinceMs: number; line: string }>();
  #stage = '';
  #overview: readonly string[] = [];
  #bytes: { notice: Of<'bytes'>; sinceMs: number; shownMs: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#live = options.detail === 'quiet' ? undefined : options.live?.(options.stream, { showCursor: true });
  }

  readonly tell = (notice: Notice): void => {
    if (this.#options.detail === 'quiet' && notice.kind !== 'warning') return;
    this.#show(notice);
    if (this.#live && !this.#timer) {
      this.#timer = setInterval(() => this.#render(), FRAME_MS);
      this.#timer.unref(); // the live lines never keep the process alive
    }
  };

  /** Takes the live lines away, so that others can print. */
  pause(): void {
    this.#live?.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #show(notice: Notice): void {
    switch (notice.kind) {
      case 'stage':
        this.#stage = escapeControl(notice.text);
        this.#bytes = undefined;
        if (!this.#live) this.#print(this.#stage);
        break;
      case 'note':
        this.#print(escapeControl(notice.text));
        break;
      case 'warning':
        this.#print(`${this.#options.paint.yellow('warning:')} ${escapeControl(notice.text)}`);
        break;
      case 'overview':
        this.#overview = notice.lines.map(escapeControl);
        break;
      case 'bytes':
        this.#showBytes(notice);
        break;
      case 'step':
        this.#showStep(notice);
        break;
      case 'output':
        this.#showOutput(notice);
        break;
      default:
        notice satisfies never;
    }
  }

  #showBytes(notice: Of<'bytes'>): void {
    const nowMs = this.#options.nowMs();
    const { sinceMs, shownMs } = this.#bytes?.notice.label === notice.label ? this.#bytes : { sinceMs: nowMs, shownMs: nowMs };
    const ended = notice.total > 0 && notice.done >= notice.total;
    const show = !this.#live && (ended || nowMs - shownMs >= PLAIN_BYTES_EVERY_MS);
    this.#bytes = { notice, sinceMs, shownMs: show ? nowMs : shownMs };
    if (show) this.#print(this.#bytesLine(this.#bytes));
    if (ended) this.#bytes = undefined;
  }

  #bytesLine({ notice, sinceMs }: { notice: Of<'bytes'>; sinceMs: number }): string {
    const { label, done, total } = notice;
    const seconds = (this.#options.nowMs() - sinceMs) / 1000;
    const text = `${escapeControl(label)} ${bytesText(done)}${total > 0 ? ` of ${bytesText(total)}` : ''}`;
    if (seconds < 0.1) return text;
    const rate = done / seconds;
    const left = done < total && rate > 0 && seconds > 1 ? `, ${secondsText((total - done) / rate)} left` : '';
    return `${text} (${bytesText(rate)}/s${left})`;
  }

  #showStep({ build, step, state, seconds, cpuSeconds, peakMemoryBytes }: Of<'step'>): void {
    const { paint, nowMs } = this.#options;
    if (state === 'started') {
      this.#builds.set(build, { step, sinceMs: nowMs(), line: '' });
      if (!this.#live) this.#print(`${build}: ${step}`);
      return;
    }
    this.#builds.delete(build);
    // A long step says what it took at once: the build may yet fail, and then no report does.
    const took = cpuSeconds < LONG_SECONDS ? '' : `, ${secondsText(cpuSeconds)} of CPU, up to ${bytesText(peakMemoryBytes)}`;
    if (state === 'failed') this.#print(`${paint.red('✗')} ${build}: ${step} failed after ${secondsText(seconds)}${took}`);
    else this.#print(`${paint.dim('✓')} ${build}: ${step} ${paint.dim(`${secondsText(seconds)}${took}`)}`);
  }

  #showOutput(notice: Of<'output'>): void {
    const line = escapeControl(notice.line);
    const build = this.#builds.get(notice.build);
    if (build) build.line = line;
    if (this.#options.detail === 'all') this.#print(`${this.#options.paint.dim(`${notice.build} ${notice.step} |`)} ${line}`);
  }

  #print(text: string): void {
    this.#live?.clear();
    this.#options.stream.write(`${text}\n`);
  }

  #render(): void {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const { stream, nowMs, paint } = this.#options;
    const width = Math.max(20, (stream.columns || 80) - 3);
    const lines: string[] = [...this.#overview];
    if (lines.length > 0) {
      this.#live?.(lines.map((line, at) => `${at === 0 ? paint.dim(FRAMES[this.#frame] ?? '') : ' '} ${line.slice(0, width)}`).join('\n'));
      return;
    }
    if (this.#bytes) lines.push(this.#bytesLine(this.#bytes));
    else if (this.#builds.size === 0 && this.#stage !== '') lines.push(this.#stage);
    for (const [build, { step, sinceMs, line }] of this.#builds) {
      lines.push(`${build} ${step} ${secondsText((nowMs() - sinceMs) / 1000)}  ${line}`);
    }
    if (lines.length === 0) this.#live?.clear();
    else this.#live?.(lines.map((line) => `${paint.dim(FRAMES[this.#frame] ?? '')} ${line.slice(0, width)}`).join('\n'));
  }
}
