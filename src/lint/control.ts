import type { SourceText } from '../base/location.ts';
import { parseStanzas } from '../control/stanza.ts';
import type { Finding } from './finding.ts';

/** Looks at a debian/control. What cannot be read there is left to the build to say. */
export function lintControl(file: SourceText): readonly Finding[] {
  const stanzas = parseStanzas(file, { comments: true });
  if (!stanzas.ok) {
    const { at, reason, message } = stanzas.error;
    return [{ rule: reason, ...(at ? { at } : {}), message, remedy: 'Write it as deb-src-control(5) says.' }];
  }
  const [source] = stanzas.value;
  if (source?.get('Source') === undefined || source.get('Rules-Requires-Root') !== undefined) return [];
  return [
    {
      rule: 'rules-requires-root',
      at: source.at('Source'),
      message: 'There is no Rules-Requires-Root: the package is built under fakeroot, as if it said `binary-targets`.',
      remedy:
        'Say `Rules-Requires-Root: no`: owners in the package then come from dpkg-deb and not from a faked environment (Debian Policy 5.6.31).',
    },
  ];
}
