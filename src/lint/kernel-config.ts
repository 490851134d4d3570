import type { SourceText } from '../base/location.ts';
import { type Finding, linesOf, stretch } from './finding.ts';

type Setting = { readonly when: (value: string) => boolean; readonly message: string; readonly remedy: string };

const isOn = (value: string): boolean => value === 'y' || value === 'm';
const isText = (value: string): boolean => value !== '' && value !== '""';
const off = (name: string): string => `Write \`# CONFIG_${name} is not set\`.`;

const SEED = 'The layout of structures follows a seed that is drawn for each build.';
const COVERAGE = 'The paths of the build are compiled in.';
const OUTSIDE = 'Files that no lock names would be built into the kernel.';
const setting = (name: string, message: string): readonly [string, Setting] => [name, { when: isOn, message, remedy: off(name) }];

/** Options with which a kernel cannot be the same twice. */
const SETTINGS: ReadonlyMap<string, Setting> = new Map([
  setting('LOCALVERSION_AUTO', 'The release of the kernel would depend on the state of a git repository.'),
  setting('RANDSTRUCT_FULL', SEED),
  setting('RANDSTRUCT_PERFORMANCE', SEED),
  setting('GCC_PLUGIN_RANDSTRUCT', SEED),
  setting('GCC_PLUGIN_LATENT_ENTROPY', 'The plugin compiles random numbers in.'),
  setting('GCOV_KERNEL', COVERAGE),
  setting('GCOV_PROFILE_ALL', COVERAGE),
  setting('MODULE_SIG_KEY_TYPE_ECDSA', 'Signatures of this kind hold a random number.'),
  [
    'MODULE_SIG_KEY',
    {
      when: (value) => value === '"certs/signing_key.pem"',
      message: 'A signing key would be generated for this build only: the kernel and every module differ the next time.',
      remedy: 'Name a key that is part of the sources, or none and sign outside of the build.',
    },
  ],
  ['INITRAMFS_SOURCE', { when: isText, message: OUTSIDE, remedy: 'Leave it empty, or make the files a source of the recipe.' }],
  ['EXTRA_FIRMWARE', { when: isText, message: OUTSIDE, remedy: 'Leave it empty, or make the files a source of the recipe.' }],
]);

/** Looks at a kernel configuration or a fragment of one. */
export function lintKernelConfig(file: SourceText): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { text, start } of linesOf(file)) {
    const [, name = '', value = ''] = /^CONFIG_(\w+)=(.*?)\s*$/.exec(text) ?? [];
    const found = SETTINGS.get(name);
    if (!found?.when(value)) continue;
    const { message, remedy } = found;
    findings.push({ rule: 'kernel-config', at: stretch(file, start, text.length), message: `CONFIG_${name}: ${message}`, remedy });
  }
  return findings;
}

/** Whether a file is a kernel configuration by its name. */
export function isKernelConfig(name: string): boolean {
  return name === '.config' || name.endsWith('.config') || name.endsWith('_defconfig');
}
