const KEY = 'maru.signed-in';

/** Whether the browser may hold a session's cookie, which scripts cannot see. Saves newcomers a refused request. */
export function hasKeptSession(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
}

export function rememberSession(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(KEY, '1');
    else localStorage.removeItem(KEY);
  } catch {
    // without storage every visit asks the server
  }
}
