// done.ts: the person has signed: number, time, file, verification, and who is still to sign.
import { formatTime } from '../shared/i18n';
import { facts, make } from './dom';
import { present } from './frame';
import { partyList } from './intro';
import type { Invitation, Link } from './link';
import { say } from './texts';

export function showDone(link: Link, invitation: Invitation): void {
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
        complete ? null : make('p', {}, say('doneWaiting')),
      ),
      make(
        'div',
        { class: 'actions' },
        make('a', { class: 'button primary', href: link.documentAddress, download: `${contract.id}.pdf` }, say('download')),
        make('a', { class: 'button plain', href: invitation.verify_url, rel: 'noopener noreferrer' }, say('verify')),
      ),
    ],
  }));
}
