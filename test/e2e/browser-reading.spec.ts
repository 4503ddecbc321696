import type { MaruClient } from '@maru/client';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.js';
import {
  bubble,
  DESKTOP,
  joinRoom,
  lookAway,
  lookBack,
  makeRoom,
  newPage,
  PHONE,
  recordNotices,
  say,
  screenshot,
  signUp,
  startBrowser,
} from '../support/browser.js';
import { readAll, said } from '../support/people.js';
import { countRenders, settled } from '../support/renders.js';
import { newName, person, rawSocket, send, startSystem, until } from '../support/system.js';

const { url } = await startSystem({ env: { LIMIT_CHANGES_BURST: '10000', LIMIT_CHANGES_PER_SECOND: '1000' } });
const browser = await startBrowser();

const roomOfAddress = (page: Page): string => new URL(page.url()).searchParams.get('room') ?? '';
const inList = (page: Page, room: string): Locator =>
  page.getByRole('navigation').getByRole('listitem').filter({ hasText: room });
const sign = (page: Page, name: string | RegExp): Locator => page.getByRole('navigation').getByRole('img', { name });
const menuOf = (page: Page, room: string): Promise<void> =>
  inList(page, room).getByRole('link').click({ button: 'right' });
const item = (page: Page, name: string): Locator => page.getByRole('menuitem', { name, exact: true });
const choice = (page: Page, name: string): Locator => page.getByRole('menuitemradio', { name, exact: true });
const number = (page: Page, text: string): Locator =>
  bubble(page, text).getByRole('button', { name: /not read this|읽지 않음/ });
const icon = (page: Page): Promise<string | null> => page.locator('link[rel~="icon"]').first().getAttribute('href');
const displayName = (client: MaruClient): string => client.session.store.get().person?.displayName ?? '';

/** A page and a program in a new room of this name. */
async function pageAndProgram(room: string, options = {}) {
  const { page, faults } = await newPage(browser, { ...DESKTOP, ...options });
  const other = await person(url);
  const name = newName();
  await signUp(page, url, name);
  await makeRoom(page, room);
  const roomId = roomOfAddress(page);
  await other.do('room:join', { roomId });
  return { page, faults, name, other, roomId };
}

/** A room that somebody else made and the person of this page has joined. */
async function roomOfOthers(page: Page, other: MaruClient, name: string): Promise<string> {
  const { id } = await other.do('room:create', { name });
  await joinRoom(page, name);
  return id;
}

describe('reading in the browser', () => {
  it('[W14] badges rise and fall, and numbers beside bubbles count down to nothing as others read', async () => {
    const { page: ann, faults } = await newPage(browser, DESKTOP);
    const { page: bob, faults: bobsFaults } = await newPage(browser, {
      ...PHONE,
      colorScheme: 'dark',
      locale: 'ko-KR',
    });
    const [room, bobName, eve] = [`Kitchen ${newName()}`, newName(), await person(url)];
    await signUp(ann, url, newName());
    await makeRoom(ann, room);
    const roomId = roomOfAddress(ann);
    await signUp(bob, url, bobName);
    await joinRoom(bob, room);
    await eve.do('room:join', { roomId });
    await say(ann, 'Who is hungry?');
    await until(async () => expect(await number(ann, 'Who is hungry?').innerText()).toBe('1'));
    await bob.getByRole('button', { name: '방 목록으로' }).click();
    await say(ann, 'There is soup on the stove');
    await say(ann, `And bread, @${bobName}, too`);
    await number(ann, 'And bread').getByText('2').waitFor();
    await sign(bob, `${room}에 읽지 않은 메시지 2개`).waitFor();
    await sign(bob, `${room}에서 나를 부른 메시지 1개`).waitFor();
    await until(async () => expect(await bob.title()).toBe('(2) 마루'));
    await screenshot(bob, '50-badges-phone-dark-ko');
    await screenshot(ann, '51-numbers-light-en');

    await inList(bob, room).getByRole('link').click();
    await bob.getByRole('heading', { name: '여기부터 새 메시지' }).waitFor();
    await number(ann, 'And bread').getByText('1').waitFor();
    await screenshot(bob, '52-divider-phone-dark-ko');
    await until(async () => expect(await bob.title()).toBe(`${room} · 마루`));
    await readAll(eve, roomId);
    await until(async () => expect(await number(ann, '').count()).toBe(0));
    await bubble(ann, 'And bread').getByLabel('Stored').waitFor();

    // the line stays while he reads, and goes when he writes
    await bob.getByRole('heading', { name: '여기부터 새 메시지' }).waitFor();
    await say(bob, '지금 갈게요');
    await bob.getByRole('heading', { name: '여기부터 새 메시지' }).waitFor({ state: 'detached' });
    await bob.getByRole('button', { name: '방 목록으로' }).click();
    expect(await sign(bob, /읽지 않은/).count()).toBe(0);
    await menuOf(bob, room);
    await screenshot(bob, '61-room-menu-phone-dark-ko');
    await choice(bob, '나를 부를 때만').click();
    await inList(bob, room).getByRole('link').click();
    await number(bob, '지금 갈게요').click();
    await bob.getByRole('complementary', { name: '읽은 사람' }).getByRole('listitem').first().waitFor();
    await screenshot(bob, '62-readers-phone-dark-ko');
    expect([...faults, ...bobsFaults]).toEqual([]);
  });

  it('[W14] reading on one device clears the other, and nothing is read in a room that nobody looks at', async () => {
    const { page, faults, other, roomId } = await pageAndProgram(`Hall ${newName()}`);
    const room = await page.getByRole('heading', { level: 1 }).innerText();
    await say(page, 'Is anybody here?');
    await readAll(other, roomId);
    await until(async () => expect(await number(page, 'Is anybody').count()).toBe(0));
    const tablet = await page.context().newPage();
    await tablet.goto(url);
    await inList(tablet, room).waitFor();

    await lookAway(page);
    const plain = await icon(page);
    await said(other, roomId, 'First');
    const seq = await said(other, roomId, 'Second');
    await bubble(page, 'Second').waitFor();
    await sign(page, `2 unread in ${room}`).waitFor();
    await sign(tablet, `2 unread in ${room}`).waitFor();
    await until(async () => expect(await page.title()).toBe(`(2) ${room} · Maru`));
    await until(async () => expect(await tablet.title()).toBe('(2) Maru'));
    expect(await icon(page)).toMatch(/^data:image/);
    const unreadBy = async (): Promise<number> =>
      (await other.call('readers', { params: { roomId, seq: String(seq) }, query: { read: 'false' } })).items.length;
    expect(await unreadBy()).toBe(1);

    await lookBack(page);
    await page.getByRole('heading', { name: 'New messages' }).waitFor();
    await until(async () => expect(await unreadBy()).toBe(0));
    await sign(page, /unread in/).waitFor({ state: 'detached' });
    await sign(tablet, /unread in/).waitFor({ state: 'detached' });
    await until(async () => expect(await tablet.title()).toBe('Maru'));
    await until(async () => expect(await icon(page)).toBe(plain));
    expect(faults).toEqual([]);
  });

  it('[W14] opens a room where I left off, and reads it when its end is reached', async () => {
    const { page, faults, other, roomId } = await pageAndProgram(`Library ${newName()}`);
    const room = await page.getByRole('heading', { level: 1 }).innerText();
    await makeRoom(page, `Elsewhere ${newName()}`);
    const socket = await rawSocket(url, await other.session.accessToken());
    for (let i = 1; i <= 40; i++) await send(socket, roomId as never, `Page ${i}. ${'and so on '.repeat(i % 30)}`);
    await sign(page, `40 unread in ${room}`).waitFor();
    await inList(page, room).getByRole('link').click();
    await page.getByRole('heading', { name: 'New messages' }).waitFor();
    await settled(page);
    const line = await page.getByRole('heading', { name: 'New messages' }).boundingBox();
    expect(line?.y).toBeGreaterThan(56);
    expect(line?.y).toBeLessThan(300);
    await page.getByRole('button', { name: '40 new messages' }).waitFor();
    await sign(page, `40 unread in ${room}`).waitFor();
    await screenshot(page, '53-left-off-light-en');
    await page.getByRole('button', { name: '40 new messages' }).click();
    await bubble(page, 'Page 40.').waitFor();
    await sign(page, /unread in/).waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('[W14] a mark as unread is mine alone, a muted room is quiet, and a pinned one stands above', async () => {
    const { page, faults, other, roomId } = await pageAndProgram(`Garden ${newName()}`);
    const garden = await page.getByRole('heading', { level: 1 }).innerText();
    const workshop = `Workshop ${newName()}`;
    const seq = await said(other, roomId, 'The roses are out');
    await bubble(page, 'The roses').waitFor();
    await until(async () => expect(await number(page, 'The roses').count()).toBe(0));
    const workshopId = await roomOfOthers(page, other, workshop);
    await page.getByRole('heading', { level: 1, name: workshop }).waitFor();

    await menuOf(page, garden);
    await screenshot(page, '54-room-menu-light-en');
    await item(page, 'Mark as unread').click();
    await sign(page, `${garden} is marked as unread`).waitFor();
    await until(async () => expect(await page.title()).toBe(`(1) ${workshop} · Maru`));
    const unread = await other.call('readers', { params: { roomId, seq: String(seq) }, query: { read: 'false' } });
    expect(unread.items).toEqual([]);
    await menuOf(page, garden);
    await item(page, 'Mark as read').click();
    await sign(page, /marked as unread/).waitFor({ state: 'detached' });
    // by keyboard, with the button that the focus brings; ended by opening the room
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: `Options of ${garden}` }).press('Enter');
    await item(page, 'Pin to the top').and(page.locator(':focus')).waitFor();
    await page.keyboard.press('ArrowDown');
    await item(page, 'Mark as unread').and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await sign(page, `${garden} is marked as unread`).waitFor();
    await inList(page, garden).getByRole('link').click();
    await sign(page, /marked as unread/).waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Room menu' }).click();
    await choice(page, 'Nothing').click();
    await sign(page, 'Muted').waitFor();
    await inList(page, workshop).getByRole('link').click();
    await menuOf(page, garden);
    await item(page, 'Pin to the top').click();
    await sign(page, 'Pinned').waitFor();
    await said(other, roomId, 'And the tulips');
    await said(other, workshopId, 'Hammer found');
    await sign(page, `1 unread in ${garden}`).waitFor();
    await until(async () => expect(await page.title()).toBe(`${workshop} · Maru`));
    const [first] = await page.getByRole('navigation').getByRole('listitem').allInnerTexts();
    expect(first).toContain(garden);
    await screenshot(page, '55-muted-pinned-light-en');
    // another page of mine has it the same way
    const tablet = await page.context().newPage();
    await tablet.goto(url);
    await sign(tablet, 'Muted').waitFor();
    await sign(tablet, 'Pinned').waitFor();

    // without a connection it is taken back, with the reason
    await page.context().setOffline(true);
    await page.getByRole('status').getByText('No connection').waitFor();
    await menuOf(page, garden);
    await item(page, 'Unpin').click();
    await page.getByText('The server cannot be reached.').waitFor();
    await sign(page, 'Pinned').waitFor();
    expect(faults).toEqual([]);
  });

  it('[W14] tells who has read a message and who has not, by its number and by its menu', async () => {
    const { page, faults, other, roomId } = await pageAndProgram(`Attic ${newName()}`, {
      colorScheme: 'dark',
      locale: 'ko-KR',
    });
    const third = await person(url);
    await third.do('room:join', { roomId });
    await say(page, '다락방 청소는 토요일입니다');
    await number(page, '다락방').getByText('2').waitFor();
    await number(page, '다락방').click();
    const panel = page.getByRole('complementary', { name: '읽은 사람' });
    await panel
      .getByRole('listitem')
      .filter({ hasText: displayName(third) })
      .waitFor();
    expect(await panel.getByRole('listitem').count()).toBe(2);
    await screenshot(page, '56-readers-dark-ko');
    await readAll(third, roomId);
    await until(async () =>
      expect(await panel.getByRole('listitem').allInnerTexts()).toEqual(
        [displayName(other)].map((name) => expect.stringContaining(name) as string),
      ),
    );
    await panel.getByRole('tab', { name: '읽음', exact: true }).click();
    await panel
      .getByRole('listitem')
      .filter({ hasText: displayName(third) })
      .waitFor();
    await panel.getByRole('button', { name: '닫기' }).click();
    await readAll(other, roomId);
    await until(async () => expect(await number(page, '다락방').count()).toBe(0));
    await bubble(page, '다락방').locator('[data-bubble]').click({ button: 'right' });
    await item(page, '읽은 사람').click();
    await until(async () => expect(await panel.getByRole('listitem').count()).toBe(2));
    await panel.getByRole('tab', { name: '안 읽음' }).click();
    await panel.getByText('모두 읽었습니다.').waitFor();

    // without an answer it says so, and tries again
    await page.route('**/readers*', (route) => route.abort());
    await say(page, '사다리도 가져오세요');
    await number(page, '사다리도').click();
    await panel.getByText('읽은 사람을 불러오지 못했습니다.').waitFor();
    await screenshot(page, '63-readers-failed-dark-ko');
    await page.unroute('**/readers*');
    await panel.getByRole('button', { name: '다시 시도' }).click();
    await until(async () => expect(await panel.getByRole('listitem').count()).toBe(2));
    expect(faults).toEqual([]);
  });

  it('[W14] Alt+Shift with up and down goes through unread rooms, and Ctrl+K finds 마루 by ㅁㄹ', async () => {
    const { page, faults, other, roomId } = await pageAndProgram(`First ${newName()}`);
    const first = await page.getByRole('heading', { level: 1 }).innerText();
    const [second, hall] = [`Second ${newName()}`, `마루 ${newName()}`];
    const secondId = await roomOfOthers(page, other, second);
    await roomOfOthers(page, other, hall);
    await page.getByRole('heading', { name: hall }).waitFor();
    await said(other, roomId, 'one');
    await sign(page, `1 unread in ${first}`).waitFor();
    await said(other, secondId, 'two');
    await sign(page, `1 unread in ${second}`).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('option').first().filter({ hasText: second }).waitFor();
    await screenshot(page, '57-switch-unread-light-en');
    await page.keyboard.press('Escape');

    await page.keyboard.press('Alt+Shift+ArrowDown');
    await page.getByRole('heading', { level: 1, name: second }).waitFor();
    await sign(page, `1 unread in ${second}`).waitFor({ state: 'detached' });
    await page.keyboard.press('Alt+Shift+ArrowUp');
    await page.getByRole('heading', { level: 1, name: first }).waitFor();
    await sign(page, /unread in/).waitFor({ state: 'detached' });
    await page.keyboard.press('Alt+Shift+ArrowDown');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('ㅁㄹ');
    await page.getByRole('option', { name: hall, selected: true }).waitFor();
    expect(await page.getByRole('dialog').getByRole('option').count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: hall }).waitFor();
    expect(faults).toEqual([]);
  });

  it('[W2] what others read renders the rows whose number changes, what is said elsewhere its row of the list', async () => {
    const { page } = await newPage(browser, DESKTOP);
    await page.addInitScript(countRenders);
    const [other, third] = [await person(url), await person(url)];
    await signUp(page, url, newName());
    for (const name of ['One', 'Two', 'Three']) await makeRoom(page, `${name} ${newName()}`);
    const elsewhere = await other.do('room:create', { name: newName() });
    await joinRoom(page, elsewhere.name);
    const busy = `Busy ${newName()}`;
    const roomId = await roomOfOthers(page, other, busy);
    await third.do('room:join', { roomId });
    const socket = await rawSocket(url, await other.session.accessToken());
    await send(socket, roomId as never, 'warm up');
    await number(page, 'warm up').waitFor();
    await page.evaluate(() => Object.assign(window, { rowRenders: 0, listRenders: 0, counting: true }));

    const EVENTS = 200;
    for (let batch = 0; batch < EVENTS / 10; batch++) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => send(socket, roomId as never, `event ${batch}/${i}`)));
      if (batch % 5 === 4) await readAll(third, roomId);
    }
    await bubble(page, 'event 19/9').waitFor();
    await until(async () => expect(await number(page, '').count()).toBe(0));
    await settled(page);
    const counts = (): Promise<{ rowRenders: number; listRenders: number }> =>
      page.evaluate(() => {
        const { rowRenders, listRenders } = window as unknown as { rowRenders: number; listRenders: number };
        return { rowRenders, listRenders };
      });
    // when it comes, when the next one of its group follows, when it is counted, and when somebody has read it
    expect((await counts()).rowRenders).toBeLessThanOrEqual(4 * EVENTS + 40);

    await page.evaluate(() => Object.assign(window, { rowRenders: 0, listRenders: 0 }));
    const TOLD = 10;
    for (let i = 0; i < TOLD; i++) await said(other, elsewhere.id, `elsewhere ${i}`);
    await sign(page, `${TOLD} unread in ${elsewhere.name}`).waitFor();
    const { rowRenders, listRenders } = await counts();
    expect(rowRenders).toBe(0);
    expect(listRenders).toBeLessThanOrEqual(TOLD + 2);
    expect(listRenders).toBeGreaterThan(0);
  });

  it.each([
    ['no-preference', true],
    ['reduce', false],
  ] as const)(
    '[W14] the list of rooms changes its order smoothly, with prefers-reduced-motion: %s',
    async (reducedMotion, moves) => {
      const { page } = await newPage(browser, { ...DESKTOP, reducedMotion });
      await page.addInitScript(() => {
        const durations: unknown[] = Object.assign(window, { durations: [] }).durations;
        Element.prototype.animate = new Proxy(Reflect.get(Element.prototype, 'animate'), {
          apply(animate, element: Element, args: [Keyframe[], KeyframeAnimationOptions]) {
            if (element.matches('[data-room]')) durations.push(args[1].duration);
            return animate.apply(element, args);
          },
        });
      });
      const other = await person(url);
      await signUp(page, url, newName());
      const [lower, upper] = [`Lower ${newName()}`, `Upper ${newName()}`];
      const lowerId = await roomOfOthers(page, other, lower);
      await roomOfOthers(page, other, upper);
      await inList(page, upper).waitFor();
      await page.evaluate(() => (window as unknown as { durations: number[] }).durations.splice(0));
      await said(other, lowerId, 'up with it');
      await until(async () =>
        expect((await page.getByRole('navigation').getByRole('listitem').allInnerTexts())[0]).toContain(lower),
      );
      const durations = await page.evaluate(() => (window as unknown as { durations: number[] }).durations);
      expect(durations.length > 0).toBe(moves);
      expect(durations.every((duration) => duration <= 160)).toBe(true);
    },
  );

  it('[W14] in a direct room the number is 1 or nothing', async () => {
    const [{ page, faults }, other] = [await newPage(browser, PHONE), await person(url)];
    await signUp(page, url, newName());
    await page.getByRole('button', { name: 'New message' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Search people' }).fill(displayName(other));
    await dialog.getByRole('button', { name: new RegExp(`@${displayName(other)}$`) }).click();
    await dialog.getByRole('button', { name: 'Open conversation' }).click();
    await page.getByRole('heading', { level: 1, name: displayName(other) }).waitFor();
    await say(page, 'Only for you');
    await number(page, 'Only for you').getByText('1', { exact: true }).waitFor();
    await readAll(other, roomOfAddress(page));
    await until(async () => expect(await number(page, 'Only for you').count()).toBe(0));
    // mute and pin are there too, and nothing that a direct room has not
    await page.getByRole('button', { name: 'Room menu' }).click();
    await choice(page, 'Nothing').waitFor();
    expect(await item(page, 'Leave room').count()).toBe(0);
    await screenshot(page, '64-direct-menu-phone-light-en');
    expect(faults).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('[W11] has no violation that axe-core finds, %s', async (colorScheme) => {
    const { page, name, other, roomId } = await pageAndProgram(`Clean ${newName()}`, { colorScheme });
    const room = await page.getByRole('heading', { level: 1 }).innerText();
    const found: Record<string, string[]> = {};
    const look = async (screen: string): Promise<void> => {
      found[screen] = await axeViolations(page);
    };
    const third = await person(url);
    await third.do('room:join', { roomId });
    await say(page, 'Mine, and not read');
    await number(page, 'Mine').waitFor();
    await roomOfOthers(page, other, `Other ${newName()}`);
    await said(other, roomId, `Look, @${name}`);
    await sign(page, `1 unread in ${room}`).waitFor();
    await look('badges');
    await screenshot(page, `66-badges-${colorScheme}-en`);
    await menuOf(page, room);
    await choice(page, 'Mentions only').waitFor();
    await look('menu of a room');
    await choice(page, 'Nothing').click();
    await sign(page, 'Muted').waitFor();
    await look('muted');
    await inList(page, room).getByRole('link').click();
    await page.getByRole('heading', { name: 'New messages' }).waitFor();
    await look('divider and numbers');
    await number(page, 'Mine').click();
    await page.getByRole('complementary', { name: 'Who has read this' }).getByRole('listitem').first().waitFor();
    await look('readers');
    await screenshot(page, `65-readers-${colorScheme}-en`);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await look('quick switch');
    expect(Object.fromEntries(Object.entries(found).filter(([, violations]) => violations.length > 0))).toEqual({});
  });
});

interface Told {
  title: string;
  body: string;
  tag: string;
}
const told = (page: Page): Promise<Told[]> =>
  page.evaluate(() =>
    (window as unknown as { notices: Notification[] }).notices.map(({ title, body, tag }) => ({ title, body, tag })),
  );

/** Until the choice is kept: the browser is asked first. */
async function allowNotices(page: Page): Promise<void> {
  const allow = page.getByRole('button', { name: 'Allow' });
  await allow.click();
  await allow.waitFor({ state: 'detached' });
}

describe('notifications of the browser', () => {
  it('[W15] are offered to who is in a room, shown while nobody looks, and lead to the room', async () => {
    const { page, faults } = await newPage(browser, { ...DESKTOP, permissions: ['notifications'] });
    await page.addInitScript(recordNotices);
    const [other, name] = [await person(url), newName()];
    await signUp(page, url, name);
    expect(await page.getByRole('button', { name: 'Allow' }).count()).toBe(0);
    const [hall, yard] = [`Hall ${newName()}`, `Yard ${newName()}`];
    await makeRoom(page, hall);
    const hallId = roomOfAddress(page);
    await other.do('room:join', { roomId: hallId });
    const yardId = await roomOfOthers(page, other, yard);
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    await screenshot(page, '58-notices-offer-light-en');
    await allowNotices(page);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Notifications', checked: true }).waitFor();
    await screenshot(page, '59-settings-light-en');
    await page.keyboard.press('Escape');

    // in the yard of mentions only; somebody looks: nothing is told
    await page.getByRole('button', { name: 'Room menu' }).click();
    await choice(page, 'Mentions only').click();
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await said(other, hallId, 'You see this');
    await sign(page, `1 unread in ${hall}`).waitFor();
    await lookAway(page);
    await said(other, hallId, 'You **miss** this');
    await until(async () => expect(await told(page)).toHaveLength(1));
    expect(await told(page)).toEqual([{ title: hall, body: `${displayName(other)}: You miss this`, tag: hallId }]);
    await said(other, yardId, 'Nothing for you');
    await sign(page, `1 unread in ${yard}`).waitFor();
    await said(other, yardId, `This is, @${name}`);
    await until(async () => expect(await told(page)).toHaveLength(2));
    expect((await told(page))[1]).toMatchObject({ tag: yardId });

    await page.evaluate(() =>
      (window as unknown as { notices: Notification[] }).notices[0]?.dispatchEvent(new Event('click')),
    );
    await page.getByRole('heading', { level: 1, name: hall }).waitFor();
    expect(faults).toEqual([]);
  });

  it('[W15] are not shown while another page of Maru is looked at', async () => {
    const { page, faults, other, roomId } = await pageAndProgram(`Hall ${newName()}`, {
      permissions: ['notifications'],
    });
    const room = await page.getByRole('heading', { level: 1 }).innerText();
    await page.context().addInitScript(recordNotices);
    await allowNotices(page);
    await page.reload();
    await inList(page, room).waitFor();
    await lookAway(page);
    const front = await page.context().newPage();
    await front.goto(url);
    await front.bringToFront();
    await inList(front, room).waitFor();
    await said(other, roomId, 'Seen in the other one');
    await sign(page, `1 unread in ${room}`).waitFor();
    await sign(front, `1 unread in ${room}`).waitFor();
    await lookAway(front);
    await page.waitForFunction(async () => (await navigator.locks.query()).held?.length === 0);
    await said(other, roomId, 'Seen in none');
    await until(async () =>
      expect((await told(page)).map(({ body }) => body)).toEqual([expect.stringContaining('none')]),
    );
    expect(faults).toEqual([]);
  });

  it('[W15] are not offered again to who does not want them now, and missing where the browser has none', async () => {
    const { page, faults } = await newPage(browser, { ...PHONE, permissions: ['notifications'] });
    await signUp(page, url, newName());
    await makeRoom(page, newName());
    await page.getByRole('button', { name: 'Back to rooms' }).click();
    await screenshot(page, '60-notices-offer-phone-light-en');
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.reload();
    await page.getByRole('navigation').getByRole('listitem').waitFor();
    expect(await page.getByRole('button', { name: 'Allow' }).count()).toBe(0);

    const { page: bare } = await newPage(browser, DESKTOP);
    await bare.addInitScript(() => void Reflect.deleteProperty(window, 'Notification'));
    await signUp(bare, url, newName());
    await makeRoom(bare, newName());
    await bare.getByRole('button', { name: 'Settings' }).click();
    await bare.getByRole('menuitemradio', { name: 'Dark' }).waitFor();
    expect(await bare.getByRole('menuitemcheckbox').count()).toBe(0);
    expect(faults).toEqual([]);
  });
});
