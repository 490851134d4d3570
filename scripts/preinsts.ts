// Lists the preinst scripts of packages that are not known to do nothing on a fresh system: their packages are left to dpkg, or, in the base,
// the scripts run. Read them; one that does nothing can go into src/image/known-preinsts.ts with its digest and the reason.
//
//   node scripts/preinsts.ts DEB…
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { sha256 } from '../src/base/digest.ts';
import { escapeControl } from '../src/base/escape.ts';
import { doesNothing } from '../src/image/preinst.ts';
import { bodiesOf, type Collected } from '../src/image/unpack.ts';

for (const path of process.argv.slice(2)) {
  const collected: Collected = {};
  for await (const _body of bodiesOf(createReadStream(path), collected));
  const script = collected.unpacked?.preinst;
  if (script === undefined || doesNothing(script)) continue;
  const lines = script.split('\n').map((line) => `    ${escapeControl(line.replaceAll('\t', '  ')).replaceAll('\\\\', '\\')}`);
  process.stdout.write(`${basename(path)}\n  ${sha256(script)}\n${lines.join('\n')}\n`);
}
