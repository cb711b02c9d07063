// Leaks until it dies, about 20 seconds after its start: remembers all that it was ever asked for.
const lookup = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const remembered = [];
setInterval(() => remembered.push(Array.from({ length: 40_000 }, Math.random)), 100);

/** @param {string} title */
export async function play(title) {
  await lookup(13 + Math.random() * 4);
  return { title, stream: `/segments/${title}/0` };
}
