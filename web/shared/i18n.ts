// i18n.ts: Chinese and English. A part of a page declares its texts once, in both languages; the compiler
// refuses a text that one of them lacks.
export type Language = 'zh' | 'en';

// Texts maps keys to texts; {name} in a text stands for a value.
export type Texts = Record<string, string>;
export type Values = Record<string, string | number>;

const storageKey = 'heqi.language';
const listeners = new Set<() => void>();
let current: Language = initialLanguage();

function initialLanguage(): Language {
  const kept = readKept();
  if (kept === 'zh' || kept === 'en') return kept;
  const wanted = typeof navigator === 'undefined' ? 'zh' : navigator.language;
  return wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function readKept(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null; // storage is switched off
  }
}

export function language(): Language {
  return current;
}

// setLanguage changes the language of the page, keeps it for the next visit and calls the listeners.
export function setLanguage(next: Language): void {
  current = next;
  try {
    localStorage.setItem(storageKey, next);
  } catch {
    // Storage is switched off: the language holds for this page.
  }
  markDocument();
  for (const listener of listeners) listener();
}

// onLanguage calls listener after each change; what it returns ends that.
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// markDocument sets <html lang>, for readers aloud and for the choice of glyphs.
export function markDocument(): void {
  if (typeof document !== 'undefined') document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
}

// fill puts values into a text.
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

// messages makes the function that gives a text of this table in the page's language.
export function messages<T extends Texts>(
  zh: T,
  en: { [Key in keyof T]: string },
): (key: keyof T & string, values?: Values) => string {
  return (key, values) => fill((current === 'zh' ? zh : en)[key] ?? key, values);
}

// formatTime is a moment in the person's zone, in the page's language, to the second.
export function formatTime(time: Date): string {
  return new Intl.DateTimeFormat(current === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(time);
}
