import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { binary, TOOLS } from '@maru/stack';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';
import { PASSWORD } from './system.js';

const SCREENSHOTS = join(import.meta.dirname, '../screenshots');
export const DESKTOP = { viewport: { width: 1280, height: 800 } } as const;
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

export async function startBrowser(): Promise<Browser> {
  const { path } = await binary(TOOLS.chromium, () => {});
  const browser = await chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
  afterAll(() => browser.close());
  return browser;
}

/** A page in a browser profile of its own. Whatever goes wrong in it fails the test. */
export async function newPage(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'Asia/Seoul', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('net::ERR')) faults.push(message.text());
  });
  onTestFinished(() => context.close());
  return { page, faults };
}

/** Kept in a folder that git ignores, to be looked at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

export async function signUp(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: /New here|처음이신가요/ }).click();
  await page.getByLabel(/^(Name|이름)$/).fill(name);
  await page.getByLabel(/^(Password|비밀번호)$/).fill(PASSWORD);
  await page.getByRole('button', { name: /^(Create account|계정 만들기)$/ }).click();
  await page.getByRole('navigation').waitFor({ state: 'attached' });
}

export async function makeRoom(page: Page, name: string): Promise<void> {
  await page
    .getByRole('button', { name: /^(New room|새 방)$/ })
    .first()
    .click();
  await page.getByLabel(/Name of the room|방 이름/).fill(name);
  await page.getByRole('button', { name: /^(Make room|만들기)$/ }).click();
  await composer(page).waitFor();
}

export async function joinRoom(page: Page, name: string): Promise<void> {
  await page
    .getByRole('button', { name: /^(Find rooms|방 찾기)$/ })
    .first()
    .click();
  await page
    .getByRole('dialog')
    .getByRole('textbox', { name: /^(Search rooms|방 검색)$/ })
    .fill(name);
  await page.getByRole('dialog').getByRole('listitem').filter({ hasText: name }).getByRole('button').click();
  await composer(page).waitFor();
}

export const composer = (page: Page) => page.getByRole('textbox', { name: /^Message |메시지 보내기$/ });
export const bubbles = (page: Page) => page.getByRole('log').locator('[data-message]');
export const bubble = (page: Page, text: string) => bubbles(page).filter({ hasText: text });

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** Somebody looks at another page: this one stays on the screen without the focus. By itself each believes it has it. */
export async function lookAway(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  await (await page.context().newPage()).bringToFront();
  await page.waitForFunction(() => !document.hasFocus());
}

export async function lookBack(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  await page.bringToFront();
  await page.waitForFunction(() => document.hasFocus());
}

/** Records what the page tells by notifications, which go their way. */
export function recordNotices(): void {
  const notices: Notification[] = [];
  const Told = class extends Notification {
    constructor(title: string, options?: NotificationOptions) {
      super(title, options);
      notices.push(this);
    }
  };
  Object.assign(window, { notices, Notification: Told });
}
