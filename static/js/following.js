// Follows what several people do in one place: asks once a second with one tag, is answered only when something changed,
// waits longer while the line is dead, and rests while nobody looks.

const EACH = 1000;
const PATIENCE = 5000;

// `address()` is what to ask, `take(news)` draws and says whether all of it could be drawn, `lost(isLost)` is told of the line.
export function follow({ address, take, lost }) {
  const state = { tag: "", failures: 0, asking: null, timer: 0 };

  async function ask() {
    const asked = String(address());
    const answer = await fetch(asked, {
      cache: "no-store",
      headers: { "If-None-Match": state.tag || '""', accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status === 304) return;
    if (!answer.ok) {
      if ([401, 403, 404].includes(answer.status)) location.reload();
      throw new Error(String(answer.status));
    }
    const news = await answer.json();
    if (asked !== String(address())) return;
    state.tag = take(news) ? answer.headers.get("ETag") : "";
  }

  async function round() {
    clearTimeout(state.timer);
    if (document.hidden) return;
    if (!state.asking) {
      state.asking = ask().then(() => { state.failures = 0; }, () => { state.failures += 1; }).finally(() => { state.asking = null; });
    }
    await state.asking;
    lost(state.failures >= 3);
    clearTimeout(state.timer);
    state.timer = setTimeout(round, state.failures < 3 ? EACH : PATIENCE);
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) round(); });
  return {
    round,
    // Asks at once, whatever was answered before.
    async anew() {
      state.tag = "";
      await state.asking;
      await round();
    },
    fail() { state.failures += 1; },
  };
}

export const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;
