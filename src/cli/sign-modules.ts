import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import { memberPath } from '../format/name.ts';
import { type Signer, signDetached, signerOf } from '../kernel/pkcs7.ts';
import { splitModule } from '../kernel/signature.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type DebOptions, debsOf, filesOf, held } from './built-deb.ts';
import { diskFailure } from './disk.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { recipeSubject } from './subject.ts';
import type { World } from './world.ts';

const MODULE = /^(?:\.\/)?(?:usr\/)?lib\/modules\/[^/]+\/(.+\.ko)$/;

export type SignOptions = DebOptions & { readonly key?: string; readonly certificate?: string };

/**
 * `twinbuild sign-modules RECIPE --key KEY --certificate CERT`: signs the modules that a build gave, outside of any container, and
 * writes debian/signatures/PATH.p7s next to the recipe. The next build attaches them; it never sees the key.
 */
export async function signModules(world: World, [name = '']: readonly string[], options: SignOptions): Promise<Outcome> {
  const subject = await recipeSubject(world, name);
  if (!subject.ok) return failed(subject.error);
  const { recipe } = subject.value;
  const signer = await readSigner(options);
  if (!signer.ok) return failed(signer.error);
  const folder = join(dirname(recipe.path), 'debian/signatures');
  const work = `${folder}.${world.runId}.tmp`;
  const signed = await signInto(work, world, recipe, options, signer.value);
  const ended = signed.ok ? await replace(work, folder) : signed;
  if (!ended.ok) {
    await rm(work, { recursive: true, force: true });
    return failed(ended.error);
  }
  const count = signed.ok ? signed.value : 0;
  const path = relative(process.cwd(), folder);
  world.say(
    `${path}: signatures of ${count} modules; they are part of the recipe, so run \`twinbuild lock ${recipe.name}\` and build again\n`,
  );
  return { status: 0, json: { modules: count, signatures: path } };
}

async function signInto(work: string, world: World, recipe: Recipe, options: DebOptions, signer: Signer): Promise<Result<number>> {
  const debs = await debsOf(world, recipe.name, options);
  if (!debs.ok) return debs;
  const paths = new Set<string>();
  try {
    for (const deb of debs.value.filter((path) => !/-(dbgsym|dbg|signed-template)_/.test(path))) {
      for await (const { member, body } of filesOf(deb)) {
        const path = memberPath(MODULE.exec(member.name)?.[1] ?? '');
        if (path === undefined || path === '' || member.type !== 'file') continue;
        const signature = signDetached(splitModule(await held(body)).body, signer);
        await mkdir(dirname(join(work, path)), { recursive: true });
        await writeFile(join(work, `${path}.p7s`), signature);
        paths.add(path);
      }
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).syscall === undefined ? fail(failureOf(error)) : fail(diskFailure(work, error));
  }
  if (paths.size > 0) return ok(paths.size);
  const message = `None of the packages of ${recipe.name} holds a kernel module`;
  return fail({ kind: 'usage', reason: 'no-modules', message, next: 'Name the package with the modules of the kernel with --from.' });
}

async function replace(work: string, folder: string): Promise<Result<void>> {
  try {
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
    return ok();
  } catch (error) {
    return fail(diskFailure(folder, error));
  }
}

async function readSigner({ key = '', certificate = key }: SignOptions): Promise<Result<Signer>> {
  const keyText = await readFile(key, 'utf8').catch(() => undefined);
  const certificateText = await readFile(certificate, 'utf8').catch(() => undefined);
  const [path, what] = keyText === undefined ? [key, 'key'] : [certificate, 'certificate'];
  if (keyText === undefined || certificateText === undefined) return fail(unreadable(path, what));
  const privateKey = attempt((): KeyObject => createPrivateKey(keyText));
  if (privateKey === undefined) return fail(unreadable(key, 'key'));
  const start = certificateText.indexOf('-----BEGIN CERTIFICATE-----');
  const parsed = start === -1 ? undefined : attempt(() => new X509Certificate(certificateText.slice(start)));
  return parsed === undefined ? fail(unreadable(certificate, 'certificate')) : signerOf(privateKey, parsed);
}

function unreadable(path: string, what: string) {
  const message = path === '' ? `No ${what} was given` : `${path} is not a ${what} in PEM form that can be read`;
  return {
    kind: 'usage',
    reason: `${what}-unreadable`,
    message,
    next: 'Give --key with a private RSA key and --certificate with its certificate.',
  } as const;
}

/** What OpenSSL refuses, it throws. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
