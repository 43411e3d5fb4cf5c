// done.ts: the person has signed: number, time, file, verification, and who is still to sign.
import { formatTime } from '../shared/i18n';
import { button, facts, make } from './dom';
import { present } from './frame';
import { partyList } from './intro';
import type { Invitation } from './link';
import { say } from './texts';

// save hands a file to the browser's downloads.
export function save(octets: Uint8Array, name: string): void {
  const address = URL.createObjectURL(new Blob([octets.slice().buffer], { type: 'application/pdf' }));
  make('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function showDone(invitation: Invitation, download: () => Promise<void>): void {
  const { contract, you } = invitation;
  const signed = contract.parties.filter((party) => party.state === 'signed').length;
  const complete = contract.state === 'complete';
  present(() => ({
    title: say(complete ? 'doneComplete' : 'doneTitle'),
    content: [
      make(
        'div',
        { class: 'card notice good' },
        make('p', { class: 'title' }, contract.title),
        facts([
          [say('contractNumber'), make('span', { class: 'mono' }, contract.id)],
          [say('summaryAs'), you.name],
          [say('doneAt'), you.signed_at ? formatTime(new Date(you.signed_at)) : '–'],
          [say('parties'), say('doneProgress', { signed, all: contract.parties.length })],
        ]),
        partyList(contract.parties, you.position),
        complete ? null : make('p', {}, say(signed < contract.parties.length ? 'doneWaiting' : 'doneCompleting')),
      ),
      make(
        'div',
        { class: 'actions' },
        button(say('download'), download),
        make('a', { class: 'button plain', href: invitation.verify_url, rel: 'noopener noreferrer' }, say('verify')),
      ),
    ],
  }));
}
