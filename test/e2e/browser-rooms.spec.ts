import { MaruClient } from '@maru/client';
import { createConnection } from 'mysql2/promise';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeViolations } from '../support/axe.js';
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
import { idOf } from '../support/people.js';
import { newId, newName, PASSWORD, person, rawSocket, send, startSystem, until } from '../support/system.js';

const { url, databaseUrl } = await startSystem({
  env: { LIMIT_CHANGES_BURST: '10000', LIMIT_CHANGES_PER_SECOND: '1000' },
});
const browser = await startBrowser();

const roomOfAddress = (page: Page): string => new URL(page.url()).searchParams.get('room') ?? '';
const item = (page: Page, name: string | RegExp): Locator => page.getByRole('menuitem', { name });
const dialog = (page: Page): Locator => page.getByRole('dialog').last();
/** A message that is in the log, not one that quotes it. */
const stored = (page: Page, text: string): Locator => bubble(page, text).and(page.locator('[data-seq]')).first();
/** Opens the menu of a message as a right click does. */
const menuOf = (page: Page, text: string): Promise<void> =>
  stored(page, text).locator('[data-bubble]').click({ button: 'right' });
/** What the browser says of answers that are refusals. */
const refused = (status: number): unknown => expect.stringMatching(`status of ${status}`);
/** Until a menu or a picker is gone, and the timer has ended with which it gives back the focus. */
async function closed(page: Page): Promise<void> {
  await page.locator('[data-radix-popper-content-wrapper]').waitFor({ state: 'detached' });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
}
const roomMenu = (page: Page): Promise<void> => page.getByRole('button', { name: 'Room menu' }).click();

describe('messages in the browser', () => {
  it('[W10] are edited, answered, reacted to, pinned and deleted, and who was away sees it when back', async () => {
    const { page: ann, faults } = await newPage(browser, DESKTOP);
    const { page: bob, faults: bobsFaults } = await newPage(browser, {
      ...PHONE,
      colorScheme: 'dark',
      locale: 'ko-KR',
    });
    const [room, annName, bobName] = [`Workshop ${newName()}`, newName(), newName()];
    await signUp(ann, url, annName);
    await makeRoom(ann, room);
    await signUp(bob, url, bobName);
    await joinRoom(bob, room);
    await say(ann, 'The kiln is at **1,240 °C**. See https://example.com/kiln');
    await say(ann, 'Who brings the glaze?');
    await say(ann, 'This one was a mistake');
    await stored(bob, 'The kiln').getByRole('link', { name: 'https://example.com/kiln' }).waitFor();
    await say(bob, '제가 가져갈게요');

    // by the bar that the pointer brings up
    await stored(ann, '제가 가져갈게요').locator('[data-bubble]').hover();
    await ann.getByRole('button', { name: 'Reply' }).click();
    await say(ann, 'Thank you!');
    await stored(bob, 'Thank you!').getByText('제가 가져갈게요').waitFor();
    await menuOf(ann, '제가 가져갈게요');
    await ann.getByRole('menuitem', { name: 'React with 🎉' }).click();
    await stored(bob, '제가 가져갈게요').getByRole('button', { name: '🎉, 1명' }).click();
    await stored(ann, '제가 가져갈게요').getByRole('button', { name: '🎉, 2 people', pressed: true }).waitFor();

    // what happens while bob is away
    await bob.context().setOffline(true);
    await menuOf(ann, 'Who brings the glaze?');
    await item(ann, 'Edit').click();
    await ann.getByRole('textbox', { name: 'Edit' }).fill('Who brings the glaze, and the brushes?');
    await ann.keyboard.press('Enter');
    await stored(ann, 'and the brushes?').getByText('edited').waitFor();
    await menuOf(ann, 'The kiln');
    await item(ann, 'Pin').click();
    await stored(ann, 'The kiln').getByRole('img', { name: 'Pinned' }).waitFor();
    await menuOf(ann, 'This one was a mistake');
    await item(ann, 'Delete').click();
    await dialog(ann).getByRole('button', { name: 'Delete' }).click();
    await until(async () => expect(await bubble(ann, 'Message deleted').count()).toBe(1));
    await stored(ann, '제가 가져갈게요').getByRole('button', { name: '🎉, 2 people' }).click();
    await stored(ann, '제가 가져갈게요').getByRole('button', { name: '🎉, 1 person', pressed: false }).waitFor();
    await screenshot(ann, '20-changes-light-en');

    await bob.context().setOffline(false);
    await stored(bob, 'and the brushes?').getByText('수정됨').waitFor();
    await stored(bob, '제가 가져갈게요').getByRole('button', { name: '🎉, 1명', pressed: true }).waitFor();
    await stored(bob, 'The kiln').getByRole('img', { name: '고정됨' }).waitFor();
    await until(async () => expect(await bubble(bob, '삭제된 메시지').count()).toBe(1));
    await screenshot(bob, '21-changes-phone-dark-ko');

    // the texts before, the pins, and a jump to where it was said and back
    await menuOf(ann, 'and the brushes?');
    await item(ann, 'Earlier versions').click();
    await dialog(ann).getByText('Who brings the glaze?', { exact: true }).waitFor();
    await screenshot(ann, '22-editions-light-en');
    await ann.keyboard.press('Escape');
    await ann.getByRole('button', { name: 'Pinned messages' }).click();
    await ann.getByRole('complementary', { name: 'Pinned messages' }).getByText('The kiln is at 1,240 °C').waitFor();
    await stored(ann, 'Thank you!')
      .getByRole('button', { name: /Go to the message of/ })
      .click();
    await ann.getByRole('button', { name: 'Back', exact: true }).click();
    await screenshot(ann, '23-pins-light-en');

    // a long press on the phone, and the picker
    await stored(bob, 'Thank you!').locator('[data-bubble]').click({ button: 'right' });
    await screenshot(bob, '24-menu-phone-dark-ko');
    await bob.keyboard.press('Escape');
    await bob.getByRole('menu').waitFor({ state: 'detached' });
    await stored(bob, '제가 가져갈게요').getByRole('button', { name: '반응 달기' }).last().click();
    await bob.getByRole('searchbox', { name: '이모지 검색' }).fill('로켓');
    await bob.locator('[role=row] [frimousse-emoji]').first().waitFor();
    await screenshot(bob, '25-emoji-phone-dark-ko');
    await bob.locator('[role=row] [frimousse-emoji]').first().click();
    await stored(ann, '제가 가져갈게요').getByRole('button', { name: /🚀/ }).waitFor();

    // removed while away: back, there is nothing more to see, and nothing that was said since
    await bob.context().setOffline(true);
    await ann.getByRole('button', { name: 'Members' }).click();
    await ann.getByRole('button', { name: `Actions for ${bobName}` }).click();
    await item(ann, 'Remove').click();
    await dialog(ann).getByRole('button', { name: 'Remove' }).click();
    await ann.getByRole('log').getByText(`${annName} removed ${bobName}`).waitFor();
    await say(ann, 'Now that we are alone');
    await bob.context().setOffline(false);
    await bob.getByText('이 방의 멤버가 아닙니다.').waitFor();
    expect(await bob.getByText('Now that we are alone').count()).toBe(0);
    expect([...faults, ...bobsFaults]).toEqual([]);
  });

  it('[W10] are taken back visibly where a change was refused', async () => {
    const { page: ann } = await newPage(browser, DESKTOP);
    const room = newName();
    await signUp(ann, url, newName());
    await makeRoom(ann, room);
    await say(ann, 'Written long ago');
    await stored(ann, 'Written long ago').getByLabel('Stored').waitFor();
    const connection = await createConnection(databaseUrl);
    await connection.query(
      "UPDATE messages SET created_at = created_at - INTERVAL 3 DAY WHERE body = 'Written long ago'",
    );
    await connection.end();
    await menuOf(ann, 'Written long ago');
    await item(ann, 'Edit').click();
    await ann.getByRole('textbox', { name: 'Edit' }).fill('Written anew');
    await ann.keyboard.press('Enter');
    await ann.getByText('This message is too old to be edited.').waitFor();
    await stored(ann, 'Written long ago').waitFor();
    expect(await bubble(ann, 'Written anew').count()).toBe(0);
  });

  it('[W10] by keyboard alone: rooms, names, my last message, the list and its menus', async () => {
    const { page, faults } = await newPage(browser, DESKTOP);
    const [first, second, other] = [`Alpha ${newName()}`, `Beta ${newName()}`, await person(url)];
    const otherName = other.session.store.get().person?.name ?? '';
    await signUp(page, url, newName());
    await makeRoom(page, first);
    await makeRoom(page, second);
    await other.do('room:join', { roomId: roomOfAddress(page) });

    await page.keyboard.press('Control+k');
    await page.keyboard.type('Alpha');
    await screenshot(page, '26-switch-light-en');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: first }).waitFor();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByRole('heading', { name: second }).waitFor();

    await composer(page).focus();
    await page.keyboard.type(`hello @${otherName}`);
    await page.getByRole('option', { name: otherName }).waitFor();
    await screenshot(page, '27-mention-light-en');
    await page.keyboard.press('Tab');
    expect(await composer(page).inputValue()).toBe(`hello @${otherName} `);
    await page.keyboard.press('Enter');
    await bubble(page, `@${otherName}`)
      .locator('span', { hasText: `@${otherName}` })
      .first()
      .waitFor();
    // a list with nobody in it swallows no Enter
    await page.keyboard.type('mail me @nobody-of-that-name');
    await page.keyboard.press('Enter');
    await bubble(page, 'nobody-of-that-name').getByLabel('Stored').waitFor();

    await page.keyboard.press('ArrowUp');
    await page.getByRole('textbox', { name: 'Edit' }).fill('changed my mind');
    await page.keyboard.press('Escape');
    expect(await bubble(page, 'changed my mind').count()).toBe(0);
    const toComposer = (): Promise<void> => composer(page).and(page.locator(':focus')).waitFor();
    await toComposer();
    await page.keyboard.press('ArrowUp');
    await page.getByRole('textbox', { name: 'Edit' }).fill('made up my mind');
    await page.keyboard.press('Enter');
    await bubble(page, 'made up my mind').waitFor();
    await toComposer();

    // the bubble, not just what has this text in it: so has the page, which holds the focus while a menu closes
    const focusIsOn = (text: string): Promise<void> => bubble(page, text).locator('[data-bubble]:focus').waitFor();
    await page.getByRole('log').focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await focusIsOn(`hello @${otherName}`);
    await page.keyboard.press('Enter');
    await item(page, 'Reply').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    // the closed menu gives the focus back a moment after it is gone
    await focusIsOn(`hello @${otherName}`);
    await page.keyboard.press('ArrowDown');
    await focusIsOn('made up my mind');

    // what is chosen to write something leaves the focus where one writes, also once the menu is gone
    await page.keyboard.press('Enter');
    await item(page, 'Reply').press('Enter');
    await closed(page);
    await toComposer();
    await page.keyboard.type('and for good ');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('searchbox').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('guitar');
    await page.locator('[role=row] [frimousse-emoji]', { hasText: '🎸' }).waitFor();
    await page.keyboard.press('Enter');
    await closed(page);
    await toComposer();
    await page.keyboard.press('Enter');
    await bubble(page, 'and for good 🎸').getByText('made up my mind').waitFor();
    expect(faults).toEqual([]);
  });

  it('[W12] run no script and ask no other host, whatever is written', async () => {
    const { page, faults } = await newPage(browser, DESKTOP);
    const violations: string[] = [];
    const foreign: string[] = [];
    page.on('console', (message) => /Content Security Policy/.test(message.text()) && violations.push(message.text()));
    page.on('request', (request) => !request.url().startsWith(url) && foreign.push(request.url()));
    page.on('dialog', (opened) => foreign.push(`dialog ${opened.message()}`));
    await signUp(page, url, newName());
    await makeRoom(page, newName());
    const writer = await person(url);
    const roomId = roomOfAddress(page);
    await writer.do('room:join', { roomId });
    const hostile = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '<svg/onload=alert(1)>',
      '![x](https://evil.example/x.png)',
      '[click](javascript:alert(1))',
      '[click](JaVaScRiPt&#58;alert(1))',
      '[click](data:text/html,<script>alert(1)</script>)',
      '[click](vbscript:msgbox(1))',
      '[x]: javascript:alert(1)\n\n[x]',
      '<a href="javascript:alert(1)">x</a>',
      '<iframe src="https://evil.example"></iframe>',
      '`<img src=x onerror=alert(1)>`',
      '<https://example.com/<script>alert(1)</script>>',
      '[a](https://example.com" onmouseover="alert(1))',
      '```html\n<script>alert(1)</script>\n```',
      '[a](//evil.example) [b](/api/me) [c](?room=x)',
      '\u202Eevil\u202C ‮ <b>bold</b>',
      'math \\(x\\) $$\\href{javascript:alert(1)}{x}$$',
    ];
    const socket = await rawSocket(url, await writer.session.accessToken());
    for (const text of hostile) await send(socket, roomId as never, text);
    await send(socket, roomId as never, 'the end of it');
    await bubble(page, 'the end of it').waitFor();
    for (const link of await page.getByRole('log').getByRole('link').all()) {
      const [href, rel] = [await link.getAttribute('href'), await link.getAttribute('rel')];
      expect(href).toMatch(/^(https?:\/\/|mailto:)/);
      expect(rel).toBe('noopener nofollow ugc');
    }
    expect(await page.getByRole('log').locator('img, script, iframe, svg:not(.lucide), object').count()).toBe(0);
    expect([violations, foreign, faults]).toEqual([[], [], []]);
    await screenshot(page, '28-hostile-light-en');
  });

  it('[W13] scroll among 50,000 like among 50, and far back by a link', async () => {
    const COUNT = 50_000;
    const { page, faults } = await newPage(browser, DESKTOP);
    await signUp(page, url, newName());
    await makeRoom(page, newName());
    const roomId = roomOfAddress(page);
    const writer = await person(url);
    await writer.do('room:join', { roomId });
    const connection = await createConnection(databaseUrl);
    const [room, user] = [roomId, idOf(writer)].map((id) => Buffer.from(id.replaceAll('-', ''), 'hex'));
    for (let from = 4; from < COUNT; from += 2_000) {
      const rows = Array.from({ length: Math.min(2_000, COUNT - from + 1) }, (_, i) => {
        const seq = from + i;
        const id = Buffer.from(newId().replaceAll('-', ''), 'hex');
        return [
          room,
          seq,
          seq - 3,
          0,
          user,
          id,
          `message number ${seq}`,
          Buffer.alloc(16),
          new Date(1.7e12 + seq * 60_000),
        ];
      });
      await connection.query(
        'INSERT INTO messages (room_id, seq, ordinal, kind, sender_id, id, body, body_hash, created_at) VALUES ?',
        [rows],
      );
    }
    await connection.query('UPDATE room_heads SET last_seq = ?, last_ordinal = ? WHERE room_id = ?', [
      COUNT,
      COUNT - 3,
      room,
    ]);
    await connection.end();

    await page.reload();
    await bubble(page, `message number ${COUNT}`).waitFor();
    const rows = (): Promise<number> => bubbles(page).count();
    await page.getByRole('log').hover();
    for (let i = 0; i < 40; i++) {
      await page.mouse.wheel(0, -3_000);
      await page.evaluate(() => new Promise((frame) => requestAnimationFrame(frame)));
      expect(await rows()).toBeLessThan(80);
    }
    await page.goto(`${url}/?room=${roomId}&message=777`);
    await bubble(page, 'message number 777').first().waitFor();
    expect(await rows()).toBeLessThan(80);
    await screenshot(page, '29-far-back-light-en');
    // on from there, towards the present
    await until(async () => {
      await page.mouse.wheel(0, 1_500);
      await bubble(page, 'message number 860').first().waitFor({ timeout: 200 });
    });
    await page.getByRole('button', { name: 'To the newest message' }).click();
    await bubble(page, `message number ${COUNT}`).waitFor();
    const socket = await rawSocket(url, await writer.session.accessToken());
    await send(socket, roomId as never, 'and live again');
    await bubble(page, 'and live again').waitFor();
    expect(await rows()).toBeLessThan(80);
    expect(faults).toEqual([]);
  });
});

describe('rooms in the browser', () => {
  it('[W10] are made of every kind, entered by link, password and profile, and managed', async () => {
    const { page: ann, faults } = await newPage(browser, {
      ...DESKTOP,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page: bob, faults: bobsFaults } = await newPage(browser, PHONE);
    const [annName, bobName, name] = [newName(), newName(), `Secret ${newName()}`];
    await signUp(ann, url, annName);
    await signUp(bob, url, bobName);

    // a private room and a link into it
    await ann.getByRole('button', { name: 'New room' }).first().click();
    await dialog(ann).getByLabel('Name of the room').fill(name);
    await dialog(ann).getByLabel('Topic').fill('What nobody else may know');
    await dialog(ann).getByLabel('Who can come in').selectOption('private');
    await dialog(ann).getByRole('button', { name: 'More settings' }).click();
    await screenshot(ann, '30-create-light-en');
    await dialog(ann).getByRole('button', { name: 'Make room' }).click();
    await composer(ann).waitFor();
    await roomMenu(ann);
    await item(ann, 'Invite by link').click();
    await dialog(ann).getByRole('button', { name: 'Make and copy a link' }).click();
    await dialog(ann).getByRole('listitem').waitFor();
    await screenshot(ann, '31-invites-light-en');
    const link = await ann.evaluate(() => navigator.clipboard.readText());
    await ann.keyboard.press('Escape');
    await bob.goto(link);
    await bob.getByRole('heading', { name }).waitFor();
    await bob.getByText(`${annName} invites you to`).waitFor();
    await screenshot(bob, '32-invite-phone-light-en');
    await bob.getByRole('button', { name: 'Join' }).click();
    await composer(bob).waitFor();
    await say(bob, 'How did you find this place?');

    // roles, mute, kick and ban in the panel of members
    await ann.getByRole('button', { name: 'Members' }).click();
    const panel = ann.getByRole('complementary', { name: 'Members' });
    const actions = async (): Promise<void> => panel.getByRole('button', { name: `Actions for ${bobName}` }).click();
    await actions();
    await screenshot(ann, '33-member-actions-light-en');
    await item(ann, 'Make admin').click();
    await panel.getByRole('listitem').filter({ hasText: bobName }).getByText('Admin').waitFor();
    await actions();
    await item(ann, 'Mute for an hour').click();
    await bob.getByRole('status').getByText('You cannot write here until').waitFor();
    await screenshot(bob, '34-muted-phone-light-en');
    await actions();
    await item(ann, 'Let write again').click();
    await composer(bob).waitFor();

    // settings, with somebody else changing them at the same time
    await roomMenu(ann);
    await item(ann, 'Room settings').click();
    const roomId = roomOfAddress(ann);
    await (await programOf(bobName)).do('room:update', { roomId, version: 1, topic: 'Changed by bob' });
    await dialog(ann).getByLabel('Name of the room').fill('Changed by ann');
    await dialog(ann).getByRole('button', { name: 'Save' }).click();
    await dialog(ann).getByText('Somebody else changed this in the meantime').waitFor();
    await screenshot(ann, '35-settings-light-en');
    await ann.keyboard.press('Escape');
    await roomMenu(ann);
    await item(ann, 'Room settings').click();
    await dialog(ann).getByLabel('Slow mode').selectOption('30');
    await dialog(ann).getByRole('button', { name: 'Save' }).click();
    await ann
      .getByRole('log')
      .getByText(/changed the room’s settings/)
      .waitFor();

    // a direct message from a profile
    await ann.getByRole('button', { name: `Profile of ${bobName}` }).click();
    await screenshot(ann, '36-profile-light-en');
    await ann.getByRole('button', { name: 'Message', exact: true }).click();
    await ann.getByRole('heading', { name: bobName }).waitFor();
    await say(ann, 'Between you and me');
    await bob.getByRole('button', { name: 'Back to rooms' }).click();
    await bob
      .getByRole('link', { name: new RegExp(annName) })
      .filter({ hasText: 'Between you and me' })
      .click();
    await bubble(bob, 'Between you and me').waitFor();
    await bob.getByRole('button', { name: 'Back to rooms' }).click();
    await screenshot(bob, '37-rooms-phone-light-en');

    // a ban, seen by who is banned, and lifted
    await bob.getByRole('link', { name: new RegExp(name) }).click();
    await composer(bob).waitFor();
    await ann.getByRole('link', { name: new RegExp(name) }).click();
    await ann.getByRole('button', { name: 'Members' }).click();
    await actions();
    await item(ann, 'Ban').click();
    await dialog(ann).getByRole('button', { name: 'Ban' }).click();
    await bob.getByRole('main').getByText(`${annName} banned ${bobName}`).waitFor();
    await screenshot(bob, '38-banned-phone-light-en');
    await panel.getByRole('region', { name: 'Banned' }).getByRole('button', { name: 'Lift' }).click();
    await until(async () => expect(await panel.getByRole('region', { name: 'Banned' }).count()).toBe(0));

    // archived, opened again, deleted
    await roomMenu(ann);
    await item(ann, 'Room settings').click();
    await dialog(ann).getByRole('button', { name: 'Archive room' }).click();
    await dialog(ann).getByRole('button', { name: 'Archive room' }).click();
    await ann.getByText('This room is archived.').waitFor();
    await screenshot(ann, '39-archived-light-en');
    await ann.getByRole('button', { name: 'Open again' }).click();
    await composer(ann).waitFor();
    await roomMenu(ann);
    await item(ann, 'Room settings').click();
    await dialog(ann).getByRole('button', { name: 'Delete room' }).click();
    await dialog(ann).getByRole('button', { name: 'Delete room' }).click();
    await ann.getByText(`Welcome, ${annName}`).waitFor();
    expect(faults).toEqual([refused(409)]);
    expect(bobsFaults).toEqual([]);
  });

  it('[W10] with a password ask for it, and groups begin with several people', async () => {
    const { page, faults } = await newPage(browser, { ...DESKTOP, colorScheme: 'dark', locale: 'ko-KR' });
    const [owner, friend] = await Promise.all([person(url), person(url)]);
    const name = `비밀 ${newName()}`;
    await owner.do('room:create', { name, kind: 'password', password: 'open sesame' });
    await signUp(page, url, newName());
    await page.getByRole('button', { name: '방 찾기' }).first().click();
    await dialog(page).getByRole('textbox', { name: '방 검색' }).fill(name);
    await dialog(page).getByRole('listitem').filter({ hasText: name }).getByRole('button').click();
    await dialog(page).getByLabel('방 비밀번호').fill('close sesame');
    await dialog(page).getByRole('button', { name: '들어가기' }).click();
    await dialog(page).getByText('방 비밀번호가 맞지 않습니다.').waitFor();
    await screenshot(page, '40-password-dark-ko');
    await dialog(page).getByLabel('방 비밀번호').fill('open sesame');
    await dialog(page).getByRole('button', { name: '들어가기' }).click();
    await composer(page).waitFor();

    await page.getByRole('button', { name: '새 메시지' }).click();
    for (const one of [owner, friend]) {
      const itsName = one.session.store.get().person?.name ?? '';
      await dialog(page).getByRole('textbox', { name: '사람 검색' }).fill(itsName);
      await dialog(page)
        .getByRole('button', { name: new RegExp(`@${itsName}$`) })
        .click();
    }
    await screenshot(page, '41-new-message-dark-ko');
    await dialog(page).getByRole('button', { name: '그룹 만들기' }).click();
    await page.getByRole('heading', { name: new RegExp(owner.session.store.get().person?.name ?? '') }).waitFor();
    await say(page, '다 모였네요');
    await until(() => expect(friend.rooms.store.get().rooms.map(({ kind }) => kind)).toEqual(['group']));
    await screenshot(page, '42-group-dark-ko');
    expect(faults).toEqual([refused(403)]);
  });

  it.each(['light', 'dark'] as const)('[W11] have no violation that axe-core finds, %s', async (colorScheme) => {
    const { page } = await newPage(browser, { ...DESKTOP, colorScheme });
    const found: Record<string, string[]> = {};
    const look = async (screen: string): Promise<void> => {
      found[screen] = await axeViolations(page);
    };
    const other = await person(url);
    const name = newName();
    await page.goto(url);
    await page.getByRole('button', { name: /New here/ }).waitFor();
    await look('sign in');
    await signUp(page, url, name);
    await look('welcome');
    for (const [button, heading] of [
      ['New room', 'Make a room'],
      ['Find rooms', 'Rooms to join'],
      ['New message', 'New message'],
      ['Go to a room', 'Switch rooms'],
    ] as const) {
      await page.getByRole('button', { name: button }).first().click();
      await page.getByRole('heading', { name: heading }).waitFor();
      await look(button);
      await page.keyboard.press('Escape');
    }
    await makeRoom(page, `Clean ${name}`);
    const roomId = roomOfAddress(page);
    await other.do('room:join', { roomId });
    const socket = await rawSocket(url, await other.session.accessToken());
    await send(socket, roomId as never, `**bold** \`code\` [link](https://example.com) @${name}\n- one\n- two`);
    await say(page, 'mine');
    await stored(page, 'mine').getByLabel('Stored').waitFor();
    await menuOf(page, 'mine');
    await page.getByRole('menuitem', { name: 'React with 👍' }).click();
    await stored(page, 'mine').getByRole('button', { name: '👍, 1 person', pressed: true }).waitFor();
    await look('room');
    await menuOf(page, 'mine');
    await look('menu');
    await item(page, 'Edit').click();
    await look('editing');
    await page.keyboard.press('Escape');
    await stored(page, 'bold').locator('[data-bubble]').hover();
    await page.getByRole('button', { name: 'Reply' }).click();
    await composer(page).fill('@');
    await page.getByRole('option').first().waitFor();
    await look('replying');
    await composer(page).fill('');
    await page.getByRole('button', { name: 'Insert emoji' }).click();
    await page.locator('[role=row] [frimousse-emoji]').first().waitFor();
    await look('emoji');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Members' }).click();
    await page.getByRole('complementary', { name: 'Members' }).getByText('Owner').waitFor();
    await look('members');
    await page.getByRole('button', { name: 'Pinned messages' }).click();
    await page.getByText('Nothing is pinned.').waitFor();
    await look('pins');
    for (const entry of ['Invite by link', 'Room settings', 'Leave room']) {
      await roomMenu(page);
      await item(page, entry).click();
      await dialog(page).waitFor();
      await look(entry);
      await page.keyboard.press('Escape');
      await dialog(page).waitFor({ state: 'detached' });
    }
    const { code } = await ownersInvite(name, roomId);
    await page.goto(`${url}/?invite=${code}`);
    await page.getByText('invites you to').waitFor();
    await look('invitation');
    expect(Object.fromEntries(Object.entries(found).filter(([, violations]) => violations.length > 0))).toEqual({});
  });
});

/** The same person once more, as a program. */
async function programOf(name: string): Promise<MaruClient> {
  const client = new MaruClient({ url });
  await client.session.login(name, PASSWORD);
  return client;
}

const ownersInvite = async (name: string, roomId: string) => (await programOf(name)).do('invite:create', { roomId });
