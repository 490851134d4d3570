import type Dockerode from 'dockerode';
import type { Leftover } from './engine.ts';
import { LABEL, OWNER } from './engine.ts';

/** Everything in the engine that carries our owner label: containers first, as they hold the volumes and images. */
export async function leftoversOf(docker: Dockerode): Promise<Leftover[]> {
  const filters = JSON.stringify({ label: [`${LABEL.owner}=${OWNER}`] });
  const [containers, volumes, images] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listVolumes({ filters }),
    docker.listImages({ filters }),
  ]);
  return [
    ...containers.map(({ Id, Labels, Created }): Leftover => ({ kind: 'container', id: Id, labels: Labels ?? {}, createdSeconds: Created })),
    ...(volumes.Volumes ?? []).map((volume): Leftover => ({ kind: 'volume', id: volume.Name, labels: volume.Labels ?? {}, createdSeconds: secondsOf((volume as { CreatedAt?: string }).CreatedAt) })),
    ...images.map(({ Id, Labels, Created, Size }): Leftover => ({ kind: 'image', id: Id, labels: Labels ?? {}, createdSeconds: Created, sizeBytes: Size })),
  ];
}

function secondsOf(date: string | undefined): number {
  const milliseconds = Date.parse(date ?? '');
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}
