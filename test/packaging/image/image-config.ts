import type { Step } from './read-dockerfile.ts';

/** What an image says of how it is run. */
export interface ImageConfig {
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** As USER has it; empty for root. */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
  readonly stopSignal: string;
  readonly labels: Readonly<Record<string, string>>;
}

export const EMPTY_CONFIG: ImageConfig = {
  environment: {},
  directory: '/',
  user: '',
  entrypoint: [],
  command: [],
  healthCheck: [],
  stopSignal: 'SIGTERM',
  labels: {},
};

/** The configuration after a step that changes nothing else. */
export function applyStep(config: ImageConfig, step: Step): ImageConfig {
  switch (step.kind) {
    case 'ENV':
      return { ...config, environment: { ...config.environment, ...step.pairs } };
    case 'LABEL':
      return { ...config, labels: { ...config.labels, ...step.pairs } };
    case 'WORKDIR':
      return { ...config, directory: step.value };
    case 'USER':
      return { ...config, user: step.value };
    case 'STOPSIGNAL':
      return { ...config, stopSignal: step.value };
    case 'CMD':
      return { ...config, command: step.command };
    case 'ENTRYPOINT':
      return { ...config, entrypoint: step.command };
    case 'HEALTHCHECK':
      return { ...config, healthCheck: step.command };
    case 'ARG':
    case 'COPY':
    case 'RUN':
      return config;
  }
}
