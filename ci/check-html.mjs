// The checks of ci/check-html, on the pages that its arguments name.
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [390, 768, 1280];
// For each target on the page.
const OPEN_MS_MAX = 500;
// The least of several loads counts: others may use the machine.
const LOADS = 3;
// A page with more instances is looked at by axe at one width, and photographed in parts.
const SMALL_MAX = 200;
const problems = [];

const profile = mkdtempSync(join(tmpdir(), "check-html-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

const problem = (page, what) => problems.push(`${page}: ${what}`);

async function violations(page, name) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const violation of result.violations) {
    const nodes = violation.nodes.slice(0, 3).map((node) => node.target.join(" ") + ": " + node.failureSummary);
    problem(name, `${violation.id} (${violation.impact}): ${violation.help}\n    ${nodes.join("\n    ")}`);
  }
}

async function unfold(page) {
  for (const selector of [".cause > summary", "details.all > summary", "#list > li summary"]) {
    const first = page.locator(selector).first();
    if (await first.count()) await first.press("Enter");
  }
}

async function behaviour(page, name) {
  const shown = () => page.locator("#list > li").count();
  const all = Number((await page.locator("#shown").textContent()).split(" ")[2]);
  for (const box of await page.locator("[name=verdict]").all()) await box.check();
  if ((await shown()) !== all) problem(name, "all verdicts do not show all instances");
  const id = await page.locator("#list > li code").last().textContent();
  await page.locator("body").press("/");
  await page.keyboard.type(id);
  if ((await shown()) < 1 || !(await page.locator("#list > li code").first().textContent()).includes(id)) {
    problem(name, "the search does not find an id");
  }
  await page.locator("[name=text]").fill("nothing has this text");
  if ((await shown()) !== 0) problem(name, "the search shows what does not fit");
  await page.locator("[name=text]").fill("");
  const cell = page.locator("a[data-case]").first();
  if (await cell.count()) {
    await cell.press("Enter");
    if ((await shown()) < 1 || (await shown()) === all) problem(name, "a cell of the matrix does not filter");
    await page.locator("[name=text]").fill("");
  }
  await tables(page, name);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);
  if (wide) problem(name, "the page scrolls sideways");
}

// Columns sort, and a matrix shows only the rows in which its columns differ.
async function tables(page, name) {
  const head = page.locator("table.sortable thead button").first();
  if (!(await head.count())) return;
  const texts = () => page.locator("table.sortable").first().locator("tbody th").allTextContents();
  await head.press("Enter");
  const up = await texts();
  await head.press("Enter");
  const down = await texts();
  if (up.join() !== [...down].reverse().join() && up.length === new Set(up).size) problem(name, "a column does not sort");
  for (const box of await page.locator("[data-differing]").all()) {
    const rows = page.locator("#" + (await box.getAttribute("data-differing")) + " tbody tr:not([hidden])");
    const before = await rows.count();
    await box.check();
    const same = await page.locator("#" + (await box.getAttribute("data-differing")) + " tr[data-same]").count();
    if ((await rows.count()) !== before - same) problem(name, "rows that do not differ are shown");
    await box.uncheck();
  }
}

async function shoot(page, at, small) {
  const shot = (part, options) =>
    page.screenshot({ path: join(process.env.SHOTS, `${at.replaceAll(" ", "-")}${part}.png`), ...options });
  if (small) return shot("", { fullPage: true });
  await page.evaluate(() => scrollTo(0, 0));
  await shot("-top");
  for (const part of ["defects-0", "defects", "trend-1", "matrix", "instances"]) {
    const heading = page.locator("#" + part);
    if (!(await heading.count())) continue;
    await heading.evaluate((element) => element.scrollIntoView());
    await shot("-" + part);
  }
}

// How many milliseconds the page takes until it is loaded and its script has run.
async function load(page, file) {
  let least = Infinity;
  for (let index = 0; index < LOADS; index++) {
    const began = performance.now();
    await page.goto("file://" + resolve(file), { waitUntil: "load" });
    least = Math.min(least, performance.now() - began);
    if (least <= OPEN_MS_MAX) break;
  }
  return Math.round(least);
}

async function check(file) {
  const name = basename(file) === "index.html" ? basename(dirname(resolve(file))) : basename(file, ".html");
  for (const colorScheme of ["light", "dark"]) {
    for (const width of WIDTHS) {
      const at = `${name} ${width} ${colorScheme}`;
      const page = await context.newPage();
      page.on("console", (message) => message.type() === "error" && problem(at, message.text()));
      page.on("pageerror", (error) => problem(at, String(error)));
      page.on("request", (request) => request.url().startsWith("file:") || problem(at, `asks for ${request.url()}`));
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      const took = await load(page, file);
      const targets = await page.locator("section.run").count();
      if (took > OPEN_MS_MAX * targets) problem(at, `opens in ${took} ms`);
      await unfold(page);
      const small = (await page.locator("#list > li").count()) <= SMALL_MAX;
      if (small || width === WIDTHS[0]) await violations(page, at);
      if (process.env.SHOTS) await shoot(page, at, small);
      await behaviour(page, at);
      if (process.env.SHOTS && name === "every-verdict" && width === 768 && colorScheme === "light") {
        await page.emulateMedia({ media: "print" });
        await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
        await page.screenshot({ path: join(process.env.SHOTS, `${name}-print.png`), fullPage: true });
      }
      console.log(`${at}: opened in ${took} ms`);
      await page.close();
    }
  }
}

for (const file of process.argv.slice(2)) await check(file);
await context.close();
rmSync(profile, { recursive: true, force: true });
for (const line of problems) console.error(line);
console.error(problems.length ? `${problems.length} problems` : "no problem");
process.exit(problems.length ? 1 : 0);
