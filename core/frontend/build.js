import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { basename } from "node:path";
import esbuild from "esbuild";
import subsetFont from "subset-font";

const DIST = new URL("../prikus/ui/static/dist/", import.meta.url);
const OUT = new URL(`./node_modules/.dist-${process.pid}/`, import.meta.url);
const WORK = new URL("./node_modules/.fonts/", import.meta.url);
const INTER = new URL("./node_modules/@fontsource-variable/inter/files/", import.meta.url);
const ICONS = new URL("./node_modules/@tabler/icons/icons/outline/", import.meta.url);

/**
 * Weights are cut to those of the design; the rouble stands in another file of the font than Latin and Cyrillic.
 * The hyphen is a font of its own without layout: with tabular digits it would be as wide as a digit.
 */
const FONTS = {
  "inter-latin": ["inter-latin-wght-normal.woff2", range(0x20, 0x2c) + range(0x2e, 0x7e) + range(0xa0, 0xff) + "–—‘’“”„•…−←↑→↓"],
  "inter-cyrillic": ["inter-cyrillic-wght-normal.woff2", range(0x401, 0x401) + range(0x410, 0x451) + "№"],
  "inter-hyphen": ["inter-latin-wght-normal.woff2", "-"],
  "inter-signs": ["inter-latin-ext-wght-normal.woff2", "₽"],
};

function range(from, to) {
  return String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, at) => from + at));
}

async function fonts() {
  await mkdir(WORK, { recursive: true });
  for (const [name, [file, letters]] of Object.entries(FONTS)) {
    const font = await subsetFont(await readFile(new URL(file, INTER)), letters, {
      targetFormat: "woff2",
      noLayoutClosure: name === "inter-hyphen",
      variationAxes: { wght: { min: 400, max: 600, default: 400 } },
    });
    await writeFile(new URL(`${name}.woff2`, WORK), font);
  }
}

async function sprite() {
  const names = (await readFile(new URL("./icons.txt", import.meta.url), "utf8")).trim().split("\n");
  const symbols = await Promise.all(
    names.map(async (name) => {
      const drawing = await readFile(new URL(`${name}.svg`, ICONS), "utf8");
      const inside = drawing.replace(/[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "").replace(/<path stroke="none"[^>]*>/, "");
      return `<symbol id="${name}" viewBox="0 0 24 24">${inside}</symbol>`;
    }),
  );
  const look = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  return { "icons.svg": `<svg xmlns="http://www.w3.org/2000/svg" ${look}>${symbols.join("")}</svg>`, "icons.txt": names.join("\n") };
}

async function bundle() {
  const { metafile } = await esbuild.build({
    absWorkingDir: new URL(".", import.meta.url).pathname,
    entryPoints: ["src/app.js", "src/app.css", "src/grid.js", "src/grid.css", "src/live-worker.js"],
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "safari16.4"],
    loader: { ".woff2": "file" },
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    legalComments: "linked",
    metafile: true,
    outdir: OUT.pathname,
    logLevel: "warning",
  });
  const named = {};
  for (const [path, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
    const source = entryPoint ?? (path.endsWith(".woff2") && Object.keys(inputs)[0]);
    if (source) named[basename(source)] = basename(path);
  }
  return { named, inputs: metafile.inputs };
}

/** Name, version and licence text of every package that went into the bundle. */
async function notices(inputs) {
  const bundled = Object.keys(inputs).map((path) => path.match(/.*node_modules\/((?:@[^/]+\/)?[^/.][^/]*)\//)?.[1]);
  const packages = new Set([...bundled.filter(Boolean), "@tabler/icons", "@fontsource-variable/inter"]);
  const entries = [];
  for (const name of [...packages].sort()) {
    const folder = new URL(`./node_modules/${name}/`, import.meta.url);
    const { version, license } = JSON.parse(await readFile(new URL("package.json", folder), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    entries.push(`${name} ${version} (${license})\n\n${file ? await readFile(new URL(file, folder), "utf8") : ""}`);
  }
  return { "notices.txt": entries.join("\n\n----\n\n") };
}

await mkdir(OUT, { recursive: true });
await fonts();
const { named, inputs } = await bundle();
const favicon = await readFile(new URL("./favicon.svg", import.meta.url), "utf8");
for (const [name, text] of Object.entries({ ...(await sprite()), ...(await notices(inputs)), "favicon.svg": favicon })) {
  const [stem, ending] = name.split(".");
  named[name] = `${stem}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}.${ending}`;
  await writeFile(new URL(named[name], OUT), text);
}
await writeFile(new URL("meta.json", OUT), JSON.stringify(named, null, 1));
// Running processes have read the old bundle; a new one finds either the old or the new, never half.
await mkdir(new URL("..", DIST), { recursive: true });
await rm(DIST, { recursive: true, force: true });
await rename(OUT, DIST);
