// accessibility.mjs: what axe-core finds serious on a page that has come to rest.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// rest waits for what moves or fades to its end: a half-faded text has a contrast that nobody is meant to read.
function rest(page) {
  return page.evaluate(async () => {
    const ending = () => document.getAnimations().filter((one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime < Infinity);
    const frame = () => new Promise(requestAnimationFrame);
    do {
      await Promise.all(ending().map((one) => one.finished.catch(() => undefined))); // a cancelled one is at rest too
      await frame(); // what follows it begins with a frame
      await frame();
    } while (ending().length > 0);
  });
}

// seriousFindings answers `rule: element` for each serious or critical finding.
export async function seriousFindings(page) {
  await rest(page);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] }));
  const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  return serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
