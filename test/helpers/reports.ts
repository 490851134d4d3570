import { sha256 } from '../../src/base/digest.ts';
import type { Difference } from '../../src/deb/types.ts';
import type { DeepLook, DeepNode } from '../../src/deep/types.ts';
import type { ExplainedArtefact, Report } from '../../src/report/report.ts';

const file = (seed: string) => ({ sha256: sha256(seed), size: seed.length });

/** An output that is the same in both builds. */
export function equalOutput(name: string): ExplainedArtefact {
  return { name, verdict: 'equal', first: file(name), second: file(name), differences: [], more: 0, causes: [] };
}

/** An output that differs in these places below `data.tar.xz`. */
export function differentOutput(name: string, places: readonly (readonly [string, Difference['what']])[]): ExplainedArtefact {
  const differences = places.map(([path, what]) => ({ trail: [name, 'data.tar.xz', path], what }));
  return { name, verdict: 'different', first: file(`${name}1`), second: file(`${name}2`), differences, more: 0, causes: [] };
}

/** A line that is not the same. */
export const LINE: Difference['what'] = {
  kind: 'text',
  hunks: [{ first: 3, second: 3, lines: [' before', '-built on twin-a', '+built on twin-b', ' after'] }],
  more: 0,
};

const STEP = { name: 'build', wallSeconds: 2, cpuSeconds: 1.5, peakMemoryBytes: 40_000_000, startedSeconds: 0.5 };

/** What diffoscope said of an output, where every text is `text`. */
export function deepLook(name: string, text: string): DeepLook {
  const node: DeepNode = {
    first: text,
    second: `${text}2`,
    comments: [text],
    lines: ['@@ -1 +1 @@', `-at ${text} here`, `+at ${text}2 here`, text],
    more: 3,
    inside: [],
    left: 0,
  };
  return {
    name,
    given: ['data.tar.xz > ./x'],
    end: 'limit',
    limit: 'time',
    message: text,
    tool: 'diffoscope 240',
    wallSeconds: 3,
    missing: [{ helper: text, package: text }],
    files: { html: 'deep/x.html', txt: 'deep/x.txt' },
    excerpt: [text],
    more: 0,
    tree: { ...node, lines: [], comments: [], more: 0, inside: [{ ...node, inside: [node], left: 2 }, node] },
  };
}

/** A whole report; what a test is about is given. */
export function report(given: Partial<Report> = {}): Report {
  const artefacts = given.artefacts ?? [equalOutput('hello_1_amd64.deb')];
  return {
    schema: 1,
    twinbuild: '0.1.0',
    verdict: artefacts.every(({ verdict }) => verdict === 'equal' || verdict === 'not-counted') ? 'reproducible' : 'different',
    recipe: { name: 'hello', digest: sha256('recipe') },
    lock: { digest: sha256('lock'), resolvedAnew: null },
    image: `sha256:${sha256('image')}`,
    epoch: 1_700_000_000,
    startedAt: '2026-01-02T03:04:05.678Z',
    wallSeconds: 7.5,
    varied: [
      { name: 'hostname', first: 'twin-a', second: 'twin-b' },
      { name: 'timezone', first: 'UTC', second: 'GMT-14' },
    ],
    notVaried: [{ name: 'clock', why: 'on request' }],
    builds: {
      first: { folder: 'first', wallSeconds: 3, steps: [STEP] },
      second: { folder: 'second', wallSeconds: 4, steps: [{ ...STEP, wallSeconds: 3 }] },
    },
    inputs: {
      architecture: 'amd64',
      suites: [{ archive: 'debian', suite: 'bookworm', components: ['main'], date: '2026-01-01T00:00:00Z', inRelease: sha256('in') }],
      packages: ['adduser', 'bash', 'zstd'].map((name) => ({
        name,
        version: '1.0-1',
        architecture: 'amd64',
        layer: 'base',
        size: 1000,
        sha256: sha256(name),
      })),
      sources: [{ kind: 'debian', file: 'pool/main/h/hello/hello_1.dsc', size: 1700, sha256: sha256('dsc') }],
    },
    why: null,
    failure: null,
    ...given,
    artefacts,
  };
}

/** Names that a package may have and that would do harm where they are not escaped. */
export const HOSTILE = [
  '</script><script>document.title="owned"</script>',
  '"><img src="http://127.0.0.1:9/leak" onerror="document.title=1">',
  '<!-- --> <style>*{display:none}</style>',
  '\u001b[31mred\u001b]0;title\u0007',
  '\u202egnp.exe\u2066',
  'quotes \' " ` | \\| and \\',
  'line\nfeed\r\n::error::no\t%0A##[command]',
  '\ufffe\uffff\ud800 \udc80\u0000',
  '[link](http://example.org) @somebody #1 **bold** `code`',
  ']]> &amp; &#60;',
  '',
];
