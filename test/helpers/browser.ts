import { execFile } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BrowserContext, chromium } from 'playwright-core';

const PROGRAM = '/usr/bin/chromium';

// Nothing of the browser itself may reach a network, so that every request that is seen is the page's.
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** Why there is no Chromium here; undefined when there is. As root on Debian it is installed. */
export async function missingBrowser(): Promise<string | undefined> {
  if (await isThere()) return undefined;
  if (process.getuid?.() !== 0) return `${PROGRAM} is not there, and only root can install it`;
  const installed = await promisify(execFile)('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  }).then(
    () => '',
    (error: Error) => error.message.split('\n')[0] ?? '',
  );
  return (await isThere()) ? undefined : `${PROGRAM} is not there, and could not be installed: ${installed}`;
}

async function isThere(): Promise<boolean> {
  return access(PROGRAM).then(
    () => true,
    () => false,
  );
}

/** A browser that has never run before; it and its profile go away with the scope. */
export async function browser(
  options: { readonly javaScript?: boolean; readonly dark?: boolean; readonly width?: number } = {},
): Promise<AsyncDisposable & { readonly context: BrowserContext }> {
  const profile = await mkdtemp(join(tmpdir(), 'twinbuild-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: PROGRAM,
    args: FLAGS,
    colorScheme: options.dark ? 'dark' : 'light',
    javaScriptEnabled: options.javaScript ?? true,
    viewport: { width: options.width ?? 1200, height: 900 },
  });
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
