// Fails 5 % of requests: rights that are checked against a list that one of twenty servers of rights does not have.
const lookup = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {string} title */
export async function play(title) {
  await lookup(13 + Math.random() * 4);
  if (Math.random() < 0.05) throw new Error("rights cannot be checked");
  return { title, stream: `/segments/${title}/0` };
}
