import type { Failure, Result } from '../base/result.ts';

/** The engine's image id: the digest of the image's configuration. */
export type ImageId = `sha256:${string}`;

/** Labels that everything we make in an engine carries; `clean` finds leftovers by them. */
export const LABEL = {
  owner: 'io.twinbuild.owner', // value: OWNER
  run: 'io.twinbuild.run', // one random id for each run of the command line
  process: 'io.twinbuild.process', // `<host id>/<pid>/<start time>` of the runner: whether it still lives decides whether a thing is a leftover
  kind: 'io.twinbuild.kind', // build, solve, configure …
} as const;
export const OWNER = 'twinbuild';

/** What a container is made of. Everything is stated: there is no default that could differ between engines. Network is always none. */
export type ContainerSpec = {
  readonly image: ImageId;
  readonly command: readonly string[]; // argv, no shell of ours in between
  readonly environment: Readonly<Record<string, string>>; // the whole environment, nothing is inherited
  readonly workingDirectory: string;
  readonly user: string; // `uid:gid`
  readonly hostname: string;
  readonly domainname: string;
  readonly hosts: readonly { readonly name: string; readonly address: string }[]; // additions to /etc/hosts
  readonly volumes: readonly { readonly volume: string; readonly path: string }[];
  readonly tmpfs: Readonly<Record<string, string>>; // path to mount options, such as `rw,exec,nosuid,nodev,size=1g,mode=1777`
  readonly readOnlyRoot: boolean;
  readonly capabilities: readonly string[]; // all others are dropped
  readonly devices?: readonly string[]; // paths of the engine's machine, granted by name
  readonly memoryBytes: number; // swap is the same: no swapping
  readonly shmBytes: number;
  readonly pids: number;
  readonly cpuset: string; // '' for all
  readonly init: boolean;
  readonly stdin?: 'pipe' | 'terminal'; // what a person talks to the command through; left out: it has no input. See interact
  readonly labels: Readonly<Record<string, string>>;
};

export type Exit = {
  readonly status: number; // 137 after a kill
  readonly outOfMemory: boolean;
  readonly timedOut: boolean;
  readonly stopped: 'no' | 'aborted' | 'watched'; // aborted: by the signal; watched: by `watch` returning a reason
};

/** What the container used so far, as the engine counts it. */
export type Usage = {
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
  readonly pids: number;
};

export type RunOptions = {
  readonly output: (stream: 'stdout' | 'stderr', piece: Uint8Array) => void;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly usage?: (usage: Usage) => void; // called about every second while it runs
};

/** A person, or what stands in for one, at the other end of a command. */
export type Interaction = {
  readonly input: NodeJS.ReadableStream;
  readonly output: (stream: 'stdout' | 'stderr', piece: Uint8Array) => void; // of a terminal everything is stdout
  readonly signal: AbortSignal;
  readonly size?: () => { readonly columns: number; readonly rows: number } | undefined; // of the terminal
  readonly onResize?: (listener: () => void) => () => void; // gives how to stop listening
};

/** One container. Removed (killed first if it runs) with its scope. */
export interface Container extends AsyncDisposable {
  readonly id: string;
  /** Unpacks a tar stream below an absolute path that exists. Send explicit entries for directories. */
  putArchive(path: string, tar: AsyncIterable<Uint8Array>): Promise<Result<void>>;
  /** Attaches, starts, waits. Returns when it has ended and all output has been given. */
  run(options: RunOptions): Promise<Result<Exit>>;
  /** The same as `run` with an input, for a container whose spec has `stdin`. No time limit. */
  interact(interaction: Interaction): Promise<Result<Exit>>;
  /** Starts without waiting, for a container that only keeps volumes mounted. */
  start(): Promise<Result<void>>;
  /** Runs another command in the started container. */
  exec(command: readonly string[], options: RunOptions & { readonly user: string }): Promise<Result<Exit>>;
  /** A tar stream of a path; a StreamFailure when it breaks off. */
  getArchive(path: string): Promise<Result<AsyncIterable<Uint8Array>>>;
  /** Absolute paths that differ from the image. */
  changes(): Promise<Result<readonly { readonly path: string; readonly kind: 'modified' | 'added' | 'deleted' }[]>>;
}

export type EngineInfo = {
  readonly endpoint: string; // as shown to people
  readonly version: string;
  readonly apiVersion: string;
  readonly operatingSystem: string;
  readonly architecture: string; // Debian's name: amd64, arm64 …
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly storageDriver: string;
  readonly dataRoot: string | undefined; // the folder of its images and volumes, on its own machine
  readonly cgroupVersion: string;
  readonly rootless: boolean;
  readonly securityOptions: readonly string[];
  readonly runtimeVersion: string;
};

export type Leftover = {
  readonly kind: 'container' | 'volume' | 'image';
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdSeconds: number;
  readonly sizeBytes?: number;
  readonly usedSeconds?: number;
  readonly tags?: readonly string[];
}; // usedSeconds: when an image was last loaded or named; tags: its names

/** A layer of an image, which others may share. */
export type ImageLayer = { readonly digest: string; readonly sizeBytes: number };

/** The narrow face of a Docker engine. The only implementation is dockerode.ts. */
export interface Engine {
  readonly endpoint: string;
  /** Asked for once: the engine runs several programs to answer. */
  info(): Promise<Result<EngineInfo>>;
  hasImage(id: ImageId): Promise<Result<boolean>>;
  /** `docker load`. The archive may leave out layers that the engine has. */
  loadImage(tar: AsyncIterable<Uint8Array>): Promise<Result<void>>;
  tagImage(id: ImageId, repository: string, tag: string): Promise<Result<void>>;
  removeImage(id: string): Promise<Result<void>>;
  /** The layers of an image, lowest first; none when there is no such image any more. */
  imageLayers(id: string): Promise<Result<readonly ImageLayer[]>>;
  createVolume(options: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly tmpfsBytes?: number;
  }): Promise<Result<void>>;
  removeVolume(name: string): Promise<Result<void>>;
  createContainer(spec: ContainerSpec): Promise<Result<Container>>;
  /** Everything with our owner label, or what of it is of these kinds: each image is asked about by itself, which takes long where there are many. */
  leftovers(kinds?: readonly Leftover['kind'][]): Promise<Result<readonly Leftover[]>>;
  removeContainer(id: string): Promise<Result<void>>;
}

/** The failure for anything that the engine did not do for a reason of its own. */
export function engineFailure(doing: string, cause: unknown): Failure {
  const words = cause instanceof Error ? cause.message : String(cause);
  return {
    kind: 'infrastructure',
    reason: 'engine',
    message: `The engine failed while ${doing}: ${words.trim()}`,
    next: 'Run `twinbuild doctor` to see how the engine is.',
    cause,
  };
}
