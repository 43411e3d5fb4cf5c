// read.ts: the contract is read to its end before anything else can be done with it.
import { button, make } from './dom';
import { part, present, working } from './frame';
import { say } from './texts';
import type { Viewer } from './viewer';

// readToEnd shows octets and resolves once the person was at the end and says so; 'decline' where they decline.
export async function readToEnd(octets: Uint8Array, message: string): Promise<'read' | 'decline'> {
  working(say('readTitle'), say('viewing'));
  const { Viewer } = await part(() => import('./viewer'));
  let viewer: Viewer | null = null;
  let atEnd = false;
  const place = make('span', { class: 'place', role: 'status' });
  try {
    return await new Promise((resolve, reject) => {
      const done = button(say('readDone'), () => resolve('read'));
      const next = button(say('readNext'), () => viewer?.next(), 'plain');
      let factor = 1;
      const larger = button(say('larger'), () => {
        factor = factor === 1 ? 1.8 : 1;
        larger.textContent = say(factor === 1 ? 'larger' : 'smaller');
        viewer?.zoom(factor);
      }, 'quiet');
      const settle = (): void => {
        done.hidden = !atEnd;
        next.hidden = atEnd;
      };
      Viewer.open(octets, {
        onPage: (page, pages) => (place.textContent = say('readRemaining', { page, pages })),
        onEnd: () => {
          atEnd = true;
          settle();
        },
      }).then((opened) => {
        viewer = opened;
        present(() => {
          done.textContent = say('readDone');
          next.textContent = say('readNext');
          larger.textContent = say(factor === 1 ? 'larger' : 'smaller');
          settle();
          return {
            title: say('readTitle'),
            step: { at: 4, of: 6 },
            content: [
              make('p', { class: 'hint', role: message ? 'alert' : null }, message || say('readText')),
              opened.element,
              make('div', { class: 'reading' }, place, next, done),
              make('div', { class: 'reading' }, larger, button(say('decline'), () => resolve('decline'), 'quiet')),
            ],
          };
        });
        opened.watchEnd();
      }, reject);
    });
  } finally {
    (viewer as Viewer | null)?.close();
  }
}
