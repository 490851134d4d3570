import { StreamFailure } from '../base/result.ts';
import type { Exit } from '../docker/engine.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { readTar } from '../format/tar.ts';
import { missingHelpers } from './missing.ts';
import { deepTree } from './tree.ts';
import { DEEP_FORMS, type DeepForm, type DeepLimits, type DeepLook } from './types.ts';

/** What the container of one artefact gave. */
export type Printed = {
  readonly name: string;
  readonly given: DeepLook['given'];
  readonly exit: Exit;
  readonly limits: DeepLimits;
  readonly reports: readonly Uint8Array[]; // the tar on standard output; may be broken off
  readonly words: string; // standard error
  readonly wallSeconds: number;
};

type Forms = Partial<Record<DeepForm, Uint8Array>>;

const EXCERPT_LINES = 60;

/** What diffoscope said, from what its container printed. */
export async function lookOf(printed: Printed): Promise<{ readonly look: Omit<DeepLook, 'files'>; readonly forms: Forms }> {
  const { name, given, wallSeconds } = printed;
  const files = await reportsOf(printed);
  const forms: Forms = {};
  for (const form of DEEP_FORMS) {
    const bytes = files.get(form);
    if (bytes !== undefined && bytes.length > 0) forms[form] = bytes;
  }
  const lines = Buffer.from(forms.txt ?? [])
    .toString()
    .split('\n');
  while (lines.at(-1) === '') lines.pop();
  const json = Buffer.from(forms.json ?? []).toString();
  const version = Buffer.from(files.get('version') ?? []).toString();
  return {
    look: {
      name,
      given,
      ...endOf(printed, Object.keys(forms).length > 0),
      tool: /^diffoscope [\w.+~-]{1,40}/.exec(version)?.[0] ?? null,
      wallSeconds,
      missing: missingHelpers(json),
      excerpt: lines.slice(0, EXCERPT_LINES),
      more: Math.max(0, lines.length - EXCERPT_LINES),
      tree: deepTree(json),
    },
    forms,
  };
}

async function reportsOf({ reports, limits }: Printed): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const bytes = (async function* () {
    yield* reports;
  })();
  try {
    for await (const { member, body } of readTar(bytes, { ...ARCHIVE_LIMITS, entries: 16, totalBytes: limits.reportBytes * 12 })) {
      if (member.type === 'file') files.set(member.name.replace(/^\.\//, ''), Buffer.concat(await Array.fromAsync(body)));
    }
  } catch (error) {
    if (!(error instanceof StreamFailure)) throw error; // broken off: what came whole counts
  }
  return files;
}

/** diffoscope(1): 0 no difference, 1 differences, 2 trouble. A limit may be passed with a report that has all up to there. */
function endOf({ exit, limits, words, wallSeconds }: Printed, report: boolean): Pick<DeepLook, 'end' | 'limit' | 'message'> {
  const part = report ? 'its report has what it found until then' : 'there is no report';
  const passed = (limit: DeepLook['limit'], what: string) => ({ end: 'limit' as const, limit, message: `diffoscope ${what}; ${part}.` });
  if (exit.outOfMemory || (exit.status === 137 && !exit.timedOut) || /^MemoryError\b/m.test(words))
    return passed('memory', `needed more than ${mebibytes(limits.memoryBytes)} of memory`);
  if (/No space left on device/i.test(words)) return passed('size', `unpacked more than ${mebibytes(limits.scratchBytes)}`);
  if (exit.timedOut || wallSeconds >= limits.timeSeconds) return passed('time', `took more than ${limits.timeSeconds} s`);
  if (exit.status === 0) return { end: 'equal', limit: null, message: null };
  if (exit.status === 1) return { end: 'compared', limit: null, message: null };
  const last = words.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return { end: 'failed', limit: null, message: `diffoscope ended with status ${exit.status}${last === '' ? '' : `: ${last}`}` };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}
