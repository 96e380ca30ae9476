/** What a person is told of the network's settings: what is used, and who said so. No login is in it. */
import type { Network } from '../network.js';
import type { Check } from '../request.js';
import type { PackageIndex } from './index-list.js';

export function networkChecks({ ca, caSources, proxies, proxySources, indexes, offline, front, notes }: Network): readonly Check[] {
  const ok = (name: string, text: string): Check => ({ name, state: 'ok', text });
  return [
    ...(ca === undefined ? [] : [ok('certificates', `${caSources.join(', ')}: the authorities reach builds and containers while they run`)]),
    ...Object.entries(proxySources).map(([name, source]) =>
      ok('proxy', `${withoutLogin(proxies[name] ?? '')} (${source === name ? name : `${name} of ${source}`})`),
    ),
    ...(offline ? [ok('index', `none is asked: wheels come from ${offline.join(' and ') || 'nowhere, as no folder is named'}`)] : indexChecks(indexes.list)),
    ...(front === undefined || offline ? [] : [ok('index', 'pip asks them through one of ours inside the container, which keeps pins and logins apart')]),
    ...notes.map((text): Check => ({ name: 'network', state: 'warning', text })),
  ];
}

function indexChecks(list: readonly PackageIndex[]): readonly Check[] {
  return list.map(({ name, url, source, loginSource, packages, isExplicit }) => {
    const said = source === 'pip' ? "pip's default" : source;
    const parts = [
      `${name === undefined ? '' : `${name}: `}${url} (${said})`,
      ...(loginSource === undefined ? [] : [`login from ${loginSource}`]),
      ...(packages.length === 0 ? [] : [`the only one for ${packages.join(', ')}`]),
      ...(isExplicit ? ['asked for nothing else'] : []),
    ];
    return { name: 'index', state: 'ok', text: parts.join(', ') };
  });
}

function withoutLogin(proxy: string): string {
  return proxy.replace(/^(\w+:\/\/)?[^/]*@/, '$1');
}
