// enrol.ts: this browser becomes the person's signing device: registration, PIN twice, certificate.
import { DeviceFailure, type Device, type Display, type Step } from '../device/index';
import { make } from './dom';
import { ask } from '../shared/rest';
import { isPassing, persist, present, working } from './frame';
import { PinPad, type PinTarget } from './pin_pad';
import { say } from './texts';

const steps = 6;

export function pinTarget(device: Device, entry: 'first' | 'second'): PinTarget {
  return { digit: (value) => device.pinDigit(entry, value), erase: () => device.pinErase(entry) };
}

// carryOn runs one act of the device. Where the service was away meanwhile, the act is not repeated: once the service
// answers, the device is asked for its place.
export async function carryOn(device: Device, act: () => Promise<Step>): Promise<Step> {
  try {
    return await act();
  } catch (failure) {
    if (!isPassing(failure)) throw failure;
    await persist(() => ask('/pins.json')); // the device would answer by itself, and nobody would know why
    return persist(() => device.poll());
  }
}

// isUndecided tells that display still waits for its PIN: the service went away before it came there.
export function isUndecided(step: Step, display: Display): boolean {
  return step.kind === 'confirm' && step.display.transactionId === display.transactionId && step.display.triesLeft === null;
}

// askPin shows the pad for the device's first entry and resolves once it is full.
export function askPin(device: Device, title: () => string, text: () => string, doneText: () => string, error: () => string): Promise<void> {
  device.pinClear();
  return new Promise((resolve) =>
    present(() => {
      device.pinClear();
      const pad = new PinPad(say('pinLabel'), doneText(), pinTarget(device, 'first'), resolve);
      pad.setMessage(error());
      return { title: title(), content: [make('div', { class: 'card' }, make('p', {}, text()), pad.element)], focus: pad.element };
    }),
  );
}

// choosePin lets the person type a new PIN twice, until both entries are the same.
async function choosePin(device: Device): Promise<Step> {
  for (let error = ''; ; error = say('pinDiffers')) {
    await new Promise<void>((resolve) => {
      let again = false;
      present(() => {
        device.pinClear();
        again = false;
        const text = make('p', {}, say('pinText'));
        const pad = new PinPad(say('pinLabel'), say('next'), pinTarget(device, 'first'), () => {
          if (again) return resolve();
          again = true;
          text.textContent = say('pinAgainText');
          pad.restart(pinTarget(device, 'second'));
        });
        pad.setMessage(error);
        return { title: say('pinTitle'), step: { at: 3, of: steps }, content: [make('div', { class: 'card' }, text, pad.element)], focus: pad.element };
      });
    });
    working(say('enrolTitle'), say('keyWorking'));
    try {
      return await carryOn(device, () => device.choosePin());
    } catch (failure) {
      if (!(failure instanceof DeviceFailure) || failure.id !== 'device.pin_differs') throw failure;
    }
  }
}

// confirmWithChosen signs the request with the PIN chosen just now. null: it is not there any more.
async function confirmWithChosen(device: Device, display: Display): Promise<Step | null> {
  working(say('enrolTitle'), say('certificateWorking'));
  try {
    const step = await carryOn(device, () => device.confirm(display, null));
    return isUndecided(step, display) ? null : step;
  } catch (failure) {
    if (failure instanceof DeviceFailure && failure.id === 'malformed') return null;
    throw failure;
  }
}

async function confirmRequest(device: Device, display: Display): Promise<Step> {
  const wrong = display.triesLeft;
  let message = (): string => (wrong === null ? '' : say('wrongPin', { tries: wrong }));
  for (;;) {
    await askPin(device, () => say('certificateTitle'), () => say('certificateText'), () => say('next'), message);
    working(say('enrolTitle'), say('certificateWorking'));
    const step = await carryOn(device, () => device.confirm(display, null));
    if (!isUndecided(step, display)) return step;
    message = () => say('pinAgainText');
  }
}

// enrol goes on from step until the certificate is there; gives the step that ended it.
export async function enrol(device: Device, first: () => Promise<Step>): Promise<Step> {
  working(say('enrolTitle'), say('enrolWorking'));
  let step = await persist(first);
  let hasChosen = false;
  for (;;) {
    if (step.kind === 'choosePin') {
      step = await choosePin(device);
      hasChosen = true;
    } else if (step.kind === 'confirm' && step.display.kind === 'certificateRequest') {
      const done: Step | null = hasChosen ? await confirmWithChosen(device, step.display) : null;
      hasChosen = false;
      step = done ?? (await confirmRequest(device, step.display));
    } else if (step.kind === 'idle') {
      await new Promise((resolve) => setTimeout(resolve, 500));
      step = await persist(() => device.poll());
    } else return step;
  }
}
