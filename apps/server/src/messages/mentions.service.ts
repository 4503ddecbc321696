import { mentionCandidates, MENTIONS_MAX, nameKey, type RoomId, type UserId } from '@maru/contract';
import { Injectable } from '@nestjs/common';
import { AuthService } from '../auth/index.js';
import { MembersRepository } from '../rooms/index.js';

/** Names that are looked up for one text. */
const CANDIDATES_MAX = 200;

/** Who is meant by the @words of a text. */
@Injectable()
export class MentionsService {
  constructor(
    private readonly auth: AuthService,
    private readonly members: MembersRepository,
  ) {}

  /** Members of the room whose names stand in the text, in that order, each once. Costs nothing where no @ does. */
  async in(roomId: RoomId, text: string): Promise<UserId[]> {
    if (!text.includes('@')) return [];
    const words = mentionCandidates(text);
    const people = await this.auth.peopleNamed(words.flat().slice(0, CANDIDATES_MAX));
    const ids = new Map(people.map(({ id, name }) => [nameKey(name), id]));
    const meant = new Set(
      words.flatMap((candidates) => {
        const name = candidates.find((candidate) => ids.has(nameKey(candidate)));
        return name === undefined ? [] : [ids.get(nameKey(name)) as UserId];
      }),
    );
    const members = new Set(await this.members.among(roomId, [...meant].slice(0, MENTIONS_MAX)));
    return [...meant].filter((id) => members.has(id));
  }
}
