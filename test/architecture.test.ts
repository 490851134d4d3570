import { glob, readFile } from 'node:fs/promises';
import test from 'ava';

// The table of docs/architecture.md: each folder of src/ and the folders that it may import. A row may name types only.
const MAY_IMPORT: Record<string, { readonly all: readonly string[]; readonly types?: readonly string[] }> = {
  base: { all: [] },
  control: { all: ['base'] },
  format: { all: ['base'] },
  docker: { all: ['base'] },
  store: { all: ['base'] },
  git: { all: ['base', 'docker', 'format', 'store'] },
  recipe: { all: ['base', 'format'] },
  archive: { all: ['base', 'control', 'format', 'store'], types: ['recipe', 'lock'] },
  lock: { all: ['base', 'control', 'format', 'docker', 'store', 'git', 'recipe', 'archive'] },
  deb: { all: ['base', 'control', 'format', 'kernel'] },
  kernel: { all: ['base'] },
  image: { all: ['base', 'control', 'format', 'docker', 'store', 'recipe', 'archive', 'lock', 'deb'] },
  build: { all: ['base', 'control', 'format', 'docker', 'store', 'recipe', 'lock', 'image', 'deb'] },
  rebuild: { all: ['base', 'control', 'format', 'store', 'recipe', 'archive', 'lock', 'deb', 'image', 'build'] },
  deep: { all: ['base', 'docker', 'format'], types: ['deb'] },
  queue: { all: ['base', 'control', 'store', 'recipe'] },
  report: { all: ['base'], types: ['docker', 'store', 'recipe', 'archive', 'lock', 'deb', 'image', 'build', 'cause', 'deep', 'queue'] },
  lint: { all: ['base', 'control'], types: ['recipe', 'lock'] },
  cause: { all: ['base', 'control', 'format', 'deb'], types: ['build'] },
  cli: {
    all: [
      'base',
      'control',
      'format',
      'docker',
      'store',
      'git',
      'recipe',
      'archive',
      'lock',
      'deb',
      'image',
      'build',
      'cause',
      'deep',
      'kernel',
      'lint',
      'rebuild',
      'queue',
      'report',
    ],
  },
};

/** Every relative import of a file: the folder it reaches into, and whether only types cross. */
function importsOf(text: string): { readonly folder: string; readonly typesOnly: boolean }[] {
  const found = text.matchAll(/(?:^|\n)\s*(?<type>(?:import|export) type )?[^\n]*?(?:from|import\() ?'\.\.\/(?<folder>[^/'.]+)\//g);
  return [...found].map(({ groups }) => ({ folder: groups?.['folder'] ?? '', typesOnly: groups?.['type'] !== undefined }));
}

async function sources(): Promise<{ file: string; text: string }[]> {
  const files = (await Array.fromAsync(glob('src/**/*.ts'))).sort();
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })));
}

test('folders import only what lies below them', async (t) => {
  const wrong: string[] = [];
  for (const { file, text } of await sources()) {
    const row = MAY_IMPORT[file.split('/')[1] ?? ''];
    t.truthy(row, `${file} is in a folder that the table does not know`);
    for (const { folder, typesOnly } of importsOf(text)) {
      const allowed = row?.all.includes(folder) || (typesOnly && row?.types?.includes(folder));
      if (!allowed) wrong.push(`${file} imports ${folder}/`);
    }
  }
  t.deepEqual(wrong, []);
});

test('docs/architecture.md has the same table', async (t) => {
  const text = await readFile('docs/architecture.md', 'utf8');
  for (const [folder, { all, types }] of Object.entries(MAY_IMPORT)) {
    const cell = [all.length === 0 ? 'nothing' : all.join(', '), types && `types only: ${types.join(', ')}`].filter(Boolean).join('; ');
    t.true(text.includes(`| ${folder} | ${folder === 'cli' ? 'everything' : cell} |`), `expected the row: | ${folder} | ${cell} |`);
  }
});

// Who may touch the world. Everything else is a function of its arguments.
const WORLD: Record<string, RegExp> = {
  'node:child_process': /^src\/docker\//, // ssh to an engine elsewhere; no other program of the host is ever run
  dockerode: /^src\/docker\//,
  undici: /^src\/(store|cli)\//,
  openpgp: /^src\/archive\/(signature|keyring)\.ts$/,
  'node:sqlite': /^src\/store\/database\.ts$/,
  'node:worker_threads': /^src\/(format|image)\//,
};

test('only the named places reach out of the process', async (t) => {
  for (const { file, text } of await sources()) {
    for (const [name, where] of Object.entries(WORLD)) {
      const imports = text.split('\n').some((line) => /^(import|export) (?!type )|import\(/.test(line) && line.includes(`'${name}'`));
      if (imports) t.regex(file, where, `imports ${name}`);
    }
  }
});

test('nothing is sorted in an order of the host', async (t) => {
  for (const { file, text } of await sources()) {
    if (file === 'src/base/order.ts') continue;
    t.notRegex(text, /localeCompare|Intl\.Collator|toLocale/, file);
    t.notRegex(text, /\.(sort|toSorted)\(\)/, `${file}: use byBytes or sortedBy of base/order.ts`);
  }
});

test('the clock, the environment and random numbers enter in cli/ only', async (t) => {
  for (const { file, text } of await sources()) {
    // client.ts hides DOCKER_HOST from a library that would heed it, and reads no more of it.
    if (file.startsWith('src/cli/') || file === 'src/docker/client.ts') continue;
    t.notRegex(text, /\bDate\.now\(\)|new Date\(\)|Math\.random\(\)|process\.env\b/, file);
  }
});

test('no container has a network and nothing of the host is mounted', async (t) => {
  for (const { file, text } of await sources()) {
    t.notRegex(text, /\bBinds\s*:|Type: 'bind'|NetworkMode: '(?!none)/, file);
  }
});
