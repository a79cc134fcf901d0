import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

const candidates = [process.env["CHROMIUM_PATH"], "/usr/bin/chromium"];

/** Where Chromium is, if it is installed. */
export const chromiumPath: string | undefined = candidates.find(
  (path) => path !== undefined && path !== "" && existsSync(path),
);

/** A browser that asks nobody but the page under test. Its profile is new and goes with it. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** A page with its own storage, and everything that went wrong in it: errors, refused scripts, dialogs. */
export interface Watched {
  readonly page: Page;
  readonly faults: string[];
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    locale: "en-GB",
    timezoneId: "UTC",
    // What moves would be looked at in between.
    reducedMotion: "reduce",
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults: string[] = [];
  page.on("console", (message) => {
    // A refused search or a cut connection is part of some tests; the browser notes both.
    if (message.type() === "error" && !/status of 4\d\d|ERR_FAILED/.test(message.text()))
      faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("dialog", (dialog) => {
    faults.push(`A dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, faults };
}

interface Visit {
  readonly browser: Browser;
  readonly url: string;
  readonly options?: BrowserContextOptions | undefined;
}

/** Opens an address, runs the test and sees that nothing went wrong on the way, and that no text from outside ran. */
export async function visit(
  { browser, url, options }: Visit,
  test: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, faults } = await openPage(browser, options);
  try {
    await page.goto(url);
    await test(page);
    expect(faults).toEqual([]);
    expect(await page.evaluate(() => (globalThis as { harm?: number }).harm)).toBeUndefined();
  } finally {
    await page.context().close();
  }
}
