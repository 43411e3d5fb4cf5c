// state.ts: who is signed in, which view is open, and texts that follow the page's language.
import { ref, shallowRef } from 'vue';
import { formatTime, language, onLanguage, setLanguage, type Language, type Texts, type Values } from '../shared/i18n';
import { messages } from '../shared/i18n';
import { Problem } from '../shared/rest';
import type { User } from './api';

export const user = shallowRef<User | null>(null);

// The view stands behind the #, so that no server and no log sees it: a set-up link's token is there.
export const route = ref<string[]>(parse(location.hash));
function parse(hash: string): string[] {
  const parts = hash.replace(/^#\/?/, '').split('/').filter(Boolean);
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return [];
  }
}
window.addEventListener('hashchange', () => (route.value = parse(location.hash)));
export function go(...parts: string[]): void {
  location.hash = '#/' + parts.map(encodeURIComponent).join('/');
}

export const lang = ref<Language>(language());
onLanguage(() => (lang.value = language()));
export function switchLanguage(): void {
  setLanguage(lang.value === 'zh' ? 'en' : 'zh');
}

// table is messages() that a view draws anew when the language changes.
export function table<T extends Texts>(zh: T, en: { [Key in keyof T]: string }): (key: keyof T & string, values?: Values) => string {
  const text = messages(zh, en);
  return (key, values) => {
    void lang.value;
    return text(key, values);
  };
}

export function when(time: string | undefined): string {
  void lang.value;
  return time ? formatTime(new Date(time)) : '';
}

// problemOf is any failure as a Problem; a session that has ended leads to the sign-in.
export function problemOf(failure: unknown): Problem {
  const problem = failure instanceof Problem ? failure : new Problem('strange', 0, null);
  if (problem.id === 'unauthenticated') user.value = null;
  return problem;
}

// colours tell parties apart; number and name say the same without colour.
export const colours = ['#b3261e', '#0b57a4', '#176b3a', '#8a5200', '#6b3fa0', '#00707a', '#9c2f7a', '#4a5a00'];
export function colourOf(index: number): string {
  return colours[index % colours.length]!;
}
