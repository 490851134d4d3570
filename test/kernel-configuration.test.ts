import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { folderWith, run } from './helpers/packaging.ts';

// A Kconfig tree with one of each: a dependency, a menu, an if, a choice, a selector, a symbol without a prompt, a macro.
const KCONFIG = {
  Kconfig: `mainmenu "A kernel"
source "arch/$(SRCARCH)/Kconfig"
source "drivers/Kconfig"
`,
  'arch/x86/Kconfig': `config 64BIT
	bool "64-bit"
	help
	  Some text
	  config NOT_AN_OPTION
	  with lines.

choice
	prompt "Unwinder"
config UNWINDER_ORC
	bool "ORC"
config UNWINDER_FRAME_POINTER
	bool "Frame pointers"
endchoice
`,
  'drivers/Kconfig': `menu "Drivers"
	depends on HAS_IOMEM

if USB
config USB_XHCI
	tristate "xHCI"
	depends on PCI && \\
		   (ACPI || OF)
endif

config SELECTOR
	bool "Selects"
	select SELECTED if 64BIT

config SELECTED
	bool "Selected"

config QUIET
	tristate

config COMPILER
	bool "With a macro"
	depends on $(cc-option,-fsome)

config NAMED
	string "A name" if 64BIT
endmenu
config HAS_IOMEM
	def_bool y
`,
};

async function retention(requested: string, config: string, lists: { readonly stale?: string; readonly expected?: string } = {}) {
  const { stale = '', expected = '' } = lists;
  await using folder = await folderWith({ ...KCONFIG, '.config': config, requested, stale, expected });
  const args = ['--tree', '.', '--arch', 'x86', '--requested', 'requested', '--stale', 'stale', '--expected', 'expected'];
  const ended = await run(folder.path, 'check-retention', ...args, '--strict', 'yes', '--report', 'report');
  return { ...ended, report: await readFile(join(folder.path, 'report'), 'utf8') };
}

const lost = test.macro<[requested: string, config: string, line: string]>(async (t, requested, config, line) => {
  const { status, err, report } = await retention(`${requested}\n`, `CONFIG_HAS_IOMEM=y\n${config}\n`);
  t.is(status, 1);
  t.true(err.includes(`  ${line}\n`), err);
  t.true(report.includes(`${line}\n`));
});

test('an option that is not defined', lost, 'CONFIG_NO_SUCH=y', '', 'unknown: NO_SUCH=y: no Kconfig file of this kernel defines it');
test(
  'what only a help text says is not defined',
  lost,
  'CONFIG_NOT_AN_OPTION=y',
  '',
  'unknown: NOT_AN_OPTION=y: no Kconfig file of this kernel defines it',
);
test(
  'every unmet dependency, across if, menu and lines',
  lost,
  'CONFIG_USB_XHCI=m',
  'CONFIG_ACPI=y',
  'not retained: USB_XHCI=m is n: needs USB, which is n and PCI, which is n',
);
test('a menu', lost, 'CONFIG_SELECTED=y', 'CONFIG_HAS_IOMEM=n', 'not retained: SELECTED=y is n: needs HAS_IOMEM, which is n');
test(
  'a module where built in was wanted',
  lost,
  'CONFIG_USB_XHCI=y',
  'CONFIG_USB=m\nCONFIG_PCI=y\nCONFIG_OF=y\nCONFIG_USB_XHCI=m',
  'not retained: USB_XHCI=y is m: needs USB, which is m',
);
test(
  'another member of a choice',
  lost,
  'CONFIG_UNWINDER_FRAME_POINTER=y',
  'CONFIG_UNWINDER_ORC=y',
  'not retained: UNWINDER_FRAME_POINTER=y is n: UNWINDER_ORC is set, of which only one can be',
);
test(
  'a selector',
  lost,
  'CONFIG_SELECTED=n',
  'CONFIG_64BIT=y\nCONFIG_SELECTOR=y\nCONFIG_SELECTED=y',
  'not retained: SELECTED=n is y: selected by SELECTOR',
);
test(
  'a bool that was wanted as a module',
  lost,
  'CONFIG_SELECTOR=m',
  'CONFIG_SELECTOR=y',
  'not retained: SELECTOR=m is y: it can be y or n only',
);
test('a text', lost, 'CONFIG_NAMED="a"', 'CONFIG_64BIT=y\nCONFIG_NAMED="b"', 'not retained: NAMED="a" is "b": is "b"');

test('what is retained, known as stale, accepted, or without a prompt stops nothing', async (t) => {
  const requested = 'CONFIG_64BIT=y\nCONFIG_OLD=y\nCONFIG_USB_XHCI=m\nCONFIG_QUIET=y\nCONFIG_COMPILER=n\n';
  const lists = { stale: '# a comment\nOLD  left in 5.0\n', expected: 'USB_XHCI  no USB here\n64BIT  was off once\n' };
  const { status, report } = await retention(requested, 'CONFIG_64BIT=y\nCONFIG_HAS_IOMEM=y\n', lists);
  t.is(status, 0);
  t.is(
    report,
    `note: 64BIT is retained now; debian/lists/not-retained still names it
stale: OLD=y: not in this kernel: left in 5.0
not retained: USB_XHCI=m is n: needs USB, which is n and PCI, which is n and ACPI || OF
no effect: QUIET=y is n: it has no prompt, other options decide
options: 5 asked for, 2 retained, 1 not retained, 1 without effect, 1 stale, 0 unknown
`,
  );
});

test('a later list wins, and a line that is no option is named', async (t) => {
  await using folder = await folderWith({
    one: '# why\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\n',
    two: 'CONFIG_A=n\nCONFIG_D="x y"\nCONFIG_E=0x10\n',
    wrong: 'CONFIG_A=y\nCONFIG_B = y\n',
  });
  t.is(
    (await run(folder.path, 'merge-fragments', 'one', 'two')).out,
    'CONFIG_B=m\nCONFIG_C=n\nCONFIG_A=n\nCONFIG_D="x y"\nCONFIG_E=0x10\n',
  );
  const wrong = await run(folder.path, 'merge-fragments', 'wrong', 'missing');
  t.is(wrong.status, 1);
  t.regex(wrong.err, /error: wrong:2: not an option: CONFIG_B = y\n/);
  t.regex(wrong.err, /error: missing: No such file/);
});

const GOOD = `CONFIG_MODULES=y
CONFIG_MODVERSIONS=y
CONFIG_BLOCK=y
CONFIG_ZLIB_INFLATE=y
CONFIG_ZLIB_DEFLATE=y
`;
const SIGNED = `${GOOD}CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_KEY="certs/key.pem"\n`;

const forbidden = test.macro<[config: string, signing: string, words: RegExp]>(async (t, config, signing, words) => {
  await using folder = await folderWith({ 'kernel/.config': config, 'kernel/certs/key.pem': '' });
  const ended = await run(folder.path, 'check-invariants', 'kernel', signing, 'yes');
  t.is(ended.status, 1);
  t.regex(ended.err, words);
});

test(
  'a generated key',
  forbidden,
  SIGNED.replace('certs/key.pem', 'certs/signing_key.pem'),
  'test-key',
  /MODULE_SIG_KEY is "certs\/signing_key.pem": a key would be generated/,
);
test('a key that is not there', forbidden, SIGNED.replace('certs/key.pem', 'certs/other.pem'), 'test-key', /there is no such file/);
test('a key of a token', forbidden, SIGNED.replace('certs/key.pem', 'pkcs11:x'), 'test-key', /keys of a token never enter a build/);
test('ECDSA', forbidden, `${SIGNED}CONFIG_MODULE_SIG_KEY_TYPE_ECDSA=y\n`, 'test-key', /ECDSA is set/);
test('a private key with detached signatures', forbidden, SIGNED, 'detached', /no private key enters the build/);
test('signatures that nobody makes', forbidden, SIGNED, 'none', /MODULE_SIGNING is none/);
test('no signatures', forbidden, GOOD, 'test-key', /MODULE_SIG is not set/);
test('a random layout', forbidden, `${GOOD}CONFIG_RANDSTRUCT_FULL=y\n`, 'none', /RANDSTRUCT_FULL is set/);
test('random numbers', forbidden, `${GOOD}CONFIG_GCC_PLUGIN_LATENT_ENTROPY=y\n`, 'none', /LATENT_ENTROPY is set/);
test('a release from git', forbidden, `${GOOD}CONFIG_LOCALVERSION_AUTO=y\n`, 'none', /LOCALVERSION_AUTO is set/);
test('a release of its own', forbidden, `${GOOD}CONFIG_LOCALVERSION="-mine"\n`, 'none', /LOCALVERSION is "-mine"/);
test('files from outside', forbidden, `${GOOD}CONFIG_INITRAMFS_SOURCE="/x"\n`, 'none', /INITRAMFS_SOURCE is "\/x"/);
test('OpenZFS without zlib', forbidden, GOOD.replace('CONFIG_ZLIB_DEFLATE=y\n', ''), 'none', /ZLIB_DEFLATE is not set: OpenZFS needs it/);

test('a good configuration passes', async (t) => {
  await using folder = await folderWith({ 'kernel/.config': SIGNED, 'kernel/certs/key.pem': '' });
  t.is((await run(folder.path, 'check-invariants', 'kernel', 'test-key', 'yes')).status, 0);
});
