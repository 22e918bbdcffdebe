// sharp, one thread, no cache. One JSON wish a line on standard input; its CPU milliseconds a line on standard output.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const sharp = createRequire(process.argv[2])("sharp");
sharp.concurrency(1);
sharp.cache(false);

const rounded = (width, height, radius) =>
  Buffer.from(`<svg><rect width="${width}" height="${height}" rx="${radius}" ry="${radius}"/></svg>`);

async function carriedOut({ source, target, wish, quality }) {
  let image = sharp(source, { animated: wish.animated, sequentialRead: true }).rotate();
  image = image.resize(wish.width, wish.height ?? undefined, { fit: "cover" });
  if (wish.blur) image = image.blur(wish.blur);
  if (wish.radius) {
    const cut = { input: rounded(wish.width, wish.height, wish.radius), blend: "dest-in" };
    image = image.ensureAlpha().composite([cut]);
  }
  const options = quality === null ? {} : { quality };
  if (wish.format === "avif") options.effort = 0; // the speed we use; its own choice takes ten times as long
  return image.toFormat(wish.format, options).toFile(target);
}

for await (const line of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  await carriedOut(JSON.parse(line));
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / 1000);
}
