import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { browser } from './browser.ts';

export type Seen = { readonly page: Page; readonly requests: readonly string[]; readonly complaints: readonly string[] };
export type Options = Parameters<typeof browser>[0];

/** Opens a page from a local server in a fresh browser; gives what it asked for beyond itself and what it complained of. */
export async function visit(text: string, options: Options, act: (seen: Seen) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(request.url === '/report.html' ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
    response.end(request.url === '/report.html' ? text : '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/report.html`;
  try {
    await using opened = await browser(options);
    const page = await opened.context.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => request.url() !== address && requests.push(request.url()));
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    await page.goto(address);
    await act({ page, requests, complaints });
    requests.push(...asked.filter((one) => one !== 'GET /report.html'));
    if (requests.length > 0) throw new Error(`the page asked for ${requests.join(', ')}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
