export const THEME_KEY = 'maru.theme';

/** Runs inline in the head: the chosen theme, or the system's. */
export const THEME_SCRIPT = `(function(){try{var t=localStorage.getItem('${THEME_KEY}')}catch(e){}
document.documentElement.dataset.theme=t==='light'||t==='dark'?t:matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light'})()`;
