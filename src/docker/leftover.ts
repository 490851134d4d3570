import type Dockerode from 'dockerode';
import type { ImageLayer, Leftover } from './engine.ts';
import { LABEL, OWNER } from './engine.ts';

/** What of these kinds in the engine carries our owner label: containers first, as they hold the volumes and images. */
export async function leftoversOf(docker: Dockerode, kinds: readonly Leftover['kind'][]): Promise<Leftover[]> {
  const filters = JSON.stringify({ label: [`${LABEL.owner}=${OWNER}`] });
  const [containers, volumes, images] = await Promise.all([
    kinds.includes('container') ? docker.listContainers({ all: true, filters }) : [],
    kinds.includes('volume') ? docker.listVolumes({ filters }) : { Volumes: [] },
    kinds.includes('image') ? docker.listImages({ filters }) : [],
  ]);
  return [
    ...containers.map(
      ({ Id, Labels, Created }): Leftover => ({ kind: 'container', id: Id, labels: Labels ?? {}, createdSeconds: Created }),
    ),
    ...(volumes.Volumes ?? []).map(
      (volume): Leftover => ({
        kind: 'volume',
        id: volume.Name,
        labels: volume.Labels ?? {},
        createdSeconds: secondsOf((volume as { CreatedAt?: string }).CreatedAt),
      }),
    ),
    ...(await Promise.all(images.map((image) => imageLeftover(docker, image)))),
  ];
}

/** An image says when it was made by its own words only; when it was last named is the engine's knowledge. */
async function imageLeftover(docker: Dockerode, { Id, Labels, Created, Size, RepoTags }: Dockerode.ImageInfo): Promise<Leftover> {
  const leftover = { kind: 'image', id: Id, labels: Labels ?? {}, createdSeconds: Created, sizeBytes: Size, tags: RepoTags ?? [] } as const;
  const inspected = await docker
    .getImage(Id)
    .inspect()
    .catch(() => undefined);
  const usedSeconds = secondsOf((inspected as { Metadata?: { LastTagTime?: string } } | undefined)?.Metadata?.LastTagTime);
  return usedSeconds > 0 ? { ...leftover, usedSeconds } : leftover;
}

function secondsOf(date: string | undefined): number {
  const milliseconds = Date.parse(date ?? '');
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

/** The layers of an image with their sizes: what its history says of each that is not empty, in the order of its digests. */
export async function layersOf(docker: Dockerode, id: string): Promise<ImageLayer[]> {
  const image = docker.getImage(id);
  const [about, history] = await Promise.all([
    image.inspect(),
    image.history() as Promise<{ readonly Size: number; readonly CreatedBy: string }[]>,
  ]);
  const digests = about.RootFS.Layers ?? [];
  const sizes = history.map(({ Size }) => Size).reverse(); // the newest comes first
  // An entry without a layer has no bytes; of ours each has one.
  const full = sizes.length === digests.length ? sizes : sizes.filter((size) => size > 0);
  return digests.map((digest, at) => ({ digest, sizeBytes: full[at] ?? 0 }));
}
