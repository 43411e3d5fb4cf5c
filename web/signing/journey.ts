// journey.ts: the way from the link to the signature. Where it stands is always read from the platform and from the
// device, never remembered by the page: a reload, or a service that was away, goes on where things are.
import type { Device, Display, Step } from '../device/index';
import { drawSignature } from './draw';
import { enrol } from './enrol';
import { part, persist, working } from './frame';
import type { Handwriting } from './handwriting';
import { askReason, showIntro } from './intro';
import { save, showDone } from './done';
import { Link, type Invitation } from './link';
import { proveAddress, proveIdentity } from './proofs';
import { readToEnd } from './read';
import { Problem } from '../shared/rest';
import { endingOf, showDelay, showEnding, showNotice, showProblem } from './states';
import { continues, signDisplayed } from './summary';
import { say } from './texts';

const lookAgainMs = 4000;
const embeddingPatienceMs = 120_000;

class Over extends Error {} // the journey has ended on a page of its own

const link = Link.of(location.pathname);
let device: Device | null = null;
let report: (text: string, percent?: number) => void = () => undefined;

// begin starts, or starts again, and ends on a page that says how.
export async function begin(): Promise<void> {
  try {
    if (!link) return showNotice({ title: 'badLinkTitle', text: 'badLinkText', tone: 'bad' });
    await travel(link);
  } catch (failure) {
    if (failure instanceof Over) return;
    if (failure instanceof Problem && failure.id === 'not_found') return showNotice({ title: 'badLinkTitle', text: 'badLinkText', tone: 'bad' });
    if (failure instanceof Error && failure.message.startsWith('device.display_differs')) return showNotice({ title: 'differsTitle', text: 'differsText', tone: 'bad' });
    if (failure instanceof Error && failure.message.startsWith('device.superseded')) return showOtherTab();
    if (failure instanceof Error && failure.message.startsWith('device.outdated')) return showOutdated();
    if (failure instanceof Problem && link && (await hasEnded(link))) return;
    showProblem(failure, () => void begin());
  }
}

// hasEnded shows how the contract ended meanwhile, where that is why an act was refused.
async function hasEnded(on: Link): Promise<boolean> {
  const invitation = await on.invitation().catch(() => null);
  const ending = invitation && endingOf(invitation);
  if (!ending) return false;
  showEnding(ending, invitation);
  return true;
}

async function travel(on: Link): Promise<void> {
  working(say('introTitle'), say('loading'));
  const invitation = await myTurn(on);
  const signing = invitation.you.state === 'signing';
  if (!signing && (await showIntro(invitation)) === 'decline') return decline(on, invitation);
  const mine = await deviceOf(on, invitation);
  const octets = await read(on, invitation, '');
  const drawn = signing ? null : await draw(invitation);
  await sign(on, mine, invitation, octets, drawn);
}

function showOutdated(): void {
  showNotice({ title: 'outdatedTitle', text: 'outdatedText', action: { text: 'reload', run: () => location.reload() } });
}

function showOtherTab(): void {
  device?.close();
  device = null;
  showNotice({ title: 'otherTabTitle', text: 'otherTabText', action: { text: 'here', run: () => void begin() } });
}

// myTurn gives the invitation once it is this party's turn; other states end on their page.
async function myTurn(on: Link): Promise<Invitation> {
  for (let shown = ''; ; await new Promise((resolve) => setTimeout(resolve, lookAgainMs))) {
    const invitation = await persist(() => on.invitation());
    const { you } = invitation;
    const ending = endingOf(invitation);
    if (ending) {
      showEnding(ending, invitation);
      throw new Over();
    }
    if (you.state === 'signed') {
      await followToEnd(on, invitation);
      throw new Over();
    }
    if (you.state === 'waiting') {
      if (shown !== 'waiting') showNotice({ title: 'waitingTitle', text: 'waitingText' });
      shown = 'waiting';
    } else if (invitation.busy_until) {
      if (shown !== 'busy') showNotice({ title: 'introTitle', text: 'busy' });
      shown = 'busy';
    } else {
      return invitation;
    }
  }
}

// followToEnd shows the last page, and again as the others sign.
async function followToEnd(on: Link, first: Invitation): Promise<void> {
  let shown = '';
  for (let invitation = first; ; invitation = await persist(() => on.invitation())) {
    const { contract } = invitation;
    const now = JSON.stringify(contract);
    const ending = endingOf(invitation);
    if (ending) return showEnding(ending, invitation);
    if (now !== shown) showDone(invitation, () => download(on, invitation));
    shown = now;
    if (contract.state === 'complete') return;
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}

// opened runs a request that needs the one-time code, and asks for the code where there is no session, or none any more.
async function opened<T>(on: Link, invitation: Invitation, request: () => Promise<T>): Promise<T> {
  for (;;) {
    await proveAddress(on, invitation);
    try {
      return await persist(request);
    } catch (failure) {
      if (!(failure instanceof Problem) || failure.id !== 'unauthenticated') throw failure;
    }
  }
}

async function download(on: Link, invitation: Invitation): Promise<void> {
  try {
    const wasOpen = on.hasSession;
    const octets = await opened(on, invitation, () => on.document());
    if (!wasOpen) showDone(invitation, () => download(on, invitation));
    save(octets, `${invitation.contract.id}.pdf`);
  } catch (failure) {
    showProblem(failure, () => void begin());
  }
}

async function decline(on: Link, invitation: Invitation): Promise<void> {
  const reason = await askReason();
  if (reason !== null) {
    working(say('declineTitle'), say('loading'));
    await opened(on, invitation, () => on.decline(reason));
  }
  return travel(on);
}

// deviceOf gives this browser's device, enrolled for this person.
async function deviceOf(on: Link, invitation: Invitation): Promise<Device> {
  working(say('enrolTitle'), say('loading'));
  const { Device } = await part(() => import('../device/index'));
  device?.close();
  const opened = await persist(() =>
    Device.open({
      name: nameOfBrowser(),
      onProgress: (percent) => report(say('stretching', { percent: Math.round(percent) }), percent),
      onSuperseded: showOtherTab,
    }),
  );
  if (opened.condition !== 'ready') {
    if (opened.condition === 'lost') return enrolAnew(on, invitation, 'lostTitle', 'lostText');
    if (opened.condition === 'busy') showOtherTab();
    else showNotice({ title: 'unsupportedTitle', text: 'unsupportedText', tone: 'bad' });
    throw new Over();
  }
  device = opened.device;
  const { stage, certificate, stopReason } = opened.information;
  if (stage === 'stopped' && stopReason === 'cosign.pin_locked' && (await isReleased(opened.device))) return deviceOf(on, invitation);
  if (stage === 'stopped' || stage === 'retired') return enrolAnew(on, invitation, 'lockedTitle', 'lockedText');
  if (stage === 'enrolled') {
    if (!holds(certificate, invitation.you.person)) {
      showNotice({ title: 'otherDeviceTitle', text: 'otherDeviceText', tone: 'bad', values: { name: invitation.you.name } });
      throw new Over();
    }
    return opened.device;
  }
  return enrolHere(on, invitation, opened.device, stage);
}

// isReleased asks the key centre whether the lock of a device was released after a fresh proof of identity.
async function isReleased(mine: Device): Promise<boolean> {
  const step = await persist(() => mine.poll());
  return step.kind === 'finished' && step.outcome === 'unlocked';
}

async function enrolAnew(on: Link, invitation: Invitation, title: 'lostTitle' | 'lockedTitle', text: 'lostText' | 'lockedText'): Promise<Device> {
  await new Promise<void>((resolve) => showNotice({ title, text, action: { text: 'reEnrol', run: resolve } }));
  const { Device } = await part(() => import('../device/index'));
  device?.close();
  device = null;
  await Device.discard();
  return deviceOf(on, invitation);
}

async function enrolHere(on: Link, invitation: Invitation, mine: Device, stage: string): Promise<Device> {
  const begun = stage === 'registered' || stage === 'keyed';
  const start = begun ? () => mine.poll() : await authorised(on, invitation, mine);
  const ended = await enrol(mine, start);
  if (ended.kind === 'finished') return deviceOf(on, invitation);
  return refuse(on, ended);
}

async function authorised(on: Link, invitation: Invitation, mine: Device): Promise<() => Promise<Step>> {
  await proveAddress(on, invitation);
  let code = '';
  try {
    code = await persist(() => on.authorise()); // proved before a reload
  } catch (failure) {
    if (!(failure instanceof Problem) || failure.id !== 'identity.unverified') throw failure;
    if (!(await proveIdentity(on))) {
      showNotice({ title: 'wrongPersonTitle', text: 'wrongPersonText', tone: 'bad', values: { name: invitation.you.name }, action: { text: 'back', run: () => void begin() } });
      throw new Over();
    }
    code = await persist(() => on.authorise());
  }
  return () => mine.enrol(code);
}

// holds tells whether the certificate names the person: its subject has the person's id.
function holds(certificate: Uint8Array, person: string): boolean {
  const wanted = new TextEncoder().encode(person);
  for (let at = 0; at + wanted.length <= certificate.length; ++at) if (wanted.every((octet, i) => certificate[at + i] === octet)) return true;
  return false;
}

function nameOfBrowser(): string {
  const found = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(navigator.userAgent)?.[1] ?? 'Browser';
  const system = /(iPhone|iPad|Android|HarmonyOS|Windows|Mac OS|Linux)/.exec(navigator.userAgent)?.[1] ?? '';
  return system ? `${found} (${system})` : found;
}

async function read(on: Link, invitation: Invitation, message: string): Promise<Uint8Array> {
  const octets = await opened(on, invitation, () => on.document());
  if ((await readToEnd(octets, message)) === 'read') return octets;
  await decline(on, invitation);
  throw new Over();
}

async function draw(invitation: Invitation): Promise<Handwriting | null> {
  const drawn = await drawSignature(invitation.you.name);
  if (drawn !== 'back') return drawn;
  void begin();
  throw new Over();
}

async function sign(on: Link, mine: Device, invitation: Invitation, octets: Uint8Array, drawn: Handwriting | null): Promise<void> {
  working(say('drawTitle'), say('preparing'));
  const transaction = await persist(() => on.sign(drawn));
  let display = await displayOf(mine, transaction);
  const prepared = await mine.displayedData(display);
  if (!continues(octets, prepared) && (await readToEnd(prepared, say('summaryDiffers'))) === 'decline') return declineOnDevice(on, mine, invitation, display);
  for (;;) {
    const next = await signDisplayed(mine, display, invitation, (more) => (report = more)).catch((failure) => endOnDevice(mine, display, failure));
    report = () => undefined;
    if (next === 'decline') return declineOnDevice(on, mine, invitation, display);
    if (next.kind === 'confirm') {
      display = next.display; // a wrong PIN
      continue;
    }
    if (next.kind === 'finished' && next.outcome === 'signed') break;
    if (next.kind === 'idle') break; // the service was away meanwhile: the platform knows what came of it
    return refuse(on, next);
  }
  await waitForPlatform(on);
}

// endOnDevice ends a transaction whose content was exchanged: it would only stand in the way of others.
async function endOnDevice(mine: Device, display: Display, failure: Error): Promise<never> {
  if (failure.message.startsWith('device.display_differs')) await mine.cancel(display).catch(() => undefined);
  throw failure;
}

// displayOf polls the device until it shows this transaction; another document is the person's to cancel first.
async function displayOf(mine: Device, transaction: string): Promise<Display> {
  for (let tries = 0; tries < 60; ++tries) {
    const step = await persist(() => mine.poll());
    if (step.kind === 'confirm') {
      if (step.display.transactionId === transaction) return step.display;
      await otherDocument(mine, step.display);
    } else if (step.kind === 'refused') {
      return refuse(link as Link, step);
    } else {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  throw new Problem('timeout', 0, null);
}

async function otherDocument(mine: Device, display: Display): Promise<void> {
  await new Promise<void>((resolve) =>
    showNotice({ title: 'otherDocumentTitle', text: 'otherDocumentText', values: { title: display.title }, action: { text: 'otherDocumentCancel', run: resolve } }),
  );
  await persist(() => mine.cancel(display));
}

async function declineOnDevice(on: Link, mine: Device, invitation: Invitation, display: Display): Promise<void> {
  const reason = await askReason();
  if (reason === null) return travel(on);
  working(say('declineTitle'), say('loading'));
  await opened(on, invitation, () => on.decline(reason)); // the platform cancels the transaction too
  await mine.cancel(display).catch(() => undefined);
  return travel(on);
}

// refuse shows why the device will not go on.
async function refuse(on: Link, step: Step): Promise<never> {
  const id = step.kind === 'refused' ? step.refusal : 'device.state';
  if (step.kind === 'refused' && step.retryAt) {
    showDelay(step.retryAt, step.triesLeft, () => void begin());
  } else if (id === 'device.outdated') {
    showOutdated();
  } else if (id === 'cosign.pin_locked' || id === 'cosign.key_unknown' || id === 'cosign.key_revoked') {
    showNotice({ title: 'lockedTitle', text: 'lockedText', tone: 'bad', action: { text: 'reEnrol', run: () => void startOver(on) } });
  } else if (id === 'device.display_differs') {
    showNotice({ title: 'differsTitle', text: 'differsText', tone: 'bad' });
  } else {
    showProblem(new Error(id), () => void begin());
  }
  throw new Over();
}

async function startOver(on: Link): Promise<void> {
  const { Device } = await part(() => import('../device/index'));
  await device?.retire().catch(() => undefined);
  device?.close();
  device = null;
  await Device.discard();
  if (on) void begin();
}

// waitForPlatform waits until time-stamp and signature are in the file.
async function waitForPlatform(on: Link): Promise<void> {
  working(say('signingTitle'), say('signingPlatform'));
  const until = Date.now() + embeddingPatienceMs;
  for (;;) {
    const invitation = await persist(() => on.invitation());
    if (invitation.you.state === 'signed') return followToEnd(on, invitation);
    if (invitation.you.state !== 'signing' || Date.now() > until) return travel(on);
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
}
