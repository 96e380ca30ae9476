/** Networks. */
import type { NetworkSummary } from '../engine.js';
import { objects, text, textMap } from '../json.js';
import type { EngineApi } from './api.js';
import { carrying, labelFilter } from './filters.js';
import type { LabelFilter } from './filters.js';

export async function findNetworks(api: EngineApi, labels: LabelFilter, signal?: AbortSignal): Promise<readonly NetworkSummary[]> {
  const answer = await api.json({ method: 'GET', path: '/networks', query: { filters: labelFilter(api.dialect, labels) }, what: 'list its networks', signal });
  const found = objects(answer).map((item) => ({ id: text(item['Id']), name: text(item['Name']), labels: textMap(item['Labels']) }));
  return carrying(found, labels);
}
