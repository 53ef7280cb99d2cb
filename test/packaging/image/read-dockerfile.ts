import {
  Arg,
  Cmd,
  Copy,
  DockerfileParser,
  Entrypoint,
  Env,
  From,
  Healthcheck,
  type Instruction,
  Label,
  type Property,
} from 'dockerfile-ast';

/** One instruction of a Dockerfile, as far as ours has it. */
export type Step =
  | { readonly kind: 'RUN'; readonly script: string }
  | {
      readonly kind: 'COPY';
      /** A stage; undefined for the build context. */
      readonly from: string | undefined;
      /** As `chown` takes it. */
      readonly owner: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly kind: 'ENV' | 'ARG' | 'LABEL'; readonly pairs: Readonly<Record<string, string>> }
  | { readonly kind: 'WORKDIR' | 'USER' | 'STOPSIGNAL'; readonly value: string }
  | { readonly kind: 'CMD' | 'ENTRYPOINT'; readonly command: readonly string[] }
  | {
      readonly kind: 'HEALTHCHECK';
      readonly command: readonly string[];
      readonly flags: Readonly<Record<string, string>>;
    };

export interface Stage {
  /** Empty where it has none. */
  readonly name: string;
  /** An image, another stage, or `scratch`. */
  readonly from: string;
  readonly steps: readonly Step[];
}

/** Reads a Dockerfile. @throws {Error} at an instruction, or a form of one, that is not known here */
export function readDockerfile(text: string): Stage[] {
  const stages: { name: string; from: string; steps: Step[] }[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction instanceof From) {
      stages.push({ name: instruction.getBuildStage() ?? '', from: instruction.getImage() ?? '', steps: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${instruction.getKeyword()} before the first FROM`);
    stage.steps.push(toStep(instruction));
  }
  return stages;
}

function toStep(instruction: Instruction): Step {
  const kind = instruction.getKeyword();
  const text = instruction.getArgumentsContent() ?? '';
  if (instruction instanceof Copy) return toCopy(instruction);
  if (instruction instanceof Env || instruction instanceof Label)
    return {
      kind: instruction instanceof Env ? 'ENV' : 'LABEL',
      pairs: toPairs(instruction.getProperties()),
    };
  if (instruction instanceof Arg) {
    const property = instruction.getProperty();
    return { kind: 'ARG', pairs: toPairs(property === null ? [] : [property]) };
  }
  if (instruction instanceof Healthcheck) {
    const flags = instruction.getFlags().map((flag) => [flag.getName(), flag.getValue() ?? '']);
    const command = toCommand(text.slice(text.indexOf('[')));
    return {
      kind: 'HEALTHCHECK',
      command,
      flags: Object.fromEntries(flags) as Readonly<Record<string, string>>,
    };
  }
  if (instruction instanceof Cmd) return { kind: 'CMD', command: toCommand(text) };
  if (instruction instanceof Entrypoint) return { kind: 'ENTRYPOINT', command: toCommand(text) };
  if (kind === 'RUN') return { kind, script: text };
  if (kind === 'WORKDIR' || kind === 'USER' || kind === 'STOPSIGNAL') return { kind, value: text };
  throw new Error(`${kind} is not known here`);
}

function toCopy(instruction: Copy): Step {
  const flags = new Map(instruction.getFlags().map((flag) => [flag.getName(), flag.getValue() ?? '']));
  const unknown = [...flags.keys()].filter((name) => name !== 'from' && name !== 'chown');
  if (unknown.length > 0) throw new Error(`COPY --${unknown.join(', --')} is not known here`);
  const paths = (instruction.getArgumentsContent() ?? '').split(/\s+/);
  return {
    kind: 'COPY',
    from: flags.get('from'),
    owner: flags.get('chown'),
    sources: paths.slice(0, -1),
    target: paths.at(-1) ?? '',
  };
}

/** The exec form; the shell form would need a shell in the image. @throws {Error} for another form */
function toCommand(text: string): string[] {
  const command: unknown = JSON.parse(text);
  if (!Array.isArray(command)) throw new Error(`not in exec form: ${text}`);
  return command.map(String);
}

function toPairs(properties: readonly Property[]): Readonly<Record<string, string>> {
  return Object.fromEntries(properties.map((property) => [property.getName(), property.getValue() ?? '']));
}
