import { expect, test } from 'vitest';
import { type HelmEvent, helmProgress } from './helm-event.ts';

const release = 'kata/kata-deploy';

test.each<[HelmEvent, string]>([
  [
    { kind: 'helm.awaited', release, revision: 5, status: 'pending-upgrade', waitMs: 60_000 },
    'Helm release kata/kata-deploy: revision 5 is pending-upgrade; waiting up to 60 s in case another Helm is changing it …',
  ],
  [
    {
      kind: 'helm.recovered',
      ...{ release, revision: 6, to: 4 },
      interrupted: { revision: 5, status: 'pending-upgrade' },
    },
    'Helm release kata/kata-deploy: revision 5 (pending-upgrade) was interrupted; revision 6 is revision 4 again',
  ],
  [
    { kind: 'helm.unchanged', release, revision: 4, version: '3.25.0' },
    'Helm release kata/kata-deploy: revision 4 already is chart 3.25.0 with these values; nothing to do',
  ],
  [
    {
      kind: 'helm.upgraded',
      ...{
        release,
        revision: 5,
        from: { revision: 4, version: '3.24.0' },
        version: '3.25.0',
        changedValues: [],
      },
    },
    'Helm release kata/kata-deploy: upgraded from chart 3.24.0 (revision 4) to 3.25.0 (revision 5); your values are unchanged',
  ],
  [
    {
      kind: 'helm.upgraded',
      ...{ release, revision: 5, from: { revision: 4, version: '3.24.0' }, version: '3.25.0' },
      changedValues: ['debug', 'image.tag'],
    },
    'Helm release kata/kata-deploy: upgraded from chart 3.24.0 (revision 4) to 3.25.0 (revision 5); changed values: debug, image.tag',
  ],
  [
    { kind: 'helm.rolled-back', release, revision: 6, to: 4, version: '3.24.0' },
    'Helm release kata/kata-deploy: rolled back to revision 4 (chart 3.24.0), as revision 6',
  ],
  [
    { kind: 'helm.restored', release, revision: 6, to: 4, version: '3.24.0' },
    'Helm release kata/kata-deploy: restored chart 3.24.0 and the values of revision 4, as revision 6',
  ],
])('$0.kind', (event, message) => {
  expect(helmProgress(event)).toEqual({ kind: 'note', message });
});
