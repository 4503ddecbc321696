import { MaruClient } from '@maru/client';
import {
  type CommandName,
  commands,
  type OperationName,
  operations,
  type RoomId,
  routes,
  type UserId,
} from '@maru/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUTHORISATION, type Case, type Role, ROLES } from '../support/authorisation.js';
import {
  newId,
  newName,
  PASSWORD,
  rest,
  send,
  startSystem,
  until,
  ask,
  outcome,
  rawSocket,
} from '../support/system.js';

const { url } = await startSystem();
type Cast = Record<Exclude<Role, 'anonymous'> | 'target' | 'outsider' | 'banned', MaruClient>;
let cast: Cast;
const idOf = (client: MaruClient): UserId => client.session.store.get().person?.id as UserId;

beforeAll(async () => {
  const join = async (): Promise<MaruClient> => {
    const client = new MaruClient({ url });
    await client.session.register(newName(), PASSWORD);
    client.connection.connect();
    await until(() => expect(client.connection.online).toBe(true));
    return client;
  };
  const names = ['stranger', 'exMember', 'member', 'admin', 'owner', 'target', 'outsider', 'banned'] as const;
  cast = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await join()]))) as Cast;
  return () => Object.values(cast).forEach((client) => client.close());
});

/** A room of its own for each question: what one person does must not change what the next one may. */
async function caseFor(role: Role): Promise<Case> {
  const { owner, admin, member, exMember, target, banned } = cast;
  const members = [admin, member, exMember, target].map(idOf);
  const { id: roomId } = await owner.do('room:create', { name: newName(), members });
  const say = async (client: MaruClient): Promise<number> =>
    (await client.connection.request('message:send', { roomId, id: newId(), text: 'hello' })).seq;
  const seq = await say(target);
  const asking = role === 'anonymous' || role === 'stranger' ? undefined : cast[role];
  const ownSeq = asking === undefined ? seq : await say(asking);
  await owner.do('member:role', { roomId, userId: idOf(admin), role: 'admin' });
  await owner.do('member:ban', { roomId, userId: idOf(banned) });
  const { code } = await owner.do('invite:create', { roomId });
  await exMember.do('room:leave', { roomId });
  const { version } = await owner.call('room', { params: { roomId } });
  return {
    roomId,
    targetId: idOf(target),
    outsiderId: idOf(cast.outsider),
    bannedId: idOf(banned),
    seq,
    ownSeq,
    code,
    version,
    id: newId(),
  };
}

interface RestRoute {
  method: string;
  path: string;
}

/** Fills the path and puts the rest into the query of a GET, else into the body. */
async function overRest({ method, path }: RestRoute, input: Record<string, unknown>, token?: string): Promise<string> {
  const left = { ...input };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(left[name]);
    delete left[name];
    return encodeURIComponent(value);
  });
  const query = method === 'GET' ? `?${new URLSearchParams(left as Record<string, string>)}` : '';
  const { status, body } = await rest<{ error?: { code: string } } | undefined>(url, method as 'GET', filled + query, {
    ...(token === undefined ? {} : { token }),
    ...(method === 'GET' || Object.keys(left).length === 0 ? {} : { body: left }),
  });
  return status < 300 ? 'ok' : (body?.error?.code ?? String(status));
}

/** A session that may be ended. */
async function tokenOf(role: Role): Promise<string | undefined> {
  if (role === 'anonymous') return undefined;
  const name = cast[role].session.store.get().person?.name;
  const { body } = await rest<{ accessToken: string }>(url, 'POST', '/api/auth/login', {
    body: { name, password: PASSWORD },
  });
  return body.accessToken;
}

const ENDS_SESSIONS = new Set<string>(['logout', 'logoutEverywhere']);
const restRoutes = { ...routes, ...operations } as Record<string, RestRoute>;
const rows = Object.entries(AUTHORISATION);

describe.each(rows)('%s', (name, { expected, input }) => {
  const route = restRoutes[name];
  if (route !== undefined)
    it('[R6] over REST answers each as the table says', async () => {
      const answers: Partial<Record<Role, string>> = {};
      for (const role of ROLES) {
        // who ends all his sessions would end those of the following questions
        if (name === 'logoutEverywhere' && role !== 'anonymous') {
          const { body } = await rest<{ accessToken: string }>(url, 'POST', '/api/auth/register', {
            body: { name: newName(), password: PASSWORD },
          });
          answers[role] = await overRest(route, {}, body.accessToken);
          continue;
        }
        const about = await caseFor(role);
        const token = ENDS_SESSIONS.has(name)
          ? await tokenOf(role)
          : role === 'anonymous'
            ? undefined
            : await cast[role].session.accessToken();
        answers[role] = await overRest(route, input(about), token);
      }
      expect(answers).toEqual(expected);
    });

  if (name in commands)
    it('[R6] over a socket answers each as the table says', async () => {
      const answers: Partial<Record<Role, string>> = { anonymous: 'unauthenticated' };
      for (const role of ROLES) {
        if (role === 'anonymous') continue;
        const about = await caseFor(role);
        answers[role] = await cast[role].connection.request(name as CommandName, input(about) as never).then(
          () => 'ok',
          (error: { code: string }) => error.code,
        );
      }
      expect(answers).toEqual(expected);
    });
});

describe('what one may not see', () => {
  it('[R6] answers like what does not exist, whatever is asked of it', async () => {
    const hidden = await cast.owner.do('room:create', { name: newName(), kind: 'private' });
    const { seq } = await cast.owner.connection.request('message:send', {
      roomId: hidden.id,
      id: newId(),
      text: 'secret',
    });
    const { code } = await cast.owner.do('invite:create', { roomId: hidden.id });
    const nowhere = newId() as string as RoomId;
    const token = await cast.stranger.session.accessToken();
    const about = await caseFor('stranger');
    const answersFor = async (roomId: RoomId): Promise<Record<string, string>> => {
      const answers: Record<string, string> = {};
      for (const [name, { input }] of rows) {
        const route = restRoutes[name];
        if (route === undefined || !route.path.includes('{roomId}')) continue;
        answers[name] = await overRest(route, input({ ...about, roomId, seq, ownSeq: seq, code, version: 1 }), token);
      }
      return answers;
    };
    const answers = await answersFor(hidden.id);
    expect(await answersFor(nowhere)).toEqual(answers);
    expect(answers['room:join']).toBe('not-found');
  });

  it('[R6] needs a token on every socket', async () => {
    await expect(rawSocket(url, 'forged')).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    const socket = await rawSocket(url, await cast.stranger.session.accessToken());
    const { id } = await cast.owner.do('room:create', { name: newName() });
    expect(outcome(await send(socket, id))).toBe('not-member');
    for (const name of Object.keys(operations) as OperationName[]) {
      expect(outcome(await ask(socket, name, { roomId: id, unexpected: 1 }))).toBe('invalid');
    }
  });
});
