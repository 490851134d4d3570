import { stringify } from 'yaml';
import type { BuildPart } from './recipe.ts';

/** What a derived recipe is made from. Paths are as the recipe's file shall say them. */
export type Description = {
  readonly name: string;
  readonly source:
    | { readonly folder: string }
    | { readonly dsc: string }
    | { readonly debian: string; readonly version?: string | undefined };
  readonly container: string;
  readonly suite: string; // of the container
  readonly profiles: readonly string[];
  readonly buildOptions: readonly string[];
  readonly build: BuildPart;
  readonly resources: Readonly<Partial<Record<'memory' | 'disk' | 'time', string>>>; // as a recipe says them
  readonly binNmu: number | undefined; // the number behind +b
};

/** The container that a recipe has without naming one. */
export const USUAL_CONTAINER = 'bookworm';

/**
 * Packages that build machines have without being told, by suite. Until bookworm tzdata was of priority required, which debootstrap installs everywhere;
 * test suites of those suites read time zones without asking for it.
 */
const EVERYWHERE: Readonly<Record<string, readonly string[]>> = { buster: ['tzdata'], bullseye: ['tzdata'], bookworm: ['tzdata'] };

/** How long a build may take: sources that nobody chose are larger than those that one writes a recipe for. */
const TIME = '6h';

/** The text of a recipe.yaml: no more than what differs from the defaults. */
export function recipeYaml(from: Description): string {
  const { name, source, container, suite, profiles, buildOptions, build, resources, binNmu } = from;
  const environment = {
    ...(buildOptions.length > 0 ? { DEB_BUILD_OPTIONS: buildOptions.join(' ') } : {}),
    ...(profiles.length > 0 ? { DEB_BUILD_PROFILES: profiles.join(' ') } : {}),
  };
  const everywhere = EVERYWHERE[suite] ?? [];
  const recipe = {
    name,
    ...(container === USUAL_CONTAINER ? {} : { container }),
    sources: [Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined))],
    ...(everywhere.length > 0 ? { 'build-depends': everywhere } : {}),
    ...(Object.keys(environment).length > 0 ? { environment } : {}),
    ...(build === 'binary' ? {} : { build }),
    ...(binNmu === undefined ? {} : { steps: binNmuSteps(binNmu, build) }),
    resources: { time: TIME, ...resources },
  };
  return stringify(recipe, { lineWidth: 0 });
}

/** The entry that a buildd puts on top of a changelog before it builds a binary-only upload (deb-changelog(5)): no new date, so SOURCE_DATE_EPOCH stays. */
const BIN_NMU = (number: number): string => `field() { dpkg-parsechangelog --show-field "$1"; }
{
  printf '%s (%s+b${number}) %s; urgency=low, binary-only=yes\\n\\n' "$(field Source)" "$(field Version)" "$(field Distribution)"
  printf '  * Binary-only non-maintainer upload for %s; no source changes.\\n  * Rebuild.\\n\\n' "$(dpkg --print-architecture)"
  printf ' -- %s  %s\\n\\n' "$(field Maintainer)" "$(field Date)"
  cat debian/changelog
} >../changelog.binnmu
touch --reference=debian/changelog ../changelog.binnmu
mv ../changelog.binnmu debian/changelog
`;

function binNmuSteps(number: number, build: BuildPart): readonly { readonly name: string; readonly run: string }[] {
  return [
    { name: 'binnmu', run: BIN_NMU(number) },
    { name: 'build', run: `dpkg-buildpackage --build=${build} --unsigned-source --unsigned-changes` },
  ];
}
