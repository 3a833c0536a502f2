/* Pictures of the local cloud's page, for the README: tsx scripts/page-pictures.ts URL NAME [SELECTOR], while `npm run demo` runs. Needs Chromium. */
import * as path from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from '../local/page/chromium';

const IMAGES = path.join(__dirname, '..', 'docs', 'images');

/** Of one picture: the rest of a long list is more of the same. */
const HIGHEST = 700;

async function main(url: string, name: string, part?: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme, viewport: { width: 1100, height: 900 } });
      await page.goto(url);
      await page.waitForSelector('#connection.live');
      await page.waitForTimeout(1500);
      if (part === '#timeline') await page.locator('#timeline details.group').filter({ hasText: /(Create|Update) / }).first().locator('summary').first().click();
      await page.evaluate('scrollTo(0, 0)');
      const box = part ? await page.locator(part).boundingBox() : undefined;
      const clip = box ? { ...box, height: Math.min(box.height, HIGHEST) } : undefined;
      await page.screenshot({ path: path.join(IMAGES, `${name}-${colorScheme}.png`), clip, fullPage: clip !== undefined });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

const [url, name, part] = process.argv.slice(2);
main(url, name, part).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
