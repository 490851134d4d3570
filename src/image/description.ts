import { type Sha256, sha256 } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import type { ImageId } from '../docker/engine.ts';
import { packTar, type TarInput } from '../format/tar-write.ts';
import type { Blob } from './blob.ts';

/** An image as the formats of Docker and OCI describe it. Every byte follows from what it was made of, so its ids do, too. */
export type Description = {
  readonly name: string; // repository and tag, such as twinbuild/builder:0123456789ab
  readonly config: Uint8Array;
  readonly manifest: Uint8Array;
  readonly layers: readonly Blob[];
  readonly ids: readonly ImageId[]; // what engines call it: the digest of the configuration, or of the manifest where containerd keeps the images
};

// OCI's words for architectures are those of Go.
const GO: Readonly<Record<string, { readonly architecture: string; readonly variant?: string }>> = {
  armel: { architecture: 'arm', variant: 'v5' },
  armhf: { architecture: 'arm', variant: 'v7' },
  i386: { architecture: '386' },
  loong64: { architecture: 'loong64' },
  mips64el: { architecture: 'mips64le' },
  mipsel: { architecture: 'mipsle' },
  ppc64el: { architecture: 'ppc64le' },
};

export type DescriptionOptions = {
  readonly name: string;
  readonly architecture: string; // Debian's name
  readonly createdSeconds: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: readonly { readonly blob: Blob; readonly comment: string }[];
};

/** Describes an image. No environment: an engine would mix it into that of every container. */
export function describe(options: DescriptionOptions): Description {
  const created = new Date(options.createdSeconds * 1000).toISOString();
  const config = bytesOf({
    ...(GO[options.architecture] ?? { architecture: options.architecture }),
    os: 'linux',
    created,
    config: { Cmd: ['/bin/sh'], Labels: options.labels },
    rootfs: { type: 'layers', diff_ids: options.layers.map(({ blob }) => `sha256:${blob.digest}`) },
    history: options.layers.map(({ comment }) => ({ created, created_by: comment })),
  });
  const layers = options.layers.map(({ blob }) => blob);
  const manifest = bytesOf({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...measure(config) },
    layers: layers.map(({ digest, size }) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${digest}`, size })),
  });
  return { name: options.name, config, manifest, layers, ids: [`sha256:${sha256(config)}`, `sha256:${sha256(manifest)}`] };
}

/**
 * Images as one archive for `docker load`, in both forms at once: that of `docker save` (manifest.json) and the OCI layout
 * (index.json). Layers that the engine should have may be left out.
 */
export function archiveOf(images: readonly Description[], leftOut: ReadonlySet<Sha256>): AsyncGenerator<Uint8Array> {
  return packTar(members(images, leftOut));
}

function* members(images: readonly Description[], leftOut: ReadonlySet<Sha256>): Generator<TarInput> {
  const layers = new Map(images.flatMap((image) => image.layers.map((blob) => [blob.digest, blob])));
  yield { member: member('blobs/', 0) };
  yield { member: member('blobs/sha256/', 0) };
  for (const { digest, size, open } of layers.values()) {
    if (!leftOut.has(digest)) yield { member: member(blobPath(digest), size), body: open() };
  }
  for (const { config, manifest } of images) {
    yield* [config, manifest].map((bytes) => file(blobPath(sha256(bytes)), bytes));
  }
  yield file('oci-layout', bytesOf({ imageLayoutVersion: '1.0.0' }));
  yield file(
    'index.json',
    bytesOf({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: images.map(({ name, manifest }) => ({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        ...measure(manifest),
        annotations: { 'io.containerd.image.name': `docker.io/${name}`, 'org.opencontainers.image.ref.name': name.replace(/^.*:/, '') },
      })),
    }),
  );
  yield file(
    'manifest.json',
    bytesOf(
      images.map(({ name, config, layers: own }) => ({
        Config: blobPath(sha256(config)),
        RepoTags: [name],
        Layers: own.map(({ digest }) => blobPath(digest)),
      })),
    ),
  );
}

function bytesOf(value: unknown): Uint8Array {
  return Buffer.from(canonicalJson(value));
}

function measure(bytes: Uint8Array): { readonly digest: string; readonly size: number } {
  return { digest: `sha256:${sha256(bytes)}`, size: bytes.length };
}

function blobPath(digest: Sha256): string {
  return `blobs/sha256/${digest}`;
}

function file(name: string, body: Uint8Array): TarInput {
  return { member: member(name, body.length), body };
}

function member(name: string, size: number): TarInput['member'] {
  const directory = name.endsWith('/');
  return {
    name,
    type: directory ? 'directory' : 'file',
    mode: directory ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    uname: '',
    gname: '',
    mtimeSeconds: 0,
    size,
    link: '',
    devmajor: 0,
    devminor: 0,
    pax: {},
  };
}
