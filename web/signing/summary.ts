// summary.ts: the last look: as whom, for what, and exactly which octets; then the PIN. What is hashed for the signature
// is what the viewer holds (device.confirm), and where the viewer was not opened, the device's own copy.
import type { Device, Display, Step } from '../device/index';
import { button, facts, make } from './dom';
import { part, present, working } from './frame';
import type { Invitation } from './link';
import { PinPad } from './pin_pad';
import { carryOn, isUndecided, pinTarget } from './enrol';
import { say } from './texts';
import type { Viewer } from './viewer';

const places = 1; // signature fields of one party, by the interface's design

export function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

// continues tells whether later begins with earlier: the file was only added to.
export function continues(earlier: Uint8Array, later: Uint8Array): boolean {
  return later.length >= earlier.length && earlier.every((octet, at) => octet === later[at]);
}

export type Decision = Step | 'decline';

// signDisplayed shows display and signs it with the PIN; a wrong PIN asks again. Gives the step that follows.
export async function signDisplayed(device: Device, display: Display, invitation: Invitation, onStart: (more: (text: string, percent?: number) => void) => void): Promise<Decision> {
  working(say('summaryTitle'), say('viewing'));
  const { Viewer } = await part(() => import('./viewer'));
  const viewer = await Viewer.open(await device.displayedData(display), { onPage: () => undefined, onEnd: () => undefined });
  const wrong = display.triesLeft;
  let message = (): string => (wrong === null ? '' : say('wrongPin', { tries: wrong }));
  try {
    for (;;) {
      const decided = await decide(device, display, invitation, viewer, message);
      if (decided === 'decline') return 'decline';
      const shown = await viewer.shown();
      onStart(working(say('signingTitle'), say('signingKeyCentre')));
      const step = await carryOn(device, () => device.confirm(display, shown));
      if (!isUndecided(step, display)) return step;
      message = () => say('pinAgainText');
    }
  } finally {
    viewer.close();
  }
}

function decide(device: Device, display: Display, invitation: Invitation, viewer: Viewer, message: () => string): Promise<'sign' | 'decline'> {
  const { you, contract } = invitation;
  return new Promise((resolve) =>
    present(() => {
      device.pinClear();
      const pad = new PinPad(say('pinLabel'), say('summaryPin'), pinTarget(device, 'first'), () => resolve('sign'));
      pad.setMessage(message());
      const look = make('details', { class: 'look', ontoggle: () => viewer.showEnd() }, make('summary', {}, say('summaryView')), viewer.element);
      return {
        title: say('summaryTitle'),
        step: { at: 6, of: 6 },
        content: [
          make(
            'div',
            { class: 'card' },
            facts([
              [say('summaryAs'), you.name],
              [say('summaryFor'), contract.title],
              [say('from'), invitation.from],
              [say('summaryPlaces'), say('summaryPlacesValue', { count: places })],
              [say('summaryCode'), make('span', {}, make('strong', { class: 'mono codeword' }, display.code), ' ', make('small', {}, say('summaryCodeHint')))],
              [say('summaryDigest'), make('span', { class: 'mono digest' }, hexOf(display.digest))],
              [say('summarySize'), say('summaryBytes', { size: display.size })],
            ]),
            look,
          ),
          make('div', { class: 'card' }, make('h2', {}, say('summaryPin')), pad.element),
          make('div', { class: 'actions' }, button(say('decline'), () => resolve('decline'), 'quiet')),
        ],
      };
    }),
  );
}
