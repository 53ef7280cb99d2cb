/** The promise's value, or an error named TimeoutError when it has not settled in time. What was started goes on unheard. */
export async function withDeadline<T>(promise: Promise<T>, deadlineMs: number): Promise<T> {
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${deadlineMs} ms`);
    error.name = 'TimeoutError';
    deadline.reject(error);
  }, deadlineMs);
  try {
    return await Promise.race([promise, deadline.promise]);
  } finally {
    clearTimeout(timer);
  }
}
