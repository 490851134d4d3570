import { join } from 'node:path';
import { sha256 } from '../../src/base/digest.ts';
import { makeWorld, type World } from '../../src/cli/world.ts';
import type { Rig } from './rig.ts';

export const CONTROL = `Source: tiny
Maintainer: Nobody <nobody@example.org>
Build-Depends: debhelper-compat (= 13)

Package: tiny
Architecture: all
Description: tiny
`;
export const CHANGELOG = `tiny (1:1.0~rc1-1) unstable; urgency=medium

  * First.

 -- Nobody <nobody@example.org>  Mon, 26 Dec 2022 16:30:00 +0100
`;
export const TREE = {
  'tree/debian/control': CONTROL,
  'tree/debian/changelog': CHANGELOG,
  'tree/debian/rules': '#!/usr/bin/make -f\n%:\n\tdh $@\n',
};
const file = (name: string, text: string) => ` ${sha256(text)} ${text.length} ${name}\n`;
export const dsc = (over: string = '', architecture = 'all') =>
  `Format: 1.0\nSource: tiny\nBinary: tiny\nArchitecture: ${architecture}\nVersion: 1.0\nMaintainer: N <n@example.org>\n${over}Checksums-Sha256:\n${file('tiny_1.0.tar.gz', 'tar')}Files:\n 0 3 tiny_1.0.tar.gz\n`;

export const worldOf = async (r: Rig, environment: Readonly<Record<string, string>> = {}): Promise<World> => ({
  ...(await makeWorld({ directory: r.path, quiet: true }, new AbortController().signal)),
  environment,
  home: join(r.path, 'home'),
  say: () => {},
});
