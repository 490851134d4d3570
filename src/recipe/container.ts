import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Sha256, sha256 } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { shownPath } from './find.ts';
import { problems } from './problems.ts';
import type { Container, ExtraArchive, Parts } from './recipe.ts';
import { validate } from './schema.ts';
import { readText } from './text.ts';
import { parseYaml, type Tree } from './yaml.ts';

/** A container.yaml after the schema's check. */
type ContainerYaml = {
  readonly name: string;
  readonly suite: string;
  readonly components?: readonly string[];
  readonly architecture?: string;
  readonly variant?: Container['variant'];
  readonly packages?: readonly string[];
  readonly archives?: readonly (Omit<ExtraArchive, 'components'> & Partial<ExtraArchive>)[]; // keyring: as written
};

const MOST_KEYRING_BYTES = 16 * 1024 * 1024;

/**
 * Reads the container at an absolute path.
 *
 * @param called the name that it was looked up by, which must be its own
 */
export async function readContainer(
  path: string,
  { root, called }: { readonly root: string; readonly called: string | undefined },
): Promise<Result<Container>> {
  const source = await readText(path, shownPath(root, path));
  if (!source.ok) return source;
  const tree = parseYaml(source.value);
  if (!tree.ok) return tree;
  const valid = validate(tree.value, 'container');
  if (!valid.ok) return valid;
  const yaml = tree.value.value as ContainerYaml;
  const { found, keyrings } = await checkContainer(tree.value, yaml, path, called);
  if (found.length > 0) return fail(problems(found));
  const facts = {
    suite: yaml.suite,
    components: yaml.components ?? ['main'],
    architecture: yaml.architecture ?? 'amd64',
    variant: yaml.variant ?? 'buildd',
    packages: yaml.packages ?? [],
  } as const;
  const archives = (yaml.archives ?? []).map((archive) => ({
    ...archive,
    components: archive.components ?? [],
    keyring: resolve(dirname(path), archive.keyring),
  }));
  const parts: Parts = {
    ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, sha256(canonicalJson(value))])),
    ...Object.fromEntries(
      (yaml.archives ?? []).map((archive, index) => [
        `archives.${archive.name}`,
        sha256(canonicalJson({ ...archive, keyring: keyrings[index] })),
      ]),
    ),
  };
  return ok({ name: yaml.name, file: source.value, path, digest: sha256(canonicalJson(parts)), parts, ...facts, archives });
}

/** What the schema cannot find, and the digests of the keyrings in their order. */
async function checkContainer(
  tree: Tree,
  yaml: ContainerYaml,
  path: string,
  called: string | undefined,
): Promise<{ readonly found: readonly Failure[]; readonly keyrings: readonly Sha256[] }> {
  const found: Failure[] = [];
  if (called !== undefined && yaml.name !== called) {
    found.push({
      kind: 'usage',
      reason: 'name-differs',
      message: `The container in ${called}.yaml is called ${yaml.name}; the two must be the same`,
      at: tree.locate(['name']),
    });
  }
  const keyrings: Sha256[] = [];
  const names = new Set<string>();
  for (const [index, archive] of (yaml.archives ?? []).entries()) {
    if (names.has(archive.name))
      found.push({
        kind: 'usage',
        reason: 'archive-twice',
        message: `An archive called ${archive.name} stands above already`,
        at: tree.locate(['archives', index, 'name']),
      });
    names.add(archive.name);
    const flat = archive.suite.endsWith('/');
    if (flat !== (archive.components === undefined)) {
      const message = flat
        ? 'A flat repository (a suite with `/` at its end) has no components'
        : `The archive ${archive.name} has no \`components\``;
      found.push({
        kind: 'usage',
        reason: 'archive-components',
        message,
        at: tree.locate(['archives', index, flat ? 'components' : 'suite'], 'key'),
      });
    }
    const keyring = await keyringDigest(resolve(dirname(path), archive.keyring));
    if (keyring === undefined) {
      found.push({
        kind: 'usage',
        reason: 'keyring-missing',
        message: `There is no keyring ${archive.keyring} next to this file`,
        at: tree.locate(['archives', index, 'keyring']),
      });
    } else keyrings.push(keyring);
  }
  return { found, keyrings };
}

async function keyringDigest(path: string): Promise<Sha256 | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile() || found.size > MOST_KEYRING_BYTES) return undefined;
  return sha256(await readFile(path));
}
