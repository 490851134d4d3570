import type { Notice, Tell } from '../base/running.ts';
import type { QueueItem, Status } from '../queue/types.ts';
import { STATUS_WORDS } from '../report/many.ts';
import { bytesText, secondsText } from '../report/units.ts';

type Going = { readonly name: string; readonly sinceMs: number; readonly steps: Map<string, string>; stage: string; line: string };

/** What goes on while many packages are built: a few lines on a terminal, and a line for each beginning and end elsewhere. */
export class ManyProgress {
  readonly #tell: Tell;
  readonly #nowMs: () => number;
  readonly #total: number;
  readonly #sinceMs: number;
  readonly #going = new Map<string, Going>();
  readonly #ended = new Map<Status, number>();
  readonly #before: number; // finished in earlier runs
  #waits: string | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(options: { readonly tell: Tell; readonly nowMs: () => number; readonly total: number; readonly before: number }) {
    this.#tell = options.tell;
    this.#nowMs = options.nowMs;
    this.#total = options.total;
    this.#before = options.before;
    this.#sinceMs = options.nowMs();
    this.#timer = setInterval(() => this.#show(), 500);
    this.#timer.unref();
  }

  begin(item: QueueItem, attempt: number): void {
    this.#going.set(item.key, { name: item.name, sinceMs: this.#nowMs(), steps: new Map(), stage: 'begins', line: '' });
    this.#waits = undefined;
    this.#tell({ kind: 'stage', text: `${item.name}: begins${attempt > 1 ? ` (try ${attempt})` : ''}` });
    this.#show();
  }

  /** What is told of one package. */
  readonly teller =
    (item: QueueItem): Tell =>
    (notice: Notice): void => {
      const going = this.#going.get(item.key);
      switch (notice.kind) {
        case 'warning':
          this.#tell({ kind: 'warning', text: `${item.name}: ${notice.text}` });
          break;
        case 'output':
          if (going) going.line = notice.line;
          this.#tell({ ...notice, build: `${item.name} ${notice.build}` });
          break;
        case 'stage':
          if (going) going.stage = notice.text;
          break;
        case 'bytes':
          if (going) going.stage = `${notice.label} ${bytesText(notice.done)} of ${bytesText(notice.total)}`;
          break;
        case 'step':
          if (notice.state === 'started') going?.steps.set(notice.build, notice.step);
          else going?.steps.delete(notice.build);
          break;
        case 'note':
        case 'overview':
          break;
        default:
          notice satisfies never;
      }
    };

  /** A package is finished. */
  end(item: QueueItem, status: Status, seconds: number, why: string): void {
    this.#going.delete(item.key);
    this.#ended.set(status, (this.#ended.get(status) ?? 0) + 1);
    const width = String(this.#total).length;
    const counted = `[${String(this.#done()).padStart(width)}/${this.#total}]`;
    this.#tell({
      kind: 'note',
      text: `${counted} ${item.name}: ${STATUS_WORDS[status]} (${secondsText(seconds)})${why === '' ? '' : `: ${why}`}`,
    });
    this.#show();
  }

  /** A package will be tried again, or was left. */
  leave(item: QueueItem, why: string): void {
    this.#going.delete(item.key);
    if (why !== '') this.#tell({ kind: 'note', text: `${item.name}: ${why}` });
    this.#show();
  }

  waits(seconds: number): void {
    this.#waits = `waits ${secondsText(seconds)} before it tries again`;
    this.#show();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#tell({ kind: 'overview', lines: [] });
  }

  #done(): number {
    return this.#before + [...this.#ended.values()].reduce((sum, count) => sum + count, 0);
  }

  #show(): void {
    const nowMs = this.#nowMs();
    const counts = [...this.#ended].map(([status, count]) => `${count} ${STATUS_WORDS[status]}`).join(', ');
    const ended = this.#done() - this.#before;
    const passed = (nowMs - this.#sinceMs) / 1000;
    const left = this.#total - this.#done();
    const rest = ended >= 2 && left > 0 ? `, about ${secondsText((passed / ended) * left)} left` : '';
    const head = `${this.#done()} of ${this.#total}${counts === '' ? '' : `: ${counts}`} · ${secondsText(passed)}${rest}`;
    const lines = [...this.#going.values()].map(({ name, sinceMs, steps, stage, line }) => {
      const doing = steps.size > 0 ? [...steps].map(([build, step]) => `${build} ${step}`).join(', ') : stage;
      return `${name} ${secondsText((nowMs - sinceMs) / 1000)}  ${doing}${line === '' || steps.size === 0 ? '' : `  ${line}`}`;
    });
    this.#tell({ kind: 'overview', lines: [head, ...lines, ...(this.#waits && lines.length === 0 ? [this.#waits] : [])] });
  }
}
