import { type Command, InvalidArgumentError } from 'commander';

/** What a verb takes that works on recipes and on what has none. */
export function targetOptions(command: Command): Command {
  return command
    .option('--source <name[=version]>', 'a source package of the archive; can be said more than once', collect)
    .option('--container <name>', 'without a recipe: the container to build in', undefined)
    .option('--profile <name>', 'without a recipe: a build profile, in place of DEB_BUILD_PROFILES', collect)
    .option('-A, --arch-all', 'without a recipe: build only packages that are the same on all architectures')
    .option('-B, --arch-any', 'without a recipe: build only packages that depend on the architecture')
    .option('--binnmu <number>', 'without a recipe: build as the binary-only upload +bNUMBER', natural)
    .option('--memory <size>', 'without a recipe: memory of a build, such as 8GiB (4GiB)')
    .option('--disk <size>', 'without a recipe: disk of a build (10GiB)')
    .option('--time <time>', 'without a recipe: how long a build may take, such as 90m (6h)');
}

export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), ...value.split(',').filter((part) => part !== '')];
}

function natural(value: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(value)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(value);
}

export function days(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0) throw new InvalidArgumentError('It must be a number of days, 0 or more.');
  return number;
}
