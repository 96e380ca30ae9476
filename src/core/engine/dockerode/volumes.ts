/** Named volumes. */
import type { VolumeSummary } from '../engine.js';
import { object, objects, text, textMap } from '../json.js';
import type { Labels } from '../labels.js';
import { isMissing } from '../problems.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { carrying, labelFilter } from './filters.js';
import type { LabelFilter } from './filters.js';

/** Creating one that is there changes nothing and is no error. */
export async function ensureVolume(api: EngineApi, volume: string, labels: Labels): Promise<void> {
  await api.send({ method: 'POST', path: '/volumes/create', body: { Name: volume, Labels: labels }, what: `create the volume ${volume}` });
}

export async function findVolumes(api: EngineApi, labels: LabelFilter, signal?: AbortSignal): Promise<readonly VolumeSummary[]> {
  const answer = await api.json({ method: 'GET', path: '/volumes', query: { filters: labelFilter(api.dialect, labels) }, what: 'list its volumes', signal });
  const found = objects(object(answer)['Volumes']).map((item) => ({ name: text(item['Name']), labels: textMap(item['Labels']) }));
  return carrying(found, labels);
}

export async function removeVolume(api: EngineApi, volume: string): Promise<void> {
  try {
    await api.send({ method: 'DELETE', path: `/volumes/${name(volume)}`, what: `remove the volume ${volume}` });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
