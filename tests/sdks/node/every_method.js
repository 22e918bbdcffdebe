'use strict';
// Every method of the official Node SDK against a running world.
//
//   CLOUDINARY_URL=… node every_method.js <folder with picture.png, astronaut.jpg and paper.pdf>
//
// Prints one JSON document per section, `{section, error}`, and at last `{called, left_out}`.

const { called, leftOut } = require('./sdk');
const { listen } = require('./listener');

const SECTIONS = ['uploads', 'changes', 'generated', 'assets', 'deletions', 'settings', 'metadata', 'search', 'forms'];

async function main() {
  const folder = process.argv[2];
  const listener = await listen({ '/astronaut.jpg': `${folder}/astronaut.jpg` });
  for (const name of SECTIONS) {
    for (const [title, run] of Object.entries(require(`./${name}`))) {
      const error = await run({ folder, listener }).then(() => null, (reason) => reason.stack || JSON.stringify(reason));
      console.log(JSON.stringify({ section: `${name}: ${title}`, error }));
    }
  }
  console.log(JSON.stringify({ called: called(), left_out: leftOut() }));
  await listener.close();
}

main();
