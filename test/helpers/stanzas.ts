import { sha256 } from '../../src/base/digest.ts';

/** A stanza of a Packages file from a line `name version; Field: value; …`. */
export function stanza(line: string): string {
  const [head = '', ...fields] = line.trim().split(/; */);
  const [name, version = '1'] = head.split(' ');
  return [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: amd64',
    `Filename: pool/${name}_${version}.deb`,
    'Size: 1',
    `SHA256: ${sha256(line)}`,
    ...fields,
    '',
  ].join('\n');
}
