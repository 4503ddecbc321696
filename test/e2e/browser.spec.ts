import type { Page, WebSocketRoute } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  bubble,
  bubbles,
  composer,
  DESKTOP,
  joinRoom,
  makeRoom,
  newPage,
  PHONE,
  say,
  screenshot,
  signUp,
  startBrowser,
} from '../support/browser.js';
import { countRenders, settled } from '../support/renders.js';
import { newId, newName, person, send, rawSocket, startSystem, until } from '../support/system.js';

const { url, nodes } = await startSystem({ env: { LIMIT_CHANGES_BURST: '1000' } });
const browser = await startBrowser();
/** Somebody else who joins this room and writes by hand. */
async function writerIn(room: string) {
  const writer = await person(url);
  const { items } = await writer.call('publicRooms', { query: { search: room } });
  const roomId = items[0]!.id;
  await writer.do('room:join', { roomId });
  return { roomId, socket: await rawSocket(url, await writer.session.accessToken()) };
}

const scrollTop = (page: Page): Promise<number> => page.getByRole('log').evaluate((log) => log.scrollTop);

describe('in the browser', () => {
  it('[W5] two people register, make a room, find it, chat, leave and come back', async () => {
    const { page: ann, faults } = await newPage(browser, DESKTOP);
    const { page: bob, faults: bobsFaults } = await newPage(browser, {
      ...PHONE,
      colorScheme: 'dark',
      locale: 'ko-KR',
    });
    const [annName, bobName, room] = ['Minji', '지우', 'Design 디자인'];

    await ann.goto(url);
    await screenshot(ann, '01-sign-in-light-en');
    await signUp(ann, url, annName);
    await ann.getByRole('heading', { name: `Welcome, ${annName}` }).waitFor();
    await screenshot(ann, '02-welcome-light-en');
    await makeRoom(ann, room);
    await say(ann, 'First words');
    await bubble(ann, 'First words').getByLabel('Stored').waitFor();

    await signUp(bob, url, bobName);
    await screenshot(bob, '03-no-rooms-phone-dark-ko');
    // the address of a room that one was never in
    await bob.goto(ann.url());
    await bob.getByText('이 방의 멤버가 아닙니다.').waitFor();
    await bob.getByRole('button', { name: '들어가기' }).waitFor();
    await screenshot(bob, '03b-not-member-phone-dark-ko');
    await bob.goto(url);
    await bob.getByRole('button', { name: '방 찾기' }).first().click();
    await bob.getByRole('dialog').getByText(room).waitFor();
    await screenshot(bob, '04-directory-phone-dark-ko');
    await bob.getByRole('dialog').getByRole('listitem').filter({ hasText: room }).getByRole('button').click();
    await bubble(bob, 'First words').waitFor();
    await say(bob, '안녕하세요! 🎉');
    await say(bob, '오늘 회의는 몇 시에 하나요?');
    await bubble(ann, '오늘 회의는').waitFor();
    await say(ann, 'At three. The model is larger than I thought, so we may need the big table in the second room.');
    await say(ann, 'And coffee ☕');
    await say(bob, '좋아요\n그럼 세 시에 봐요');
    await bubble(ann, '그럼 세 시에').waitFor();
    await ann.getByRole('button', { name: 'Members' }).click();
    await ann.getByText('Owner').waitFor();
    await screenshot(ann, '05-room-light-en');
    await screenshot(bob, '06-room-phone-dark-ko');

    await ann.getByRole('button', { name: 'Settings' }).click();
    await ann.getByRole('menuitemradio', { name: 'Dark' }).click();
    await ann.getByRole('button', { name: 'Settings' }).click();
    await ann.getByRole('menuitemradio', { name: '한국어' }).click();
    await ann.getByText(`${annName}님이 방을 만들었습니다`).waitFor();
    await screenshot(ann, '07-room-dark-ko');

    await bob.getByRole('button', { name: '방 메뉴' }).click();
    await bob.getByRole('menuitem', { name: '방 나가기' }).click();
    await screenshot(bob, '08-leave-phone-dark-ko');
    await bob.getByRole('dialog').getByRole('button', { name: '방 나가기' }).click();
    await ann.getByRole('log').getByText(`${bobName}님이 나갔습니다`).waitFor();
    await say(ann, 'Where did you go?');
    await joinRoom(bob, room);
    await bubble(bob, 'Where did you go?').waitFor();

    await ann.reload();
    await bubble(ann, 'First words').waitFor();
    expect(await bubbles(ann).count()).toBe(7);
    expect([...faults, ...bobsFaults]).toEqual([]);
  });

  it('[W5] stays at the end while there, and moves nothing while reading earlier messages', async () => {
    const { page, faults } = await newPage(browser, DESKTOP);
    const room = `Long ${newName()}`;
    await signUp(page, url, newName());
    await makeRoom(page, room);
    const { socket, roomId } = await writerIn(room);
    for (let i = 0; i < 200; i++) await send(socket, roomId, `line ${i}. ${'word '.repeat(i % 23)}`);
    await bubble(page, 'line 199').waitFor();
    await page.reload();
    // what was read a moment before may not have been told: then the room opens where reading was left off
    const toNewest = page.getByRole('button', { name: /To the newest message|new messages?$/ });
    await until(async () => {
      if ((await toNewest.count()) > 0) await toNewest.click({ timeout: 1_000 });
      await bubble(page, 'line 199').waitFor({ timeout: 1_000 });
      // while the rows are measured for the first time the end may move once more
      expect(await toNewest.count()).toBe(0);
    });

    const log = page.getByRole('log');
    await log.hover();
    await until(async () => {
      await page.mouse.wheel(0, -500);
      const [first = ''] = await bubbles(page).allInnerTexts();
      expect(Number(/line (\d+)/.exec(first)?.[1])).toBeLessThan(130);
    });
    await page.getByRole('button', { name: 'To the newest message' }).waitFor();
    await settled(page);
    const middle = await page.evaluate(() => {
      const rows = [...document.querySelectorAll('[data-message]')];
      return rows.find((row) => row.getBoundingClientRect().top > 300)?.getAttribute('data-message') ?? '';
    });
    const anchor = page.locator(`[data-message="${middle}"]`);
    const before = await anchor.boundingBox();
    await send(socket, roomId, 'said while you read');
    await page.getByRole('button', { name: '1 new message' }).waitFor();
    expect(await anchor.boundingBox()).toEqual(before);
    await screenshot(page, '09-reading-earlier-light-en');

    await until(async () => {
      await page.mouse.wheel(0, -2_000);
      await page.getByText(`This is the beginning of ${room}`).waitFor({ timeout: 100 });
    });
    await page.getByRole('button', { name: '1 new message' }).click();
    await bubble(page, 'said while you read').waitFor();
    await until(async () => expect(await page.getByRole('button', { name: /new message/ }).count()).toBe(0));
    const bottom = await scrollTop(page);
    await send(socket, roomId, 'and one more');
    await bubble(page, 'and one more').waitFor();
    await until(async () => expect(await scrollTop(page)).toBeGreaterThan(bottom));
    expect(faults).toEqual([]);
  });

  it('[W6] keeps what is typed while the server is away, shows it as sending, and sends it once when it is back', async () => {
    const { page } = await newPage(browser, DESKTOP);
    await signUp(page, url, newName());
    await makeRoom(page, newName());
    await say(page, 'before');
    await bubble(page, 'before').getByLabel('Stored').waitFor();
    nodes[0]?.signal('SIGKILL');
    await nodes[0]?.gone();
    onTestFinished(async () => {
      if (!nodes[0]?.running) await nodes[0]?.start();
    });
    await say(page, 'one, offline');
    await say(page, 'two, offline');
    await until(async () => expect(await page.getByRole('log').getByLabel('Sending').count()).toBe(2));
    await page.getByRole('status').getByText('No connection').waitFor();
    await screenshot(page, '10-offline-light-en');
    await composer(page).fill('a draft');
    await nodes[0]?.start();
    // the browser says so when its network is back: the page need not wait for its next attempt
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await until(async () => expect(await page.getByRole('log').getByLabel('Sending').count()).toBe(0));
    expect(await bubbles(page).allInnerTexts()).toMatchObject(
      [/before/, /one, offline/, /two, offline/].map((text) => expect.stringMatching(text) as string),
    );
    await page.reload();
    await bubble(page, 'two, offline').waitFor();
    expect(await bubbles(page).count()).toBe(3);
    expect(await composer(page).inputValue()).toBe('a draft');
  });

  it('[P1] [P4] shows who is there and who is typing', async () => {
    const [ann, bob] = [await newPage(browser, DESKTOP), await newPage(browser, PHONE)];
    const [room, bobName] = [`Hall ${newName()}`, newName()];
    await signUp(ann.page, url, newName());
    await makeRoom(ann.page, room);
    await signUp(bob.page, url, bobName);
    await joinRoom(bob.page, room);
    await ann.page.getByRole('button', { name: 'Members' }).click();
    const members = ann.page.getByRole('complementary', { name: 'Members' });
    await members.getByRole('listitem').filter({ hasText: bobName }).getByRole('img', { name: 'Online' }).waitFor();
    await composer(bob.page).pressSequentially('안녕', { delay: 20 });
    await ann.page.getByRole('status').getByText(`${bobName} is typing`).waitFor();
    await screenshot(ann.page, '12-typing-light-en');
    await composer(bob.page).press('Enter');
    await bubble(ann.page, '안녕').waitFor();
    await composer(ann.page).pressSequentially('hello', { delay: 20 });
    await bob.page.getByRole('status').getByText('is typing').waitFor();
    await screenshot(bob.page, '13-typing-phone-light-en');
    await bob.page.context().close();
    await members.getByRole('listitem').filter({ hasText: bobName }).getByText('Last seen').waitFor();
    await screenshot(ann.page, '14-members-light-en');
    expect(ann.faults).toEqual([]);
  });

  it('[W8] sends what was typed before a reload, from one tab only, and nothing of it for the next account', async () => {
    const { page, faults } = await newPage(browser, DESKTOP);
    const line = await switchableLine(page);
    const room = newName();
    await signUp(page, url, newName());
    await makeRoom(page, room);
    await say(page, 'before');
    await bubble(page, 'before').getByLabel('Stored').waitFor();

    line.cut();
    await say(page, 'one');
    await say(page, 'two');
    await until(async () => expect(await page.getByRole('log').getByLabel('Sending').count()).toBe(2));
    await until(async () => expect(await keptMessages(page)).toBe(2));
    await page.reload();
    line.mend();
    await bubble(page, 'two').getByLabel('Stored').waitFor();
    expect((await bubbles(page).allInnerTexts()).map((text) => /before|one|two/.exec(text)?.[0])).toEqual([
      'before',
      'one',
      'two',
    ]);

    // another tab of the same person sends nothing of this one, until this one is closed
    const other = await page.context().newPage();
    const otherLine = await switchableLine(other);
    await other.goto(page.url());
    await bubble(other, 'two').waitFor();
    line.cut();
    await say(page, 'from the first tab');
    await say(other, 'from the second tab');
    await bubble(other, 'from the second tab').getByLabel('Stored').waitFor();
    expect(await bubble(other, 'from the first tab').count()).toBe(0);
    await until(async () => expect(await keptMessages(page)).toBe(1));
    await page.close();
    await bubble(other, 'from the first tab').getByLabel('Stored').waitFor();
    expect(await bubbles(other).count()).toBe(5);

    otherLine.cut();
    await say(other, 'never');
    await until(async () => expect(await other.getByRole('log').getByLabel('Sending').count()).toBe(1));
    await other.getByRole('button', { name: 'Settings' }).click();
    await other.getByRole('menuitem', { name: 'Sign out' }).click();
    otherLine.mend();
    await signUp(other, url, newName());
    await joinRoom(other, room);
    await say(other, 'somebody else');
    await bubble(other, 'somebody else').getByLabel('Stored').waitFor();
    expect(await bubble(other, 'never').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('[W1] sends a Korean syllable once when Enter ends its composition', async () => {
    const { page } = await newPage(browser, DESKTOP);
    await signUp(page, url, newName());
    await makeRoom(page, newName());
    await composer(page).focus();
    const input = await page.context().newCDPSession(page);
    await input.send('Input.imeSetComposition', { text: '한', selectionStart: 1, selectionEnd: 1 });
    await composer(page).dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true });
    await input.send('Input.insertText', { text: '한' });
    await bubble(page, '한').getByLabel('Stored').waitFor();
    expect(await bubbles(page).count()).toBe(1);
    expect(await composer(page).inputValue()).toBe('');
  });

  it('[W2] renders a new message’s own row and no other under 200 events a second', async () => {
    const { page } = await newPage(browser, DESKTOP);
    await page.addInitScript(countRenders);
    const room = `Busy ${newName()}`;
    await signUp(page, url, newName());
    await makeRoom(page, room);
    const { socket, roomId } = await writerIn(room);
    const reactors = await person(url);
    await send(socket, roomId, 'warm up');
    await bubble(page, 'warm up').waitFor();
    await page.evaluate(() => Object.assign(window, { rowRenders: 0, counting: true }));

    const EVENTS = 400;
    for (let second = 0; second < 2; second++) {
      const batches = Array.from({ length: 20 }, (_, i) => i);
      for (const batch of batches) {
        await Promise.all(
          Array.from({ length: EVENTS / 40 }, (_, i) => send(socket, roomId, `event ${second}/${batch}/${i}`)),
        );
        await page.evaluate(() => new Promise((frame) => requestAnimationFrame(frame)));
      }
    }
    await bubble(page, 'event 1/19/9').waitFor();
    await settled(page);
    const rowRenders = await page.evaluate(() => (window as unknown as { rowRenders: number }).rowRenders);
    // each row once when it comes, and once more when the next one of its group follows it
    expect(rowRenders).toBeLessThanOrEqual(2 * EVENTS + 20);
    expect(rowRenders).toBeGreaterThan(0);

    // and a change renders the row of its message alone
    const { items } = await reactors.call('publicRooms', { query: { search: room } });
    await reactors.do('room:join', { roomId: items[0]!.id });
    const target = (await reactors.call('history', { params: { roomId }, query: { limit: '1', before: '300' } }))
      .entries[0];
    await page.evaluate(() => Object.assign(window, { rowRenders: 0 }));
    const CHANGES = 100;
    for (let i = 0; i < CHANGES; i++) {
      const reaction = { roomId, seq: target!.seq, emoji: '👍', on: i % 2 === 0 };
      await reactors.connection.request('reaction:set', reaction);
    }
    await reactors.connection.request('message:send', { roomId, id: newId(), text: 'after the reactions' });
    await bubble(page, 'after the reactions').waitFor();
    const changeRenders = await page.evaluate(() => (window as unknown as { rowRenders: number }).rowRenders);
    expect(changeRenders).toBeLessThanOrEqual(CHANGES + 20);
    await screenshot(page, '11-busy-light-en');
  });
});

/** The connection of a page can be cut, and none come through, while the page itself can still be loaded. */
async function switchableLine(page: Page): Promise<{ cut: () => void; mend: () => void }> {
  const lines = new Set<WebSocketRoute>();
  let severed = false;
  await page.routeWebSocket(/socket\.io/, (line) => {
    if (severed) return void line.close();
    lines.add(line);
    line.connectToServer();
  });
  await page.route(/socket\.io/, (route) => (severed ? route.abort() : route.continue()));
  return {
    cut: () => {
      severed = true;
      for (const line of lines) void line.close();
    },
    mend: () => (severed = false),
  };
}

/** How many messages the browser keeps that no server has acknowledged. */
const keptMessages = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const answer = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB')));
      });
    const database = await answer(indexedDB.open('maru-outbox'));
    const count = await answer(database.transaction('messages').objectStore('messages').count());
    database.close();
    return count;
  });
