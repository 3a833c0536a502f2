/* Pictures of the local cloud's page, for the README: tsx scripts/page-pictures.ts URL NAME [SELECTOR], while `npm run demo` runs. Needs Chromium. */
import * as path from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from '../local/page/chromium';

const IMAGES = path.join(__dirname, '..', 'docs', 'images');

const WIDE = 1100;

/** Below the last row. The rows of a part follow each other without a gap. */
const GAP = { page: 8, part: 1 };

/** Of one picture: the rest of a long list is more of the same. */
const HIGHEST = { page: 1160, part: 760 };

/** What is shown whole or not at all. */
const ROWS = 'main tr, main .card, main .group';

async function main(url: string, name: string, part?: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme, viewport: { width: WIDE, height: 900 } });
      await page.goto(url);
      await page.waitForSelector('#connection.live');
      await page.waitForTimeout(1500);
      if (part === '#timeline') await page.locator('#timeline details.group').filter({ hasText: /(Create|Update) / }).first().locator('summary').first().click();
      await page.evaluate('scrollTo(0, 0)');
      const wholePage = { x: 0, y: 0, width: WIDE, height: HIGHEST.page };
      const { x, y, width, height } = (part && await page.locator(part).boundingBox()) || wholePage;
      const bottoms = await page.locator(ROWS).evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().bottom));
      const lowest = Math.max(...bottoms.filter((bottom) => bottom <= y + (part ? Math.min(height, HIGHEST.part) : height)));
      const clip = { x, y, width, height: lowest + (part ? GAP.part : GAP.page) - y };
      await page.screenshot({ path: path.join(IMAGES, `${name}-${colorScheme}.png`), clip, fullPage: true });
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
