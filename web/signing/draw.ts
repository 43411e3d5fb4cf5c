// draw.ts: the visible signature: written by hand, or made from the name.
import { button, make } from './dom';
import { present } from './frame';
import { HandwritingPad, type Handwriting } from './handwriting';
import { say } from './texts';

// drawSignature resolves with the handwriting, with null for the generated one, or 'back'.
export function drawSignature(name: string): Promise<Handwriting | null | 'back'> {
  let own = true;
  return new Promise((resolve) =>
    present(() => {
      const next = button(say('next'), () => resolve(own ? pad.value() : null));
      const settle = (): void => {
        next.disabled = own && pad.isEmpty;
        here.hidden = !own || !pad.isEmpty;
        handPart.hidden = !own;
        namePart.hidden = own;
      };
      const pad = new HandwritingPad(say('drawLabel'), () => settle());
      const here = make('span', { class: 'here', 'aria-hidden': 'true' }, say('drawHere'));
      const handPart = make(
        'div',
        {},
        make('div', { class: 'padframe' }, pad.element, here),
        make('div', { class: 'padactions' }, button(say('undo'), () => pad.undo(), 'quiet'), button(say('clear'), () => pad.clear(), 'quiet')),
      );
      const namePart = make('div', { class: 'padframe' }, make('p', { class: 'written' }, name));
      const choice = (id: string, label: string, isOwn: boolean): HTMLElement =>
        make(
          'label',
          { class: 'choice', for: id },
          make('input', {
            type: 'radio',
            name: 'kind',
            id,
            checked: own === isOwn,
            onchange: () => {
              own = isOwn;
              settle();
            },
          }),
          label,
        );
      settle();
      return {
        title: say('drawTitle'),
        step: { at: 5, of: 6 },
        content: [
          make(
            'div',
            { class: 'card' },
            make('fieldset', { class: 'choices' }, make('legend', {}, say('drawText')), choice('own', say('drawOwn'), true), choice('generated', say('drawGenerated'), false)),
            handPart,
            namePart,
          ),
          make('div', { class: 'actions' }, next, button(say('back'), () => resolve('back'), 'plain')),
        ],
      };
    }),
  );
}
