import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Button } from '../ui/button.tsx';
import { Field, text } from '../ui/field.tsx';
import { Settings } from '../ui/settings.tsx';
import { Mark } from '../ui/splash.tsx';

export function SignIn() {
  const t = useTranslations('session');
  const app = useTranslations('app');
  const refusalText = useRefusalText();
  const [registering, setRegistering] = useState(false);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<string>();

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = text(form, 'name').trim().normalize('NFC');
    const password = text(form, 'password');
    setWorking(true);
    setError(undefined);
    try {
      await (registering ? client.session.register(name, password) : client.session.login(name, password));
    } catch (refusal) {
      setError(refusalText(refusal));
      setWorking(false);
    }
  };

  return (
    <main className="grid min-h-dvh place-items-center bg-panel p-4">
      <div className="absolute top-3 right-3">
        <Settings />
      </div>
      <div className="w-full max-w-[380px] rounded-2xl border border-line bg-ground p-7">
        <div className="mb-6 flex flex-col items-center gap-2 text-center">
          <Mark size={48} />
          <h1 className="text-2xl font-bold tracking-tight">{app('name')}</h1>
          <p className="text-quiet">{app('tagline')}</p>
        </div>
        <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
          <Field
            key={registering ? 'new' : 'known'}
            label={t('name')}
            hint={registering ? t('nameHint') : undefined}
            name="name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={32}
            required
            autoFocus
          />
          <Field
            label={t('password')}
            hint={registering ? t('passwordHint') : undefined}
            name="password"
            type="password"
            autoComplete={registering ? 'new-password' : 'current-password'}
            minLength={registering ? 8 : 1}
            maxLength={128}
            required
          />
          {error !== undefined && (
            <p role="alert" className="text-persimmon">
              {error}
            </p>
          )}
          <Button type="submit" look="primary" disabled={working} className="justify-center">
            {working ? t('working') : registering ? t('register') : t('signIn')}
          </Button>
        </form>
        <Button
          look="quiet"
          className="mt-3 w-full justify-center"
          onClick={() => {
            setRegistering(!registering);
            setError(undefined);
          }}
        >
          {registering ? t('toSignIn') : t('toRegister')}
        </Button>
      </div>
    </main>
  );
}
