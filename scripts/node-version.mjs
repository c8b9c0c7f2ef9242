/** Says in one clear sentence, in both languages, that this Node.js is too old. Must itself run on old versions of Node.js. */
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node.js 20.19 以上が必要です(現在 ${process.versions.node})。 https://nodejs.org から新しい版を入れてください。`);
  console.error(`Node.js 20.19 or newer is needed (this is ${process.versions.node}). Get it from https://nodejs.org`);
  process.exit(1);
}
