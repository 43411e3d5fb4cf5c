// frame.ts: what surrounds each step: title bar, language, progress, the banner of a service that is away. A step is
// shown by a function, which is called again when the language changes.
import { language, onLanguage, setLanguage } from '../shared/i18n';
import { DeviceFailure } from '../device/failure';
import { Problem } from '../shared/rest';
import { button, make } from './dom';
import { say } from './texts';

export interface Screen {
  title: string;
  step?: { at: number; of: number };
  content: Node[];
  focus?: HTMLElement;
}

const banner = make('div', { class: 'banner', role: 'status', hidden: true });
const bar = make('header', { class: 'bar' });
const main = make('main', { id: 'main', tabindex: -1 });
let show: (() => Screen) | null = null;

export function openFrame(root: HTMLElement): void {
  root.replaceChildren(bar, banner, main);
  onLanguage(() => {
    drawBar();
    if (show) paint(show());
  });
  drawBar();
}

function drawBar(): void {
  const other = language() === 'zh' ? 'en' : 'zh';
  const change = make(
    'button',
    { type: 'button', class: 'button quiet', lang: other === 'zh' ? 'zh-CN' : 'en', 'aria-label': say('languageLabel'), onclick: () => setLanguage(other) },
    say('language'),
  );
  bar.replaceChildren(make('span', { class: 'brand' }, say('brand')), change);
}

// present shows a step; focus goes to its heading, so that a reader aloud begins there.
export function present(screen: () => Screen): void {
  show = screen;
  paint(screen());
  window.scrollTo(0, 0);
}

function paint(screen: Screen): void {
  document.title = `${screen.title} · ${say('brand')}`;
  const heading = make('h1', { tabindex: -1 }, screen.title);
  const progress =
    screen.step &&
    make(
      'div',
      { class: 'progress' },
      make('span', {}, say('step', screen.step)),
      make('progress', { max: screen.step.of, value: screen.step.at, 'aria-hidden': 'true' }),
    );
  main.replaceChildren(...(progress ? [progress] : []), heading, ...screen.content);
  (screen.focus ?? heading).focus({ preventScroll: true });
}

// working shows that something is going on; say more with the function returned.
export function working(title: string, text: string): (text: string, percent?: number) => void {
  const line = make('p', { role: 'status', class: 'working' }, text);
  const meter = make('progress', { max: 100, 'aria-label': title });
  present(() => ({ title, content: [make('div', { class: 'card' }, meter, line)] }));
  return (next, percent) => {
    line.textContent = next;
    if (percent === undefined) meter.removeAttribute('value');
    else meter.value = percent;
  };
}

const passing = new Set(['offline', 'unavailable', 'timeout', 'strange', 'storage']);
export function isPassing(failure: unknown): boolean {
  return (failure instanceof Problem || failure instanceof DeviceFailure) && passing.has(failure.id);
}

// persist repeats task for as long as the service is away: the banner says so, nothing is lost.
export async function persist<T>(task: () => Promise<T>): Promise<T> {
  for (let pause = 1000; ; pause = Math.min(pause * 1.6, 15000)) {
    try {
      const value = await task();
      banner.hidden = true;
      return value;
    } catch (failure) {
      if (!isPassing(failure)) {
        banner.hidden = true;
        throw failure;
      }
      await away(pause);
    }
  }
}

// part loads a part of the page that is not there from the beginning, for as long as that takes.
export function part<T>(load: () => Promise<T>): Promise<T> {
  return persist(() =>
    load().catch((failure: unknown) => {
      throw failure instanceof TypeError ? new Problem('offline', 0, null) : failure; // so a browser says that a script did not come
    }),
  );
}

function away(pause: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pause);
    const now = button(say('retry'), () => (clearTimeout(timer), resolve()), 'plain');
    if (banner.hidden) {
      banner.replaceChildren(make('p', {}, say('away')), now);
      banner.hidden = false;
    } else {
      banner.lastElementChild?.replaceWith(now);
    }
  });
}
