import { Records } from '../../src/queue/records.ts';

/** Works through a queue as fast as it can, as a process of its own that somebody may kill at any moment: `queue-worker.ts DATABASE QUEUE COUNT`. */
const [path = '', queue = '', count = '0'] = process.argv.slice(2);
const opened = Records.open(path);
if (!opened.ok) throw new Error(opened.error.message);
const records = opened.value;
const items = Array.from({ length: Number(count) }, (_, at) => ({
  key: `k${at}`,
  name: `p${at}`,
  target: `p${at}`,
  kind: null,
  options: {},
}));
must(records.openQueue(queue, items, () => false));
process.stdout.write('open\n');
for (;;) {
  const taken = must(
    records.take(queue, Date.now(), ({ name, target }) => ({ name, target, folder: name, startedAtMs: Date.now(), tool: '1' })),
  );
  if (taken === undefined || !('item' in taken)) break;
  must(
    records.finish(queue, taken.item.key, taken.attempt, {
      status: 'reproducible',
      reason: null,
      message: null,
      next: null,
      version: '1',
      wallSeconds: 1,
      inputs: taken.item.key,
      outputs: 'same',
      lock: null,
      different: [],
    }),
  );
  process.stdout.write(`${taken.item.name}\n`);
}
records.close();
process.stdout.write('end\n');

function must<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
