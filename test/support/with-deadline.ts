const DEADLINE_MS = 10_000;

/** The promise's value, or an error that names what did not come in time. */
export async function withDeadline<T>(
  promise: Promise<T>,
  awaited: string,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${awaited} did not come within ${deadlineMs} ms`)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again on every turn until the condition holds; for states that no event announces. */
export async function waitUntil(
  condition: () => boolean,
  awaited: string,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const endsAt = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > endsAt) throw new Error(`${awaited} did not come true within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
