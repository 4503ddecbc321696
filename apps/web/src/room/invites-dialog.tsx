import type { Invite, MyRoom } from '@maru/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Copy, Trash2 } from 'lucide-react';
import { type FormEvent } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { inviteLink } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { text } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { StateNote } from '../ui/state-note.tsx';

const DAY_S = 86_400;
const NEVER = 'never';

/** Links that let people in: what there are, and a new one. */
export function InvitesDialog({ room: { id: roomId, name }, onClose }: { room: MyRoom; onClose: () => void }) {
  const t = useTranslations('room');
  const errors = useTranslations('errors');
  const refusalText = useRefusalText();
  const invites = useQuery({
    queryKey: ['invites', roomId],
    queryFn: () => client.call('invites', { params: { roomId } }),
    staleTime: 0,
  });
  const copy = (code: Invite['code']): void =>
    void navigator.clipboard.writeText(inviteLink(code)).then(
      () => toast.success(t('copied')),
      () => toast.error(t('copyFailed')),
    );
  const make = useMutation({
    mutationFn: (wanted: { expiresInSeconds: number | null; maxUses: number | null }) =>
      client.do('invite:create', { roomId, ...wanted }),
    onSuccess: ({ code }) => {
      copy(code);
      void invites.refetch();
    },
    onError: (error) => toast.error(refusalText(error)),
  });
  const revoke = useMutation({
    mutationFn: (code: Invite['code']) => client.do('invite:revoke', { roomId, code }),
    onSettled: () => void invites.refetch(),
    onError: (error) => toast.error(refusalText(error)),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const number = (field: string): number | null => (text(form, field) === NEVER ? null : Number(text(form, field)));
    make.mutate({ expiresInSeconds: number('expires'), maxUses: number('uses') });
  };
  return (
    <Dialog title={t('inviteTitle', { room: name })} hint={t('inviteHint')} open onClose={onClose}>
      <form className="grid grid-cols-2 gap-3" onSubmit={submit}>
        <Select
          label={t('inviteExpires')}
          name="expires"
          defaultValue={String(7 * DAY_S)}
          options={[
            [String(DAY_S), t('days', { count: 1 })],
            [String(7 * DAY_S), t('days', { count: 7 })],
            [String(30 * DAY_S), t('days', { count: 30 })],
            [NEVER, t('never')],
          ]}
        />
        <Select
          label={t('inviteUses')}
          name="uses"
          defaultValue={NEVER}
          options={[
            ['1', t('uses', { count: 1 })],
            ['10', t('uses', { count: 10 })],
            ['100', t('uses', { count: 100 })],
            [NEVER, t('unlimited')],
          ]}
        />
        <Button type="submit" look="primary" className="col-span-2 justify-center" disabled={make.isPending}>
          {t('inviteMake')}
        </Button>
      </form>
      <div className="-mx-2 max-h-60 overflow-y-auto">
        {invites.isPending && <div className="skeleton mx-2 h-14" />}
        {invites.isError && (
          <StateNote title={refusalText(invites.error)}>
            <Button onClick={() => void invites.refetch()}>{errors('again')}</Button>
          </StateNote>
        )}
        <ul>
          {invites.data?.items.map((invite) => (
            <InviteRow
              key={invite.code}
              invite={invite}
              onCopy={() => copy(invite.code)}
              onRevoke={() => revoke.mutate(invite.code)}
            />
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

function InviteRow({ invite, onCopy, onRevoke }: { invite: Invite; onCopy: () => void; onRevoke: () => void }) {
  const t = useTranslations('room');
  const { day } = useTimeText();
  const { code, uses, maxUses, expiresAt } = invite;
  const used = maxUses === null ? t('usedTimes', { count: uses }) : t('usedOf', { count: uses, max: maxUses });
  return (
    <li className="flex items-center gap-2 rounded-lg px-2 py-1.5">
      <span className="min-w-0 flex-1">
        <code className="block truncate">{inviteLink(code).replace(/^https?:\/\//, '')}</code>
        <span className="block truncate text-meta text-quiet">
          {used} · {expiresAt === null ? t('never') : t('until', { when: day(expiresAt) })}
        </span>
      </span>
      <Button look="icon" aria-label={t('copyLink')} title={t('copyLink')} onClick={onCopy}>
        <Copy size={16} />
      </Button>
      <Button look="icon" aria-label={t('inviteRevoke')} title={t('inviteRevoke')} onClick={onRevoke}>
        <Trash2 size={16} />
      </Button>
    </li>
  );
}
