// Crashes at start: needs a setting that nobody has made.
if (process.env.PLAYBACK_RIGHTS_URL === undefined) {
  console.error("PLAYBACK_RIGHTS_URL is not set");
  process.kill(process.pid, "SIGABRT");
}

/** @param {string} title */
export async function play(title) {
  return { title };
}
