import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { Credentials } from '../s3/sign-request.ts';
import type { CredentialSource } from './credential-source.ts';

/** Fetch anew when this little life is left; AWS issues new keys at least five minutes before the old ones end. */
const REFRESH_AHEAD_MS = 5 * 60_000;

/**
 * The SDK's default chain behind the snapshot interface.
 * @throws what the chain throws when there are no credentials at all.
 */
export async function openSdkCredentials(onError: (error: unknown) => void): Promise<CredentialSource> {
  const provide = fromNodeProviderChain();
  let current = await provide();
  let isFetching = false;
  const refresh = async (): Promise<void> => {
    isFetching = true;
    try {
      current = await provide({ forceRefresh: true });
    } catch (error) {
      onError(error);
    } finally {
      isFetching = false;
    }
  };
  return {
    current: (): Credentials => {
      const expiresAt = current.expiration?.getTime() ?? Infinity;
      if (!isFetching && expiresAt - Date.now() < REFRESH_AHEAD_MS) void refresh();
      return current;
    },
  };
}
