// pin_pad.ts: a pad for the PIN. Each digit goes straight to the device; the page keeps the count only. There is no
// input field, so no keyboard of the system, no completion and no clipboard sees the PIN. Once the PIN is given, the pad
// takes no more: a digit too many, or a second press, would change what the device is at work on.
import { button, make } from './dom';
import { say } from './texts';

export interface PinTarget {
  digit(value: number): void;
  erase(): void;
}

const least = 6;
const most = 32;

export class PinPad {
  readonly element: HTMLElement;
  private readonly dots = make('p', { class: 'dots', 'aria-live': 'polite' });
  private readonly message = make('p', { class: 'error', role: 'alert' });
  private readonly done: HTMLButtonElement;
  private count = 0;
  private given = false;

  constructor(
    label: string,
    doneText: string,
    private target: PinTarget,
    private readonly onDone: () => void,
  ) {
    this.done = button(doneText, () => this.finish());
    const keys = make('div', { class: 'keys' });
    for (const digit of [1, 2, 3, 4, 5, 6, 7, 8, 9]) keys.append(this.key(digit));
    keys.append(
      make('span'),
      this.key(0),
      make('button', { type: 'button', class: 'key', 'aria-label': say('erase'), onclick: () => this.erase() }, '⌫'),
    );
    this.element = make(
      'div',
      { class: 'pin', role: 'group', 'aria-label': label, tabindex: 0, onkeydown: (event) => this.press(event as KeyboardEvent) },
      this.dots,
      this.message,
      keys,
      this.done,
    );
    this.show();
  }

  // restart begins another entry, with another target.
  restart(target: PinTarget): void {
    this.target = target;
    this.count = 0;
    this.give(false);
    this.element.focus();
  }
  setMessage(text: string): void {
    this.message.textContent = text;
  }

  private key(digit: number): HTMLElement {
    return make('button', { type: 'button', class: 'key', onclick: () => this.add(digit) }, String(digit));
  }
  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) this.add(Number(event.key));
    else if (event.key === 'Backspace') this.erase();
    else if (event.key === 'Enter' && event.target === this.element) this.finish();
    else return;
    event.preventDefault();
  }
  private add(digit: number): void {
    if (this.given || this.count >= most) return;
    this.message.textContent = '';
    this.target.digit(digit);
    ++this.count;
    this.show();
  }
  private erase(): void {
    if (this.given || this.count === 0) return;
    this.target.erase();
    --this.count;
    this.show();
  }
  private finish(): void {
    if (this.given) return;
    if (this.count < least) return this.setMessage(say('pinShort'));
    this.give(true);
    this.onDone();
  }
  private give(given: boolean): void {
    this.given = given;
    this.element.setAttribute('aria-busy', String(given));
    this.show();
  }
  private show(): void {
    this.dots.textContent = '●'.repeat(this.count) + '○'.repeat(Math.max(0, least - this.count));
    this.dots.setAttribute('aria-label', say('pinCount', { count: this.count }));
    this.done.setAttribute('aria-disabled', String(this.given || this.count < least));
  }
}
