import { Command, CommanderError, Option } from 'commander';
import { EXIT_STATUS, type Failure } from '../base/result.ts';
import { addManyOptions } from './many-commands.ts';
import { collect, days, targetOptions } from './run-options.ts';
import { VERSION } from './version.ts';
import type { CommonOptions, World } from './world.ts';

/** How a verb ended: the exit status, the one JSON document of --json, and the failure to show, if any. */
export type Outcome = { readonly status: number; readonly json: unknown; readonly failure?: Failure };

type Verb = (world: World, names: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<Outcome>;

/** Exit status of a bug in the tool itself (EX_SOFTWARE of sysexits.h): must never be mistaken for a verdict. */
export const BUG = 70;

/** Runs the command line and gives its exit status. */
export async function run(argv: readonly string[]): Promise<number> {
  let status = 0;
  const program = commandLine(async (verb, names, options) => {
    status = await perform(verb, names, options);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_STATUS.usage;
  }
  return status;
}

/** Makes the world, runs a verb in it with signals turned into an abort, and shows what came out. */
async function perform(load: () => Promise<Verb>, names: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const { makeWorld } = await import('./world.ts');
  const { failureText, failureJson } = await import('../report/failure.ts');
  const stop = new AbortController();
  onSignals(stop);
  const world = await makeWorld(options as CommonOptions, stop.signal);
  if (world.workflow) world.warn(world.workflow.stop);
  try {
    const outcome = await (await load())(world, names, options);
    if (outcome.failure) world.warn(failureText(outcome.failure, world.paint));
    if (world.json) {
      const document = outcome.json ?? (outcome.failure && { status: outcome.status, failure: failureJson(outcome.failure) }) ?? null;
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    }
    return outcome.status;
  } catch (error) {
    if (stop.signal.aborted) return EXIT_STATUS[(stop.signal.reason as Failure).kind];
    world.warn(`twinbuild has a bug; please report it with these lines:\n${error instanceof Error ? error.stack : String(error)}\n`);
    return BUG;
  } finally {
    if (world.workflow) world.warn(world.workflow.resume);
    world.close();
  }
}

/**
 * Turns SIGINT, SIGTERM and SIGHUP into an abort, so that every `finally` runs. For good: a second signal on the way out must not end the
 * process with another exit status, or before it has cleaned up.
 */
function onSignals(stop: AbortController): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const kind = name === 'SIGINT' ? 'interrupted' : 'terminated';
      const message = `Stopped by ${name}; containers and volumes of this run are removed`;
      if (!stop.signal.aborted) stop.abort({ kind, reason: name.toLowerCase(), message } satisfies Failure);
    });
  }
}

type Act = (load: () => Promise<Verb>, names: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<void>;

function commandLine(act: Act): Command {
  const program = new Command('twinbuild')
    .description('Builds Debian packages twice in hermetic containers and proves, bit for bit, that both builds gave the same .debs.')
    .option('-C, --directory <dir>', 'work as if started in this folder')
    .option('--json', 'one JSON document on standard output, everything else on standard error')
    .option('--offline', 'use no network: everything must be in the store')
    .option('-q, --quiet', 'no progress')
    .option('-v, --verbose', 'every line that the builds print')
    .option('--no-color', 'no colour')
    .version(VERSION, '--version')
    .helpOption('-h, --help', 'this text')
    .showHelpAfterError('(twinbuild --help shows all verbs and options)')
    .showSuggestionAfterError()
    .exitOverride();

  const verb = (usage: string, description: string, load: () => Promise<Verb>): Command => {
    const command = program.command(usage).description(description).exitOverride();
    command.action(async () => {
      await act(load, command.args, command.optsWithGlobals());
    });
    return command;
  };

  const relockIfGone = new Option(
    '--relock-if-gone',
    'when a locked file can no longer be had anywhere, resolve the lock anew for this run only',
  );
  const grant = new Option('--grant <permission>', 'grant what the recipe asks for: memory, capability=NAME, device=PATH').argParser(
    collect,
  );
  const vary = new Option(
    '--vary <name[=value]>',
    'vary this too, or with this value (clock, build-path and checks are on request)',
  ).argParser(collect);
  const skip = new Option('--skip <name>', 'do not vary this').argParser(collect);
  const storeLimit = new Option('--store-limit <size>', 'remove the longest unused files of the store beyond this, such as 20GB');
  const imageLimit = new Option('--image-limit <size>', 'remove the longest unused builder images beyond this');
  const deep = new Option('--deep', 'let diffoscope look into what differs, in a container of its own');
  const print = new Option('--print-recipe', 'print the recipe that is derived, and build nothing');

  /** A verb that works on recipes and on what has none: a folder with debian/, a .dsc, a source of the archive. */
  const targetVerb = (usage: string, description: string, load: () => Promise<Verb>): Command =>
    targetOptions(verb(usage, description, load));
  const relock = new Option('--relock', 'without a recipe: take the archive as it is now, and not as it was locked at first use');

  targetVerb(
    'lock [target...]',
    'resolve recipes and containers against the signed archive and write their locks',
    async () => (await import('./lock.ts')).lock,
  )
    .option('--check', 'only say whether the locks are current')
    .option('--same-archive', 'resolve against the archive as it was for the present lock: what did not change in the recipe stays')
    .addOption(
      new Option('--ref <name=ref>', 'take this tag, branch or commit for the git source of that name')
        .argParser((value, previous: readonly string[] | undefined) => [...(previous ?? []), value])
        .conflicts('check'),
    );
  targetVerb(
    'init [target...]',
    'write the recipe that is derived from a folder with debian/, a .dsc or a source',
    async () => (await import('./init.ts')).init,
  ).option('--force', 'write over a recipe that is there');
  targetVerb(
    'fetch [target...]',
    'fill the store, so that everything after works with --offline',
    async () => (await import('./fetch.ts')).fetch,
  )
    .addOption(relock)
    .addOption(relockIfGone);
  targetVerb('image [container|target]', 'make the builder image and print its id', async () => (await import('./image.ts')).image)
    .addOption(relock)
    .addOption(relockIfGone);
  targetVerb('build [target]', 'one build, outputs in out/NAME/first/', async () => (await import('./build.ts')).build)
    .addOption(print)
    .addOption(relock)
    .addOption(relockIfGone)
    .addOption(grant)
    .option('--keep', 'keep the volume of the build, for --from and shell')
    .option('--from <step>', 'go on with this step on the kept volume');
  targetVerb('shell [target]', "a shell in the build's container, on its kept volume", async () => (await import('./shell.ts')).shell)
    .addOption(relock)
    .addOption(relockIfGone)
    .addOption(grant)
    .option('--at <step>', 'in the place of this step; without a kept volume, what comes before it is built first');
  const repro = targetVerb(
    'repro [target...]',
    'two builds in different surroundings, compared',
    async () => (await import('./repro.ts')).repro,
  )
    .addOption(print)
    .addOption(relock)
    .addOption(relockIfGone)
    .addOption(grant)
    .addOption(vary)
    .addOption(skip)
    .option('--as <profile>', "vary and compare exactly what somebody else's second build does: debian-gate")
    .addOption(new Option('--parallel', 'run the two builds side by side').conflicts('sequential'))
    .option('--sequential', 'run the two builds one after the other')
    .option('--why', 'when they differ, find out with further builds which surroundings matter; goes on where an earlier search stopped')
    .addOption(deep);
  addManyOptions(repro, [storeLimit, imageLimit]);
  verb('history [name]', 'what came out of earlier runs, of one package or of all', async () => (await import('./history.ts')).history);
  verb(
    'verify <what...>',
    'build again what somebody published, from exactly what their .buildinfo recorded, and compare',
    async () => (await import('./verify.ts')).verify,
  )
    .option('--archive', 'build sources of the archive (NAME or NAME=VERSION) and compare with its own packages')
    .option('--keyring <file>', 'check the signature of the .buildinfo with these public keys')
    .option('--nearest', 'take the nearest version of what is found nowhere; the verdict is then only indicative')
    .option('--twice', 'build twice, to see whether two builds here give the same')
    .option('--container <name>', 'where further archives and components are named', 'bookworm')
    .option('--build-path <path>', 'build in this folder instead of the recorded one')
    .addOption(deep);
  targetVerb(
    'lint [target...]',
    'what is likely to make two builds differ, without building',
    async () => (await import('./lint.ts')).lint,
  );
  verb('diff <first> <second>', 'compare two .debs, two folders or two .changes', async () => (await import('./diff.ts')).diff)
    .option('--ignore-signatures', 'what signs kernel modules does not count; they are compared one by one')
    .addOption(deep)
    .addOption(relockIfGone);
  const from = new Option('--from <path>', 'a .deb, or a folder with .debs, instead of out/RECIPE/first');
  verb(
    'abi <check|update> <recipe>',
    'compare the symbols that a built kernel exports with the accepted list, or accept them',
    async () => (await import('./abi.ts')).abi,
  ).addOption(from);
  verb(
    'firmware <check|update> <recipe>',
    'compare the firmware that built modules ask for with the accepted list, or accept it',
    async () => (await import('./firmware.ts')).firmware,
  ).addOption(from);
  verb(
    'sign-modules <recipe>',
    'sign the modules of a build with a key that no container sees',
    async () => (await import('./sign-modules.ts')).signModules,
  )
    .addOption(from)
    .requiredOption('--key <file>', 'private RSA key, PEM')
    .option('--certificate <file>', 'its certificate, PEM; in the file of the key when left out');
  targetVerb('plan [target]', 'print the plans of both builds as JSON', async () => (await import('./plan.ts')).plan)
    .addOption(grant)
    .addOption(vary)
    .option('--as <profile>', "vary exactly what somebody else's second build does: debian-gate")
    .addOption(skip)
    .addOption(relock)
    .addOption(relockIfGone);
  verb(
    'doctor',
    'what the engine, disk, mirror and keyring look like, and what to do about it',
    async () => (await import('./doctor.ts')).doctor,
  );
  verb('clean', 'remove containers, volumes, images and store entries that nothing needs', async () => (await import('./clean.ts')).clean)
    .option('--all', 'everything: all images and the whole store too')
    .option('--older-than <days>', 'store entries and images not used for so many days', days, 30)
    .addOption(storeLimit)
    .addOption(imageLimit);
  return program;
}
